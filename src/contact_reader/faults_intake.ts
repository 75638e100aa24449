/**
 * From the card through the faults: takes characters from a link and feeds them to a
 * line.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import type { CardLink } from "./card_link.ts";
import type { FaultyLine } from "./faults_line.ts";

/** Characters taken for one reception, at most: a fault may drop what a card never tires of saying. */
const MOST_TAKEN = 4096;

/** What feeds the line from the card. */
export class FaultIntake {
  readonly #link: CardLink;
  readonly #line: FaultyLine;
  readonly #takeOut: () => void;
  readonly #scratch = new Uint8Array(1024);
  #taken = 0;
  /** A link that gives a promise for what is at hand. */
  #pumping: Promise<void> | null = null;

  /** Makes an intake. @param takeOut runs after each feed, when a fault may want the card out */
  constructor(link: CardLink, line: FaultyLine, takeOut: () => void) {
    this.#link = link;
    this.#line = line;
    this.#takeOut = takeOut;
  }

  /** Whether characters are on their way into the line. */
  get isBusy(): boolean {
    return this.#pumping !== null;
  }

  /** A reception begins. */
  begin(): void {
    this.#taken = 0;
  }

  /** Feeds what is at hand; synchronous for a link that is. */
  pump(): MaybePromise<void> {
    if (this.#pumping !== null) return this.#pumping;
    for (let most = this.#atHand; most > 0; most = this.#atHand) {
      const got = this.#link.receive(this.#scratch, 0, most, 0);
      if (got instanceof Promise) {
        return this.#pumping = got.then((count) => {
          this.#pumping = null;
          this.#feed(count);
        });
      }
      this.#feed(got);
      if (got < most) break;
    }
    if (this.#line.isWhole) this.#release();
  }

  /**
   * Waits for up to `missing` characters and feeds them.
   *
   * @returns whether no more come: the card fell silent, or has said far too much
   */
  pull(
    missing: number,
    waitMicroseconds: number,
    gapMicroseconds: number | undefined,
  ): MaybePromise<boolean> {
    const most = Math.min(missing, this.#scratch.length);
    const got = this.#link.receive(
      this.#scratch,
      0,
      most,
      waitMicroseconds,
      gapMicroseconds,
    );
    return chain(got, (count) => {
      this.#feed(count);
      if (count === most && this.#taken < MOST_TAKEN) return false;
      this.#release();
      return true;
    });
  }

  /** Takes what is at hand past the line. */
  takeAtHand(): number[] {
    const taken: number[] = [];
    this.begin();
    for (let most = this.#atHand; most > 0; most = this.#atHand) {
      const got = this.#link.receive(this.#scratch, 0, most, 0);
      if (typeof got !== "number" || got === 0) break;
      for (let i = 0; i < got; i++) taken.push(this.#scratch[i]);
      this.#taken += got;
    }
    return taken;
  }

  get #atHand(): number {
    return Math.min(
      this.#link.available,
      this.#scratch.length,
      Math.max(0, MOST_TAKEN - this.#taken),
    );
  }

  #feed(count: number): void {
    this.#taken += count;
    this.#line.feed(this.#scratch, count);
    this.#takeOut();
  }

  #release(): void {
    this.#line.release();
    this.#takeOut();
  }
}
