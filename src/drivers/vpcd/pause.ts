/**
 * Pauses between attempts that fail.
 *
 * @module
 */

const FIRST_PAUSE_MS = 50;

/** Pauses that double, up to a bound. */
export class GrowingPause {
  readonly #longestMs: number;
  #nextMs = FIRST_PAUSE_MS;

  /** @param longestMs no pause is longer; the first has 50 ms, or this if it is less */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  /** What was tried went well: the next pause is a short one again. */
  reset(): void {
    this.#nextMs = FIRST_PAUSE_MS;
  }

  /** Waits; the end of `signal` ends the wait. */
  wait(signal: AbortSignal): Promise<void> {
    const milliseconds = Math.min(this.#nextMs, this.#longestMs);
    this.#nextMs = 2 * milliseconds;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
    return promise;
  }
}
