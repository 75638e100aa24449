/**
 * Characters that have come, and waiting for more.
 *
 * @module
 */

import type { Timer } from "../../contact_reader/mod.ts";

/** Characters kept of a card that talks without being asked. */
const CAPACITY = 2048;

/** How long to wait for characters, in milliseconds. */
export interface WaitLimits {
  /** For all of them. */
  readonly totalMs: number;
  /** For the next one, counted from now or from the one before. */
  readonly gapMs: number;
  /** For the first one, where it differs. */
  readonly firstMs?: number;
}

/** A queue with one who waits. */
export class CharacterQueue {
  readonly #timer: Timer;
  readonly #characters = new Uint16Array(CAPACITY);
  #length = 0;
  /** Tells the one who waits that characters came. */
  #onArrival: (() => void) | null = null;
  /** Ends the wait. */
  #end: (() => void) | null = null;

  /** An empty queue. @param timer how to wait */
  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Characters in it. */
  get length(): number {
    return this.#length;
  }

  /** Appends `source[0..count)`; what finds no room is dropped. */
  push(source: Uint16Array, count: number): void {
    const room = Math.min(count, CAPACITY - this.#length);
    for (let i = 0; i < room; i++) {
      this.#characters[this.#length++] = source[i];
    }
    this.#onArrival?.();
  }

  /** The character at `index`, which is below the length. */
  at(index: number): number {
    return this.#characters[index];
  }

  /** Takes away the first `count`. */
  drop(count: number): void {
    this.#characters.copyWithin(0, count, this.#length);
    this.#length -= count;
  }

  /** Takes away all. */
  clear(): void {
    this.#length = 0;
  }

  /** Ends the wait under way: nothing more will come. */
  interrupt(): void {
    this.#end?.();
  }

  /** Waits until `wanted` characters are there, time runs out, or {@linkcode interrupt}. */
  wait(wanted: number, limits: WaitLimits): Promise<void> {
    if (this.#length >= wanted) return Promise.resolve();
    const { totalMs, gapMs, firstMs = gapMs } = limits;
    return new Promise((resolve) => {
      const end = () => {
        cancelTotal();
        cancelGap();
        this.#onArrival = null;
        this.#end = null;
        resolve();
      };
      const cancelTotal = this.#timer(totalMs, end);
      let cancelGap = this.#timer(firstMs, end);
      this.#end = end;
      this.#onArrival = () => {
        cancelGap();
        if (this.#length >= wanted) end();
        else cancelGap = this.#timer(gapMs, end);
      };
    });
  }
}
