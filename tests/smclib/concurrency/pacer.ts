/**
 * Who decides when a driver's await ends: the commands, or fast-check's scheduler.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type fc from "fast-check";

/** Rounds after which a run that still waits is broken. */
const MAX_ROUNDS = 100;

/** Gives out promises, and settles them. */
export interface Pacer {
  /** How many promises have not been settled; none where a scheduler has them. */
  readonly waiting: number;
  /** A promise that settles when its turn has come. */
  wait(label: string): Promise<void>;
  /** Settles one promise, where the commands decide. */
  release(index: number): void;
  /** Settles every promise, and those that are made meanwhile. */
  finish(): Promise<void>;
}

/** Lets every promise settle that can: a turn of the event loop. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The commands decide. */
export class CommandPacer implements Pacer {
  readonly #waiting: (() => void)[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  wait(_label: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(index: number): void {
    if (this.waiting === 0) return;
    const [resolve] = this.#waiting.splice(index % this.waiting, 1);
    resolve();
  }

  async finish(): Promise<void> {
    await quiet();
    for (let round = 0; this.waiting > 0; round++) {
      if (round === MAX_ROUNDS) {
        throw new Error(`Cannot end a run: ${this.waiting} still wait`);
      }
      while (this.waiting > 0) this.release(0);
      await quiet();
    }
  }
}

/** fast-check's scheduler decides. */
export class SchedulerPacer implements Pacer {
  readonly waiting = 0;
  readonly #scheduler: fc.Scheduler;

  /** Makes a pacer of one run's scheduler. */
  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  async wait(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
  }

  release(): void {}

  async finish(): Promise<void> {
    await quiet();
    for (let round = 0; this.#scheduler.count() > 0; round++) {
      if (round === MAX_ROUNDS) {
        throw new Error(
          `Cannot end a run: ${this.#scheduler.count()} tasks still wait`,
        );
      }
      await this.#scheduler.waitIdle();
      await quiet();
    }
  }
}
