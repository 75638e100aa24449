/**
 * A transaction that nobody uses for too long is ended (Windows 8 and later).
 *
 * @module
 */

import type { Timers } from "./timers.ts";

/** One watch per reader; each use only notes the time, so that an APDU costs no timer. */
export class IdleRule {
  #limitMs: number;
  #timers: Timers;
  #expired: () => void;
  #lastUseMs = 0;
  #timer: unknown = null;

  /**
   * Makes a rule that does not run yet.
   *
   * @param limitMs milliseconds without use, 0 = no limit
   * @param expired called once when the limit is passed
   */
  constructor(limitMs: number, timers: Timers, expired: () => void) {
    this.#limitMs = limitMs;
    this.#timers = timers;
    this.#expired = expired;
  }

  /** A transaction begins. */
  start(): void {
    if (this.#limitMs === 0) return;
    this.stop();
    this.touch();
    this.#arm(this.#limitMs);
  }

  /** The transaction is used. */
  touch(): void {
    if (this.#limitMs !== 0) this.#lastUseMs = this.#timers.now();
  }

  /** The transaction has ended. */
  stop(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    this.#timer = this.#timers.set(() => {
      this.#timer = null;
      const restMs = this.#lastUseMs + this.#limitMs - this.#timers.now();
      if (restMs > 0) this.#arm(restMs);
      else this.#expired();
    }, delayMs);
  }
}
