/**
 * Reconnecting and disconnecting.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { raceAbort } from "./abort.ts";
import { applyDisposition, openCard } from "./card_access.ts";
import { assertKept, assertMayJoin, assertProtocols } from "./connect.ts";
import type { ReconnectOptions } from "./connection.ts";
import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_UNPOWER_CARD,
} from "./constants.ts";
import type { Handle } from "./handle.ts";
import { handleError } from "./handle_problem.ts";
import { countResets, type ResetCause } from "./metrics_counters.ts";
import { assertDisposition, release } from "./transactions.ts";

/** See `Connection.reconnect`. */
export async function reconnect(
  connection: Handle,
  options: ReconnectOptions,
): Promise<number> {
  const { reader } = connection;
  const { shareMode, protocols, signal } = options;
  const initialization = options.initialization ?? SCARD_LEAVE_CARD;
  const attempt = `reconnect to "${reader.name}"`;
  assertDisposition(initialization, SCARD_UNPOWER_CARD, attempt);
  assertProtocols(reader, shareMode, protocols, attempt);
  const card = { attempt, shareMode, protocols, initialization };
  const assertUsable = () => connection.assertUsable("reconnect to", false);
  assertUsable();
  const { lock, io, profile } = reader;
  const regrip = async (owned: boolean) => {
    assertUsable();
    assertMayJoin(reader, shareMode, attempt, connection);
    const before = connection.shareMode;
    // While it is open how this ends, the connection counts as what tolerates less.
    const strict = profile.sharing[before].shared === "violation";
    if (!strict) connection.shareMode = shareMode;
    if (owned && !profile.reconnectKeepsTransaction) release(connection, true);
    try {
      const opened = await countResets(
        reader,
        "reconnect",
        () => openCard(reader, { ...card, mayReset: false }),
      );
      if (before !== shareMode) connection.sinceMs = reader.timers.now();
      connection.shareMode = shareMode;
      connection.bind(opened.protocol, opened.grip);
      assertKept(connection, attempt);
      return opened.protocol;
    } catch (error) {
      connection.shareMode = before;
      throw error;
    } finally {
      reader.publish();
    }
  };
  const result = lock.whenFree(
    connection,
    () => {
      // A transaction that begins while this waits for the reader is not one to end.
      const owned = lock.owner === connection;
      return io.run(() => regrip(owned), signal, connection.ending);
    },
    signal,
  );
  return await (result instanceof Promise && signal !== undefined
    ? raceAbort(result, signal)
    : result);
}

/**
 * See `Connection.disconnect`.
 *
 * @param cause what a reset is counted as
 */
export function disconnect(
  connection: Handle,
  disposition: number,
  signal?: AbortSignal,
  cause: ResetCause = "disposition",
): MaybePromise<void> {
  const { reader, problem } = connection;
  const attempt = `disconnect from "${reader.name}"`;
  assertDisposition(disposition, SCARD_EJECT_CARD, attempt);
  if (problem === "closed") throw handleError(problem, attempt);
  const cardless = problem === "card-removed" ||
    problem === "reader-unavailable";
  if (disposition === SCARD_LEAVE_CARD || cardless) return connection.close();
  const ending = disposeAndClose(connection, disposition, cause, signal);
  return signal === undefined ? ending : raceAbort(ending, signal);
}

async function disposeAndClose(
  connection: Handle,
  disposition: number,
  cause: ResetCause,
  signal?: AbortSignal,
): Promise<void> {
  const { reader } = connection;
  const { lock, slot } = reader;
  const { session } = slot;
  const keep = connection.startClosing();
  // In line under a name of its own: what the connection waits for otherwise may be given up.
  const holder = lock.owner === connection ? connection : {};
  const dispose = () => {
    reader.notice();
    // The card was exchanged meanwhile: the new one is left alone.
    return session === slot.session
      ? countResets(
        reader,
        cause,
        () => applyDisposition(reader, disposition),
      )
      : 0;
  };
  try {
    await chain(
      lock.whenFree(holder, () => reader.io.run(dispose, signal), signal),
      () => connection.close(),
    );
  } catch (error) {
    keep();
    // Its context has ended meanwhile, and left the connection to this call: it goes on.
    if (connection.context.released) {
      if (signal === undefined) connection.close();
      else await disposeAndClose(connection, disposition, cause);
    }
    throw error;
  }
}
