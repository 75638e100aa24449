/**
 * Making connections.
 *
 * @module
 */

import { hex32 } from "../bytes.ts";
import {
  SCARD_PROTOCOL_DEFAULT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_Tx,
} from "../smclib/mod.ts";
import { raceAbort, withSignals } from "./abort.ts";
import { noSmartcard, openCard } from "./card_access.ts";
import { Connection } from "./connection.ts";
import { SCARD_LEAVE_CARD } from "./constants.ts";
import type { ResourceContext } from "./context.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { countResets } from "./metrics_counters.ts";
import { describeHolder, describeTransaction } from "./metrics_holder.ts";
import type { Reader } from "./reader.ts";
import { type ShareMode, sharingVerdict } from "./sharing.ts";

/** Options of `ResourceContext.connect`. */
export interface ConnectOptions {
  /** Default shared. */
  shareMode?: ShareMode;
  /** SCARD_PROTOCOL_* bits that are welcome; default T=0 and T=1, nothing for a direct connection. */
  protocols?: number;
  /** Calls the connect off, also while it waits for a transaction to end. */
  signal?: AbortSignal;
}

const KNOWN_PROTOCOLS =
  (SCARD_PROTOCOL_Tx | SCARD_PROTOCOL_RAW | SCARD_PROTOCOL_DEFAULT) >>> 0;

/** Connects `context` to `reader`; the end of the context calls it off. */
export async function openConnection(
  context: ResourceContext,
  reader: Reader,
  options: ConnectOptions,
  nextId: () => number,
): Promise<Connection> {
  const released = new AbortController();
  const forget = context.onReleased(() => {
    const { closed } = context.manager;
    released.abort(
      new ResourceManagerError(
        closed ? "SCARD_E_SERVICE_STOPPED" : "SCARD_E_CANCELLED",
        `Cannot connect to "${reader.name}": the ${
          closed ? "resource manager was closed" : "context was released"
        } meanwhile, expected an open one`,
      ),
    );
  });
  reader.idlePowerOff.hold();
  try {
    return await withSignals(
      [options.signal, released.signal],
      (signal) => open(context, reader, { ...options, signal }, nextId),
    );
  } finally {
    reader.idlePowerOff.letGo();
    forget();
  }
}

async function open(
  context: ResourceContext,
  reader: Reader,
  options: ConnectOptions & { signal: AbortSignal },
  nextId: () => number,
): Promise<Connection> {
  const { shareMode = "shared", signal } = options;
  const protocols = options.protocols ??
    (shareMode === "direct" ? 0 : SCARD_PROTOCOL_Tx);
  const attempt = `connect to "${reader.name}"`;
  assertProtocols(reader, shareMode, protocols, attempt);
  signal.throwIfAborted();
  const card = {
    attempt,
    shareMode,
    protocols,
    initialization: SCARD_LEAVE_CARD,
  };
  const join = async (): Promise<Connection> => {
    reader.assertUsable(attempt);
    context.assertOpen(attempt);
    reader.notice();
    if (mustWait(reader, shareMode, attempt)) {
      return await reader.lock.whenFree(context, join, signal);
    }
    if (shareMode !== "direct" && !reader.slot.present) {
      throw noSmartcard(attempt);
    }
    const connection = new Connection(nextId(), context, reader, shareMode);
    // Joined at once, so that nobody else gets in while the card is powered.
    connection.join();
    try {
      await reader.io.run(async () => {
        const mayReset = reader.connections.size === 1;
        const opened = await countResets(
          reader,
          "connect",
          () => openCard(reader, { ...card, mayReset }),
        );
        connection.bind(opened.protocol, opened.grip);
        assertKept(connection, attempt);
      }, signal);
      reader.assertUsable(attempt);
      context.assertOpen(attempt);
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.sinceMs = reader.timers.now();
    connection.open();
    context.connections.add(connection);
    reader.publish();
    return connection;
  };
  const start = async () => {
    const { name } = reader;
    const asked = context.gate?.connect(name, shareMode, protocols, signal);
    if (asked instanceof Promise) {
      await asked;
      signal.throwIfAborted();
    }
    if (!reader.available && !reader.removed) await reader.start();
    return await join();
  };
  const joining = start();
  try {
    return await raceAbort(joining, signal);
  } catch (error) {
    // Called off too late to stop it: nobody will use the connection.
    joining.then((connection) => connection.close(), () => {});
    throw error;
  }
}

/**
 * The card that was opened is still in.
 *
 * @throws {ResourceManagerError} SCARD_E_NO_SMARTCARD when it went before anybody could use the connection.
 */
export function assertKept(connection: Handle, attempt: string): void {
  if (connection.problem !== "card-removed") return;
  throw noSmartcard(attempt, "the card was removed meanwhile");
}

/**
 * The share mode goes together with those of the others.
 *
 * @throws {ResourceManagerError} SCARD_E_SHARING_VIOLATION when others do not tolerate `shareMode`.
 */
export function assertMayJoin(
  reader: Reader,
  shareMode: ShareMode,
  attempt: string,
  self: Handle,
): void {
  const { sharing } = reader.profile;
  const modes = reader.modes.modes(self.shareMode);
  if (sharingVerdict(sharing, modes, false, shareMode) === "violation") {
    throw sharingViolation(reader, shareMode, attempt, self);
  }
}

function mustWait(
  reader: Reader,
  shareMode: ShareMode,
  attempt: string,
): boolean {
  const verdict = sharingVerdict(
    reader.profile.sharing,
    reader.modes.modes(),
    reader.lock.owner !== null,
    shareMode,
  );
  if (verdict === "violation") {
    throw sharingViolation(reader, shareMode, attempt);
  }
  return verdict === "wait";
}

function sharingViolation(
  { connections, lock }: Reader,
  shareMode: ShareMode,
  attempt: string,
  self: Handle | null = null,
): ResourceManagerError {
  const others = [...connections].filter((other) => other !== self);
  const owner = self === null ? lock.owner : null;
  const sole = others.find((other) => other.shareMode !== "shared");
  let found = `${others.length} connection(s) exist`;
  if (sole !== undefined) {
    found = describeHolder(sole);
  } else if (owner !== null) {
    found = describeTransaction(owner);
  }
  return new ResourceManagerError(
    "SCARD_E_SHARING_VIOLATION",
    `Cannot ${attempt}: ${found}, expected a reader free for ${shareMode} use`,
  );
}

/**
 * Mode and protocols are ones that exist.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE for unknown modes and protocol bits; the profile's code for none.
 */
export function assertProtocols(
  { profile }: Reader,
  shareMode: ShareMode,
  protocols: number,
  attempt: string,
): void {
  if (
    shareMode !== "shared" && shareMode !== "exclusive" &&
    shareMode !== "direct"
  ) {
    throw new ResourceManagerError(
      "SCARD_E_INVALID_VALUE",
      `Cannot ${attempt}: share mode ${
        JSON.stringify(shareMode)
      }, expected "shared", "exclusive" or "direct"`,
    );
  }
  const unknown = (protocols & ~KNOWN_PROTOCOLS) !== 0;
  const none = (protocols & ~SCARD_PROTOCOL_DEFAULT) === 0;
  if (unknown || (none && shareMode !== "direct")) {
    throw new ResourceManagerError(
      unknown ? "SCARD_E_INVALID_VALUE" : profile.noProtocol,
      `Cannot ${attempt}: protocols ${
        hex32(protocols)
      }, expected SCARD_PROTOCOL_* bits`,
    );
  }
}
