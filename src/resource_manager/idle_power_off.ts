/**
 * A card that nobody is connected to loses its power after a while.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { ntSuccess, SCARD_POWER_DOWN } from "../smclib/mod.ts";
import { countResets } from "./metrics_counters.ts";
import type { Reader } from "./reader.ts";
import { MAX_TIMER_MS } from "./timers.ts";

/** One watch per reader; it runs only while a card has power and nobody is connected. */
export class IdlePowerOff {
  #limitMs: number;
  #reader: Reader;
  #timer: unknown = null;
  #holds = 0;
  /** The limit has passed; a card that kept its power is not bothered again before it was used. */
  #expired = false;

  /**
   * A watch that does not run yet.
   *
   * @param limitMs milliseconds without connections, 0 = no limit
   */
  constructor(limitMs: number, reader: Reader) {
    this.#limitMs = limitMs;
    this.#reader = reader;
  }

  /** Somebody is about to connect: the card keeps its power until the last of them has called {@linkcode letGo}. */
  hold(): void {
    this.#holds++;
    this.look();
  }

  /** Ends one {@linkcode hold}. */
  letGo(): void {
    this.#holds--;
    this.look();
  }

  /** Something has changed at the reader. */
  look(): void {
    if (this.#limitMs === 0) return;
    if (!this.#isIdle) {
      this.stop();
      this.#expired = false;
    } else if (this.#timer === null && !this.#expired) {
      this.#timer = this.#reader.timers.set(() => {
        this.#timer = null;
        this.#expired = true;
        this.#powerOff();
      }, this.#limitMs);
    }
  }

  /** Nothing happens any more, until the next {@linkcode look}. */
  stop(): void {
    if (this.#timer !== null) this.#reader.timers.clear(this.#timer);
    this.#timer = null;
  }

  get #isIdle(): boolean {
    const { available, slot, connections } = this.#reader;
    return this.#holds === 0 && available && slot.powered &&
      connections.size === 0;
  }

  #powerOff(): void {
    const reader = this.#reader;
    const { slot } = reader;
    const section = (): MaybePromise<void> => {
      reader.notice();
      // Much may have happened before it was its turn.
      if (!this.#isIdle) return;
      const answer = countResets(
        reader,
        "idle-power-off",
        () => slot.power(SCARD_POWER_DOWN),
      );
      return chain(answer, ({ status }) => {
        if (!ntSuccess(status)) return reader.confirmCard(status);
      });
    };
    chain(reader.io.run(section), () => reader.publish());
  }
}

/**
 * A limit of {@linkcode IdlePowerOff} is one that a timer keeps.
 *
 * @throws {RangeError} when it is not
 */
export function assertIdlePowerOff(limitMs: number, attempt: string): void {
  if (limitMs >= 0 && limitMs <= MAX_TIMER_MS) return;
  throw new RangeError(
    `Cannot ${attempt}: idlePowerOffMs is ${limitMs}, expected 0 to ${MAX_TIMER_MS}`,
  );
}
