/**
 * Waiting that can be aborted.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";

/** Settles like `work`, or rejects with the signal's reason as soon as it is aborted. */
export function raceAbort<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const done = () => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then((value) => {
      done();
      resolve(value);
    }, (error) => {
      done();
      reject(error);
    });
  });
}

/**
 * Runs `work` with a signal that fires when one of `signals` does. Unlike with
 * `AbortSignal.any`, a signal that lives long keeps nothing of work that has ended.
 */
export function withSignals<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => MaybePromise<T>,
): MaybePromise<T> {
  const either = new AbortController();
  const onAbort = (event: Event) =>
    either.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) either.abort(signal.reason);
  }
  const forget = () => {
    for (const signal of signals) {
      signal?.removeEventListener("abort", onAbort);
    }
  };
  let result: MaybePromise<T>;
  try {
    result = work(either.signal);
  } catch (error) {
    forget();
    throw error;
  }
  if (result instanceof Promise) return result.finally(forget);
  forget();
  return result;
}
