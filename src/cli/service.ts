/**
 * The resource manager that a verb works with: one of its own, or one behind a socket.
 *
 * @module
 */

import {
  type ContextBackend,
  PCSC_LITE_PROFILE,
  ResourceManager,
  type ResourceManagerBackend,
} from "../resource_manager/mod.ts";
import { Tracer } from "../tracing/mod.ts";
import { CliError } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { OptionRow, Options } from "./options.ts";
import { OwnReaders, planReaders, READER_OPTIONS } from "./own_readers.ts";
import { chooseSocket } from "./socket_path.ts";

/** Options of every verb that needs a resource manager. */
export const SERVICE_OPTIONS: readonly OptionRow[] = [
  {
    name: "socket",
    kind: "value",
    value: "PATH",
    words: "a service: this package's daemon, or pcscd; by default\n" +
      "$PCSCLITE_CSOCK_NAME, else the daemon's, else pcscd's",
    completes: "file",
  },
  ...READER_OPTIONS,
];

/** Longest wait for what a service answers by itself, in milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/** A resource manager, and a context in it. */
export interface Service extends AsyncDisposable {
  /** The resource manager. */
  readonly manager: ResourceManagerBackend;
  /** The same, when it is one of this process. */
  readonly own: ResourceManager | null;
  /** A context. */
  readonly context: ContextBackend;
  /** Path of the socket, or null. */
  readonly socket: string | null;
}

/** Whether the options ask for readers of this process. */
export function wantsOwnReaders(options: Options): boolean {
  return options.has("system") ||
    ["virtual", "vpcd", "serial"].some((name) => options.list(name).length > 0);
}

/**
 * The resource manager that the options name.
 *
 * @param tracer hears of what happens at readers of this process
 * @throws {CliError | ResourceManagerError} when there is none
 */
export async function openService(
  options: Options,
  io: Io,
  tracer: Tracer = new Tracer(),
): Promise<Service> {
  const socket = options.value("socket");
  if (!wantsOwnReaders(options)) {
    return await openSocket((await chooseSocket(socket, io)).path, io);
  }
  if (socket !== undefined) {
    throw new CliError(
      "usage",
      "Cannot choose a resource manager: --socket beside readers found, expected one of them",
    );
  }
  return await openOwn(options, tracer);
}

/**
 * The resource manager behind a socket.
 *
 * @throws {ResourceManagerError} SCARD_E_NO_SERVICE and so on, as `PcscLiteClient.connect`
 */
export async function openSocket(path: string, io: Io): Promise<Service> {
  const { PcscLiteClient } = await import("../pcsclite/client/mod.ts");
  const { signal } = io;
  const manager = await PcscLiteClient.connect({
    socketPath: path,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    signal,
  });
  try {
    return {
      manager,
      own: null,
      context: await manager.establishContext({ name: "scard", signal }),
      socket: path,
      [Symbol.asyncDispose]: () => manager.close(),
    };
  } catch (error) {
    await manager.close();
    throw error;
  }
}

/** A resource manager with readers of its own. */
async function openOwn(options: Options, tracer: Tracer): Promise<Service> {
  const plan = await planReaders(options);
  const manager = new ResourceManager({ profile: PCSC_LITE_PROFILE });
  const readers = await OwnReaders.open(manager, plan, tracer);
  const context = manager.establishContext({ name: "scard" });
  return {
    manager,
    own: manager,
    context,
    socket: null,
    async [Symbol.asyncDispose]() {
      await manager.close();
      await readers[Symbol.asyncDispose]();
    },
  };
}
