/**
 * Where a direction of a link stands, so that faults find their place.
 *
 * @module
 */

import { UNCONVERTED_INVERSE_TS } from "./atr_length.ts";

/** Blocks and characters of one direction; numbers of the present block, and of the next character. */
export class LineCounts {
  /** The block, since counting began; -1 before the first one. */
  block: number = -1;
  /** The block, since the exchange began. */
  blockOfExchange: number = -1;
  /** The next character, since counting began. */
  byte = 0;
  /** The next character, since the exchange began. */
  byteOfExchange = 0;

  /** Begins anew. */
  reset(): void {
    this.block = this.blockOfExchange = -1;
    this.byte = this.byteOfExchange = 0;
  }

  /** A block begins. */
  beginBlock(): void {
    this.block++;
    this.blockOfExchange++;
  }

  /** An exchange begins. */
  beginExchange(): void {
    this.blockOfExchange = -1;
    this.byteOfExchange = 0;
  }

  /** So many characters went by. */
  passed(count: number): void {
    this.byte += count;
    this.byteOfExchange += count;
  }
}

/** The counts of one direction, with the ATR and without it. */
export class LinePosition {
  /** Counts since the reset. */
  readonly withAtr: LineCounts = new LineCounts();
  /** Counts since the ATR. */
  readonly afterAtr: LineCounts = new LineCounts();
  /** Exchange since the reset. */
  exchange = 0;
  /** The next character, since the block began. */
  byteOfBlock = 0;
  /** Whether nothing was sent to the card since the reset. */
  isInAtr = true;

  /** The card is reset. @param hasAtr whether a block, the ATR, begins with it */
  reset(hasAtr: boolean): void {
    this.withAtr.reset();
    this.afterAtr.reset();
    this.exchange = 0;
    this.byteOfBlock = 0;
    this.isInAtr = true;
    if (hasAtr) this.withAtr.beginBlock();
  }

  /** A block begins; the ATR is over. */
  beginBlock(): void {
    this.withAtr.beginBlock();
    this.afterAtr.beginBlock();
    this.byteOfBlock = 0;
    this.isInAtr = false;
  }

  /** An exchange begins. */
  beginExchange(): void {
    this.exchange++;
    this.withAtr.beginExchange();
    this.afterAtr.beginExchange();
  }

  /** So many characters went by. */
  passed(count: number): void {
    this.withAtr.passed(count);
    if (!this.isInAtr) this.afterAtr.passed(count);
    this.byteOfBlock += count;
  }
}

/** The counts of both directions of a link, and what TS told; a faulty link goes on from them. */
export class LinkCounts {
  /** What the reader sent. */
  readonly toCard: LinePosition = new LinePosition();
  /** What the card said. */
  readonly fromCard: LinePosition = new LinePosition();
  /** Whether the card's convention is inverse, as the last TS has told. */
  isInverse = false;

  /** The card is reset. */
  reset(): void {
    this.toCard.reset(false);
    this.fromCard.reset(true);
  }

  /** An exchange begins. */
  beginExchange(): void {
    this.toCard.beginExchange();
    this.fromCard.beginExchange();
  }

  /** The reader sends a block of so many characters; the card's next one begins with it. */
  sent(count: number): void {
    this.toCard.beginBlock();
    this.fromCard.beginBlock();
    this.toCard.passed(count);
  }

  /** Characters of the card passed: `count` of them, from `offset` of `source` on. */
  received(source: Uint8Array, offset: number, count: number): void {
    if (count <= 0) return;
    this.noteConvention(source[offset]);
    this.fromCard.passed(count);
  }

  /** The card's next character is here; only TS tells anything. */
  noteConvention(character: number): void {
    const { isInAtr, withAtr } = this.fromCard;
    if (isInAtr && withAtr.byte === 0) {
      this.isInverse = character === UNCONVERTED_INVERSE_TS;
    }
  }
}
