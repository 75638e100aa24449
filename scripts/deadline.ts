/**
 * Waits that end.
 *
 * @module
 */

/** How long the project waits for a program, unless told otherwise, in milliseconds: two loaded cores take their time. */
export const DEADLINE_MS = 300_000;

/**
 * Waits for `work`, at most `ms` milliseconds.
 *
 * @param what is waited for, as the error names it
 * @param work is given a signal that is aborted at the deadline, to stop what is under way
 * @throws {Error} at the deadline, naming it and `what`; or what `work` throws
 */
export async function withinDeadline<Result>(
  what: string,
  work: (signal: AbortSignal) => Promise<Result>,
  ms: number = DEADLINE_MS,
): Promise<Result> {
  const signal = AbortSignal.timeout(ms);
  const { promise: expiry, reject } = Promise.withResolvers<never>();
  const expire = () =>
    reject(
      new Error(`Cannot wait for ${what}: not over after ${ms / 1000} s`),
    );
  signal.addEventListener("abort", expire);
  try {
    return await Promise.race([work(signal), expiry]);
  } finally {
    signal.removeEventListener("abort", expire);
  }
}
