/**
 * Time that passes only when nothing else moves.
 *
 * @module
 */

import type { Timer } from "../../../src/drivers/virtual/mod.ts";

/** Rounds of the microtask queue after which nothing moves any more. */
const QUIET_ROUNDS = 60;
/** Rounds without a timer after which a promise counts as one that hangs. */
const MOST_IDLE = 50;

/** A clock with its timer. */
export class FakeClock {
  /** Milliseconds gone by. */
  now = 0;
  readonly #pending: { due: number; run: () => void }[] = [];

  /** The timer to hand out. */
  readonly timer: Timer = (milliseconds, run) => {
    const entry = { due: this.now + milliseconds, run };
    this.#pending.push(entry);
    return () => {
      const at = this.#pending.indexOf(entry);
      if (at >= 0) this.#pending.splice(at, 1);
    };
  };

  /** Timers that run. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Lets time pass until `promise` has settled. @throws {Error} when nothing is left that could settle it */
  async until<T>(promise: T | Promise<T>): Promise<T> {
    if (!(promise instanceof Promise)) return promise;
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let idle = 0; idle < MOST_IDLE;) {
      for (let i = 0; i < QUIET_ROUNDS && !isSettled; i++) {
        await Promise.resolve();
      }
      if (isSettled) return await promise;
      idle = this.tick() ? 0 : idle + 1;
    }
    throw new Error("nothing can settle the promise any more: it hangs");
  }

  /** Lets the next timer run. @returns whether there was one */
  tick(): boolean {
    const next = this.#pending.reduce(
      (first: { due: number; run: () => void } | null, each) =>
        first === null || each.due < first.due ? each : first,
      null,
    );
    if (next === null) return false;
    this.#pending.splice(this.#pending.indexOf(next), 1);
    this.now = Math.max(this.now, next.due);
    next.run();
    return true;
  }
}
