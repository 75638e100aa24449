/**
 * Begin and end of transactions.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { ntSuccess, STATUS_NO_MEDIA } from "../smclib/mod.ts";
import { whenFreeInTime } from "./begin_wait.ts";
import { applyDisposition, resetCard } from "./card_access.ts";
import type { Handle } from "./handle.ts";
import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_RESET_CARD,
} from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import { countResets } from "./metrics_counters.ts";
import { deviceError } from "./nt_status.ts";

/** Takes the reader's lock, in turn. */
export function beginTransaction(
  connection: Handle,
  signal?: AbortSignal,
): MaybePromise<void> {
  const attempt = "begin a transaction on";
  const { lock, io, idleRule, timers, counters } = connection.reader;
  const assertUsable = () => connection.assertUsable(attempt);
  assertUsable();
  const atOnce = lock.isFreeFor(connection);
  const askedMs = atOnce ? 0 : timers.now();
  return whenFreeInTime(connection, attempt, () => {
    // The card may be another one, or reset, by the time it is our turn.
    assertUsable();
    lock.take(connection);
    if (lock.depth === 1) {
      idleRule.start();
      connection.transactionSinceMs = timers.now();
    } else idleRule.touch();
    counters.transactionWaits.observe(atOnce ? 0 : timers.now() - askedMs);
    const giveUp = (error: unknown): never => {
      release(connection);
      throw error;
    };
    try {
      // What others sent before is still on its way: begun is begun when it has ended.
      const begun = io.run(
        () => {
          assertUsable();
          if (lock.owner !== connection) {
            throw notTransacted(connection, attempt);
          }
          // Waiting for the reader is no rest of the transaction.
          idleRule.touch();
        },
        signal,
        connection.ending,
      );
      return begun instanceof Promise ? begun.catch(giveUp) : begun;
    } catch (error) {
      return giveUp(error);
    }
  }, signal);
}

/** Disposes of the card, then lets the next in line go on. */
export function endTransaction(
  connection: Handle,
  disposition: number,
): MaybePromise<void> {
  const attempt = "end a transaction on";
  const { reader } = connection;
  assertDisposition(disposition, SCARD_EJECT_CARD, `${attempt} a card`);
  // Looked at first: a card event that nobody has noticed yet frees the lock.
  const { problem } = connection;
  // Ends that wait for their turn at the reader count as if they had been.
  const owner = reader.lock.owner === connection &&
    reader.lock.depth > reader.lock.endings;
  if (problem !== null) {
    release(connection, true);
    connection.assertUsable(attempt);
  }
  if (!owner) {
    throw notTransacted(connection, attempt);
  }
  if (disposition === SCARD_LEAVE_CARD) return release(connection);
  const disposed = reader.lock.dispose();
  const disposing = reader.io.run(() =>
    // The card may have been exchanged meanwhile: the new one is left alone.
    isLost(connection) ? STATUS_NO_MEDIA : countResets(
      reader,
      "disposition",
      () => dispose(connection, disposition),
    )
  );
  return chain(disposing, (status) => {
    const owned = disposed();
    const lost = isLost(connection);
    if (owned) release(connection);
    // The card was used: a transaction around this one rests from now on.
    if (reader.lock.owner === connection) reader.idleRule.touch();
    reader.publish();
    if (ntSuccess(status)) return;
    if (lost) connection.assertUsable(attempt);
    throw deviceError(
      status,
      "power",
      `${attempt} "${reader.name}"`,
      reader.io.failure,
    );
  });
}

/** Whether the card that the connection was bound to is gone, or may be. */
function isLost({ problem }: Handle): boolean {
  return problem === "card-removed" || problem === "reader-unavailable";
}

async function dispose(
  connection: Handle,
  disposition: number,
): Promise<number> {
  const { reader, activeProtocol } = connection;
  const { profile, slot } = reader;
  if (disposition !== SCARD_RESET_CARD || profile.endResetMarksOwn) {
    return await applyDisposition(reader, disposition);
  }
  if (!slot.present) return STATUS_NO_MEDIA;
  const { status, grip } = await resetCard(reader);
  if (!ntSuccess(status)) return status;
  // Who reset the card knows it, and may go on with the protocol it had.
  if (activeProtocol === 0) {
    connection.bind(0, grip);
    return status;
  }
  const negotiated = await slot.setProtocol(
    activeProtocol,
    undefined,
    grip.session,
  );
  if (
    ntSuccess(negotiated.status) && negotiated.protocol === activeProtocol
  ) connection.bind(activeProtocol, negotiated.grip);
  return status;
}

/** Ends the last transaction of the connection, or all of them, without touching the card. */
export function release(connection: Handle, all = false): void {
  const { lock, idleRule } = connection.reader;
  if (lock.owner !== connection) return;
  if (all || lock.depth === 1) idleRule.stop();
  lock.release(connection, all);
}

function notTransacted(
  connection: Handle,
  attempt: string,
): ResourceManagerError {
  const { name } = connection.reader;
  return new ResourceManagerError(
    "SCARD_E_NOT_TRANSACTED",
    `Cannot ${attempt} "${name}": none is running, expected one of this connection`,
  );
}

/**
 * Checks a disposition.
 *
 * @param largest highest value that is allowed
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE
 */
export function assertDisposition(
  value: number,
  largest: number,
  attempt: string,
): void {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return;
  throw new ResourceManagerError(
    "SCARD_E_INVALID_VALUE",
    `Cannot ${attempt}: disposition ${value}, expected 0 to ${largest}`,
  );
}
