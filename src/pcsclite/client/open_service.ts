/**
 * Reaching the service: socket, protocol version, context.
 *
 * @module
 */

import {
  type ResourceManagerError,
  SCARD_CODES,
} from "../../resource_manager/mod.ts";
import {
  COMMANDS,
  type Dialect,
  dialectOf,
  DIALECTS,
  encodeRequest,
  ESTABLISH,
  PROTOCOL_MAJOR,
  VERSION,
  type VersionMessage,
} from "../wire/mod.ts";
import { abortable } from "./abort.ts";
import { failure, garbled, refusedWith } from "./errors.ts";
import type { ServiceAccess } from "./options.ts";
import { ServiceSocket } from "./service_socket.ts";

/** A context of the service, and the socket that it lives by. */
export interface ServiceContext {
  /** The socket. */
  readonly socket: ServiceSocket;
  /** The version that was agreed on. */
  readonly dialect: Dialect;
  /** Number of the context. */
  readonly hContext: number;
}

/** SCARD_SCOPE_SYSTEM. */
const SCOPE_SYSTEM = 2;
const SPOKEN = DIALECTS.map(({ minor }) => `4:${minor}`).join(", ");

/**
 * Opens a socket, agrees on a version and establishes a context.
 *
 * @param minor what the service is known to speak, or is proposed to speak; where it refuses,
 * what it names instead is tried on a new socket
 * @throws {ResourceManagerError} SCARD_E_NO_SERVICE when nobody listens, SCARD_E_SERVICE_STOPPED
 * when the service speaks nothing that is spoken here
 */
export async function openContext(
  access: ServiceAccess,
  minor: number,
  signal?: AbortSignal,
): Promise<ServiceContext> {
  const tried = new Set<number>();
  let dialect = dialectOf(PROTOCOL_MAJOR, minor);
  let found = "";
  while (dialect !== null && !tried.has(dialect.minor)) {
    tried.add(dialect.minor);
    const socket = await openSocket(access, signal);
    const onAbort = () => socket.end(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const answer = await agree(socket, access, dialect);
      if (answer.rv === SCARD_CODES.SCARD_S_SUCCESS) {
        return { socket, dialect, hContext: await establish(socket, access) };
      }
      found = `${answer.major}:${answer.minor}`;
      socket.end(unspoken(found));
      dialect = dialectOf(answer.major, answer.minor);
    } catch (error) {
      socket.end(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
  throw unspoken(found);
}

function unspoken(found: string): ResourceManagerError {
  return failure(
    "SCARD_E_SERVICE_STOPPED",
    "agree on a protocol version",
    `the service proposes ${found}`,
    `one of ${SPOKEN}`,
  );
}

async function agree(
  socket: ServiceSocket,
  { answerTimeoutMs }: ServiceAccess,
  { minor }: Dialect,
): Promise<VersionMessage> {
  const body = VERSION.encode({ major: PROTOCOL_MAJOR, minor });
  const request = encodeRequest(COMMANDS.VERSION, body);
  const bytes = await socket.exchange(request, VERSION, answerTimeoutMs);
  const answer = VERSION.decode(bytes);
  const { major, rv } = answer;
  if (rv === SCARD_CODES.SCARD_S_SUCCESS) {
    // Newer services agree and tell their own minor version (pcsc-lite 2.4.1 and later).
    if (major === PROTOCOL_MAJOR) return answer;
    throw garbled(`protocol version ${major}:${answer.minor}`, SPOKEN);
  }
  if (rv === SCARD_CODES.SCARD_E_SERVICE_STOPPED) return answer;
  throw refusedWith(rv, "agree on a protocol version");
}

async function establish(
  socket: ServiceSocket,
  { answerTimeoutMs }: ServiceAccess,
): Promise<number> {
  const body = ESTABLISH.encode({ dwScope: SCOPE_SYSTEM });
  const request = encodeRequest(COMMANDS.ESTABLISH_CONTEXT, body);
  const bytes = await socket.exchange(request, ESTABLISH, answerTimeoutMs);
  const { hContext, rv } = ESTABLISH.decode(bytes);
  if (rv !== SCARD_CODES.SCARD_S_SUCCESS) {
    throw refusedWith(rv, "establish a context");
  }
  return hContext;
}

/**
 * A socket to the service.
 *
 * @throws {ResourceManagerError} SCARD_E_NO_SERVICE when nobody listens or accepts in time
 */
export async function openSocket(
  { socketPath, answerTimeoutMs, timers }: ServiceAccess,
  signal?: AbortSignal,
): Promise<ServiceSocket> {
  signal?.throwIfAborted();
  const off = new AbortController();
  const onAbort = () => off.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timers.set(
    () => off.abort(noService(socketPath, `no door for ${answerTimeoutMs} ms`)),
    answerTimeoutMs,
  );
  try {
    const connection = await abortable(
      Deno.connect({ transport: "unix", path: socketPath }),
      off.signal,
      (late) => late.close(),
    );
    return new ServiceSocket(connection, timers);
  } catch (error) {
    if (error === off.signal.reason || isRefusedPermission(error)) throw error;
    throw noService(socketPath, String(error), error);
  } finally {
    timers.clear(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Not the service's fault: the program may not open the socket. */
function isRefusedPermission(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable;
}

function noService(
  path: string,
  found: string,
  cause?: unknown,
): ResourceManagerError {
  return failure(
    "SCARD_E_NO_SERVICE",
    `reach the PC/SC service at ${path}`,
    found,
    "one that listens",
    cause,
  );
}
