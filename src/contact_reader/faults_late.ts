/**
 * Answers that are on their way longer than they should be.
 *
 * @module
 */

import type { Timer } from "./card_link.ts";

/** A late answer. */
interface LateAnswer {
  /** What the card had said when the reader sent again. */
  held: readonly number[];
  /** Calls the arrival off. */
  readonly cancel: () => void;
}

/** The answers of a link that are late, at most two: the present one and the one before. */
export class LateAnswers {
  readonly #timer: Timer;
  readonly #arrive: (held: readonly number[]) => void;
  /** How long the present answer is to be late, until the reader waits for it: only then it is known what a wait is. */
  #waits = 0;
  #present: LateAnswer | null = null;
  /** The reader has sent again without having waited for it. */
  #overtaken: LateAnswer | null = null;
  /** Wakes the one reception that waits here. */
  #wake: (() => void) | null = null;

  /** Makes a link's book of late answers. @param arrive takes the characters of one that was overtaken */
  constructor(timer: Timer, arrive: (held: readonly number[]) => void) {
    this.#timer = timer;
    this.#arrive = arrive;
  }

  /** Whether the present answer is still on its way. */
  get isHeldUp(): boolean {
    return this.#present !== null || this.#waits > 0;
  }

  /** Whether one that was overtaken may still come in. */
  get isOvertaken(): boolean {
    return this.#overtaken !== null;
  }

  /** The present answer is to be late. @param waits by how many waits; 0 for not at all */
  expect(waits: number): void {
    if (waits > 0) this.#waits = waits;
  }

  /** The reader begins to wait for the present answer: up to one wait it comes just in time. */
  start(waitMicroseconds: number): void {
    const waits = this.#waits;
    if (waits === 0) return;
    this.#waits = 0;
    const waitMs = Math.ceil(waitMicroseconds / 1000);
    const lateMs = Math.ceil(waits * waitMicroseconds / 1000);
    const late: LateAnswer = {
      held: [],
      cancel: this.#timer(
        waits > 1 ? Math.max(lateMs, waitMs + 1) : lateMs,
        () => {
          if (late === this.#present) this.#present = null;
          else this.#overtaken = null;
          this.#arrive(late.held);
          this.#wake?.();
        },
      ),
    };
    this.#present = late;
  }

  /** The reader sends: what is late may run into the next answer, what was late before that is lost. @param held what the card has said */
  overtake(held: () => readonly number[]): void {
    this.#overtaken?.cancel();
    this.#overtaken = this.#present;
    this.#present = null;
    this.#waits = 0;
    if (this.#overtaken !== null) this.#overtaken.held = held();
  }

  /** Waits until something comes, or the time is over. */
  wait(waitMicroseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#wake = null;
        resolve();
      };
      const cancel = this.#timer(Math.ceil(waitMicroseconds / 1000), end);
      this.#wake = end;
    });
  }

  /** Nothing comes any more; whoever waits is woken. */
  drop(): void {
    this.#present?.cancel();
    this.#overtaken?.cancel();
    this.#present = this.#overtaken = null;
    this.#waits = 0;
    this.#wake?.();
  }
}
