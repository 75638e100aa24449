/**
 * Both ends of a faulty link, compared: what was said against what arrived.
 *
 * @module
 */

import { createEdc, type EdcKind } from "../../../src/cards/mod.ts";
import { toHex } from "../../../src/bytes.ts";
import type {
  CardLink,
  InsertableCard,
} from "../../../src/drivers/virtual/mod.ts";
import { SmartcardInvertData } from "../../../src/smclib/mod.ts";

/** Blocks a reader sends for one request, at most: beyond it does not end. */
const MOST_SENT = 1500;

/** How the card talks. */
export interface WatchedCard {
  readonly protocol: "t0" | "t1";
  readonly isInverse: boolean;
  readonly edc: EdcKind;
}

/**
 * Watches a link from its two ends. A turn is *blind* when what arrived is not what
 * was sent and the receiver cannot know:
 *
 * - under T=1, what arrived is a whole block with right check bytes, but not the one
 *   that was sent: bits of the same weight flipped in two characters, an odd lot of
 *   lost, doubled and added characters, or a fault of kind "sequence";
 * - under T=0, which has no check bytes, what arrived is no beginning of what was sent;
 *   a beginning alone ends in a time-out;
 * - in ATR and PPS, what arrived is anything else than what was sent.
 *
 * An answer that is late by one turn arrives as it was sent and is not blind.
 */
export class FaultWatch {
  /** Whether a turn since the last reset was blind. */
  isBlind = false;
  /** Whether a turn past ATR and PPS ever was: the card's files may hold what nobody wrote. */
  wasBlind = false;
  /** Turns that were. */
  blindTurns = 0;
  /** Whether the link is past ATR and PPS. */
  isConnected = false;
  /** Pieces sent since the request began. */
  sentPieces = 0;
  readonly #card: WatchedCard;
  #sent = "";
  #heard = "";
  #said = "";
  #saidBefore = "";
  #got = "";

  /** Watches for this card. */
  constructor(card: WatchedCard) {
    this.#card = card;
  }

  /** The reader's end. */
  readonly wrapLink = (link: CardLink): CardLink => ({
    reset: (kind) => {
      this.#beginTurn("");
      this.isBlind = this.isConnected = false;
      this.#saidBefore = "";
      return link.reset(kind);
    },
    powerOff: () => link.powerOff(),
    send: (bytes) => {
      if (++this.sentPieces > MOST_SENT) throw new Error("no end in sight");
      this.#beginTurn(toHex(bytes));
      return link.send(bytes);
    },
    receive: (target, offset, wanted, wait, gap) => {
      const note = (count: number): number => {
        this.#got += toHex(target.slice(offset, offset + count));
        return count;
      };
      const got = link.receive(target, offset, wanted, wait, gap);
      return got instanceof Promise ? got.then(note) : note(got);
    },
    get available() {
      return link.available;
    },
  });

  /** The card's end. @param isSlow whether the card answers a little later */
  wrapCard(card: InsertableCard, isSlow: boolean): InsertableCard {
    return {
      attach: (output) =>
        card.attach(
          output === null ? null : (bytes) => {
            this.#said += toHex(bytes);
            output(bytes);
          },
        ),
      reset: (kind) => card.reset(kind),
      powerOff: () => card.powerOff(),
      receive: (bytes) => {
        this.#heard += toHex(bytes);
        if (!isSlow) return card.receive(bytes);
        const copy = bytes.slice();
        return Promise.resolve().then(() => card.receive(copy));
      },
    };
  }

  /** The request is over: the last turn is judged, too. */
  endTurn(): void {
    this.#beginTurn("");
  }

  #beginTurn(sent: string): void {
    if (this.#isBlindTurn()) {
      this.isBlind = true;
      this.wasBlind ||= this.isConnected;
      this.blindTurns++;
    }
    this.#saidBefore = this.#said;
    this.#sent = sent;
    this.#heard = this.#said = this.#got = "";
  }

  #isBlindTurn(): boolean {
    if (!this.isConnected) {
      return this.#heard !== this.#sent || this.#got !== this.#said;
    }
    if (this.#card.protocol === "t0") {
      return !this.#sent.startsWith(this.#heard) ||
        !this.#said.startsWith(this.#got);
    }
    return this.#isOtherBlock(this.#heard, this.#sent) ||
      this.#got !== this.#saidBefore &&
        this.#isOtherBlock(this.#got, this.#said);
  }

  #isOtherBlock(arrived: string, sent: string): boolean {
    return arrived !== sent && this.#isBlock(arrived);
  }

  /** Whether there is one whole block, with right check bytes. */
  #isBlock(hex: string): boolean {
    const bytes = Uint8Array.fromHex(hex);
    if (this.#card.isInverse) SmartcardInvertData(bytes, bytes.length);
    const edc = createEdc(this.#card.edc);
    const end = bytes.length - edc.length;
    return end >= 3 && bytes[2] === end - 3 && edc.matches(bytes, end);
  }
}
