/**
 * Who holds a card, in words.
 *
 * @module
 */

import type { Handle } from "./handle.ts";

/**
 * For messages: `held exclusively by context 7 ("opensc") since 12.3 s`.
 *
 * @param holder a connection that tolerates less than shared ones do
 */
export function describeHolder(holder: Handle): string {
  const how = holder.shareMode === "direct" ? "directly" : "exclusively";
  const since = lasting(holder, holder.sinceMs);
  return `held ${how} by ${holder.context.label} ${since}`;
}

/** For messages: `context 7 ("opensc") runs a transaction since 0.5 s`. */
export function describeTransaction(owner: Handle): string {
  const since = lasting(owner, owner.transactionSinceMs);
  return `${owner.context.label} runs a transaction ${since}`;
}

function lasting({ reader }: Handle, sinceMs: number): string {
  return `since ${((reader.timers.now() - sinceMs) / 1000).toFixed(1)} s`;
}
