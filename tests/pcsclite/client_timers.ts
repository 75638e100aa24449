/**
 * A clock that tests move.
 *
 * @module
 */

import type { Timers } from "../../src/resource_manager/mod.ts";

/** Short delays pass at once, long ones when the test says so. */
export class HastyTimers implements Timers {
  readonly #waiting = new Map<number, () => void>();
  readonly #shortMs: number;
  #now = 0;
  #last = 0;

  /** @param shortMs delays up to this pass at once, and take the clock with them */
  constructor(shortMs = 0) {
    this.#shortMs = shortMs;
  }

  /** The time that has passed, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** Calls `callback` at once, or in {@linkcode fire}. */
  set(callback: () => void, delayMs: number): unknown {
    if (delayMs <= this.#shortMs) {
      this.#now += delayMs;
      queueMicrotask(callback);
      return 0;
    }
    this.#waiting.set(++this.#last, callback);
    return this.#last;
  }

  /** Takes a callback back. */
  clear(handle: unknown): void {
    this.#waiting.delete(handle as number);
  }

  /** All delays have passed. */
  fire(): void {
    const callbacks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }
}
