/**
 * Time, as an argument.
 *
 * @module
 */

/** What the resource manager needs of a clock; tests put a virtual one here. */
export interface Timers {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds. */
  set(callback: () => void, delayMs: number): unknown;
  /** Takes a callback back. */
  clear(handle: unknown): void;
}

/** The clock of the runtime. */
export const SYSTEM_TIMERS: Timers = {
  now: () => performance.now(),
  set: (callback, delayMs) => setTimeout(callback, delayMs),
  clear: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

/** Longest delay that a runtime's timer keeps, in milliseconds; longer waits have no limit. */
export const MAX_TIMER_MS = 0x7FFFFFFF;

/** Settles like `work`, or resolves after `limitMs` milliseconds, whatever comes first; `work` then goes on. */
export function atMost(
  work: Promise<unknown>,
  timers: Timers,
  limitMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.set(resolve, limitMs);
    work.then(() => {
      timers.clear(timer);
      resolve();
    }, (error) => {
      timers.clear(timer);
      reject(error);
    });
  });
}
