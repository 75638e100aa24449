/**
 * What the answer to a call says about the connection that it went through.
 *
 * @module
 */

import type { Call, Moment, Trace } from "./trace.ts";
import type { Witness } from "./witness.ts";

/** With these an end of a transaction ends all of them. */
const ALL_LOST: ReadonlySet<string> = new Set([
  "SCARD_W_RESET_CARD",
  "SCARD_W_REMOVED_CARD",
  "SCARD_E_READER_UNAVAILABLE",
  "SCARD_E_INVALID_HANDLE",
  "SCARD_E_NOT_TRANSACTED",
]);

/** Takes note of what a call was told. */
export function learn(
  witness: Witness,
  call: Call,
  ok: boolean,
): void {
  const { operation, handle, start, outcome, context } = call;
  const { moment, rules } = witness;
  witness.begins = witness.begins.filter((begin) => begin.outcome === null);
  if (handle === null) {
    const { kind } = operation;
    if (kind === "release" || kind === "abandon") {
      witness.gone.add(operation.context);
    }
    return;
  }
  switch (operation.kind) {
    case "disconnect":
      if (outcome === "AbortError" && witness.contexts.has(context ?? -1)) {
        handle.mayBeOpen = true;
      }
      return;
    case "begin":
      if (!ok) return;
      handle.begun = handle.sure && handle.since === moment.losses &&
          !witness.overlaps(call)
        ? handle.begun + 1
        : depthOf(handle);
      // A reconnect under way ends it, or does not.
      handle.sure = start.losses === moment.losses &&
        (handle.mode !== null || rules.reconnectKeeps);
      handle.since = moment.losses;
      witness.lastUse = witness.now;
      return;
    case "end":
      handle.ending--;
      handle.begun = witness.overlaps(call)
        ? depthOf(handle)
        : ALL_LOST.has(outcome ?? "")
        ? 0
        : Math.max(0, handle.begun - 1);
      if (operation.disposition === 0) return;
      witness.lastUse = witness.now;
      handle.binding--;
      if (!ok || rules.endMarksOwn) return;
      if (operation.disposition !== 1) return;
      handle.newest = moment;
      if (isOwnReset(operation.disposition, start, moment)) {
        handle.oldest = moment;
      }
      return;
    case "reconnect":
      // Called off, it may still come: from now on less is certain.
      if (outcome === "AbortError") return;
      handle.binding--;
      handle.mode = handle.connection.shareMode;
      if (ok || handle.newest.session < Infinity) {
        handle.newest = witness.newest(handle.mode, start);
      }
      if (!ok) return;
      handle.begun = depthOf(handle);
      handle.oldest = isOwnReset(operation.initialization, start, moment)
        ? moment
        : start;
  }
}

/** Where calls of one connection overlap, nothing from outside tells which came first. */
function depthOf({ connection }: Trace): number {
  const { lock } = connection.reader;
  return lock.owner === connection ? lock.depth : 0;
}

/** Whether the one reset since then was what the call asked for. */
function isOwnReset(
  disposition: number,
  start: Moment,
  { session, resets }: Moment,
): boolean {
  return disposition !== 0 && session === start.session &&
    resets === start.resets + 1;
}
