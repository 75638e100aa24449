/**
 * Waiting for others' transactions.
 *
 * The service answers SCARD_E_SHARING_VIOLATION at once to everybody who does not hold the
 * lock, but keeps a BEGIN_TRANSACTION for some 100 ms. So BEGIN is what waits: it is sent
 * again as soon as it is refused, and whoever wants something else of a locked reader
 * begins a transaction for it. Nobody sleeps, and everybody stands in the service's line.
 *
 * @module
 */

import { SCARD_CODES, type Timers } from "../../resource_manager/mod.ts";
import { abortable } from "./abort.ts";

/** How long to go on. */
export interface LockWait {
  /** Clock. */
  readonly timers: Timers;
  /** Milliseconds after which a refusal is final. */
  readonly limitMs: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
}

/** Shortest time from one attempt to the next, for services that refuse without waiting, in milliseconds. */
const PACE_MS = 25;

/** Whether the service refused because of somebody else. */
export function isLocked(rv: number): boolean {
  return rv === SCARD_CODES.SCARD_E_SHARING_VIOLATION;
}

/**
 * Asks until the reader is not locked, or it took too long.
 *
 * @param ask gives the code of an answer, as pcsc-lite numbers them
 * @returns the last code: SCARD_E_SHARING_VIOLATION when the time is up
 */
export async function askUntilUnlocked(
  ask: () => Promise<number>,
  { timers, limitMs, signal }: LockWait,
): Promise<number> {
  const start = timers.now();
  for (;;) {
    const asked = timers.now();
    const rv = await ask();
    const now = timers.now();
    if (!isLocked(rv) || now - start >= limitMs) return rv;
    const early = PACE_MS - (now - asked);
    if (early > 0) await pause(early, timers, signal);
  }
}

async function pause(
  ms: number,
  timers: Timers,
  signal: AbortSignal | undefined,
): Promise<void> {
  let timer: unknown = null;
  const over = new Promise<void>((resolve) => timer = timers.set(resolve, ms));
  try {
    await abortable(over, signal);
  } finally {
    timers.clear(timer);
  }
}
