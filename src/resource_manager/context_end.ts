/**
 * What becomes of the connections of a context that ends.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { disconnect } from "./connection_end.ts";
import type { ResourceContext } from "./context.ts";
import type { Handle } from "./handle.ts";
import type { ResetCause } from "./metrics_counters.ts";
import type { AbandonedDispositions } from "./profiles.ts";
import { atMost } from "./timers.ts";

/** Why a context ends, as resets of its cards are counted. */
export type EndCause = Extract<ResetCause, "release" | "client-death">;

/**
 * Ends all connections of a context; takes the manager's `graceMs` at most. A policy is
 * not asked.
 */
export async function giveBackAll(
  context: ResourceContext,
  cause: EndCause,
): Promise<void> {
  const { profile } = context.manager;
  const dispositions = cause === "release"
    ? profile.onRelease
    : profile.onClientDeath;
  const busy = new Map<Handle, Promise<void>>();
  for (const connection of [...context.connections]) {
    const ending = giveBack(connection, dispositions, cause);
    if (ending instanceof Promise) busy.set(connection, ending);
  }
  if (busy.size === 0) return;
  const { timers, graceMs } = context.manager;
  try {
    await atMost(Promise.all(busy.values()), timers, graceMs);
  } finally {
    for (const connection of busy.keys()) connection.close();
  }
}

/** Disposes of the card of a connection, and closes it. */
function giveBack(
  connection: Handle,
  dispositions: AbandonedDispositions,
  cause: ResetCause,
): MaybePromise<void> {
  // A disconnect under way goes on by itself, with the disposition it was given.
  if (connection.closing || connection.closed) return;
  const owner = connection.reader.lock.owner === connection;
  const kind = owner ? "transaction" : connection.shareMode;
  // What the connection itself still waits for ends before the card is disposed of.
  connection.cancelWaits();
  return disconnect(connection, dispositions[kind], undefined, cause);
}
