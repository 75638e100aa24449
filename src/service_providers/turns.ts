/**
 * One after the other.
 *
 * @module
 */

import { type WaitLimits, within } from "./within.ts";

/** Runs pieces of work in the order in which they came, one at a time. */
export class Turns {
  /** Ends with the last piece of work; null when there is none. */
  #last: Promise<void> | null = null;

  /**
   * Runs `work` when all before it have ended.
   *
   * @param limits call the waiting off, and not the work
   * @throws what `work` throws, or what {@linkcode within} does
   */
  async run<T>(work: () => Promise<T>, limits: WaitLimits = {}): Promise<T> {
    limits.signal?.throwIfAborted();
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    const end = () => {
      resolve();
      if (this.#last === promise) this.#last = null;
    };
    if (before !== null) {
      try {
        await within(before, limits);
      } catch (error) {
        // Whoever comes behind still waits for those before.
        before.then(end);
        throw error;
      }
    }
    try {
      return await work();
    } finally {
      end();
    }
  }
}
