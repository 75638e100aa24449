/**
 * The link of the lossy exchanges.
 *
 * It may damage a block (the check bytes always show it), lose it, cut it short,
 * deliver it twice, or deliver it some rounds late, when both ends have gone on:
 * then it lies in front of what comes next, in one piece with it or as a block of
 * its own, or it comes in the place of that. What is not read stays. Two things
 * such a link does not do:
 *
 * - Blocks do not overtake each other, since there is one wire. T=1 counts blocks
 *   modulo 2 (ISO/IEC 7816-3 11.6.2): an overtaken block passes for the next but
 *   one, and no receiver can tell.
 * - Nothing outlives the beginning of a command or of a resynchronisation: a reader
 *   empties its receiver then, after as long a wait as the card may take.
 *   S(RESYNCH response) has no number (rule 6.2): one that answered an earlier
 *   request passes for the answer to the next, the reader restarts at 0, and the
 *   card does not. Repetitions of that request are no beginning, because
 *   either answer tells the truth.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import {
  type CardCrcVariant,
  createEdc,
  type Edc,
  type EdcKind,
} from "../../src/cards/mod.ts";
import type { Random } from "../fuzz/random.ts";

/** Takes the lines of a transcript. */
export type Trace = (line: string) => void;

/** Rounds by which a block is late, at most. */
const MOST_LATE = 4;

const FAULTS = [
  "corrupted",
  "dropped",
  "joined to itself",
  "twice",
  "late",
  "cut",
] as const;

interface Piece {
  readonly bytes: Uint8Array;
  /** Whether this is a block as it was sent. */
  readonly isIntact: boolean;
  /** The round from which on it can be received. */
  readonly due: number;
}

const NOTHING: readonly Uint8Array[] = [];

/** A reader that looks for the variant of the CRC takes any of them. */
const CHECKS: Readonly<Record<EdcKind, readonly Edc[]>> = {
  LRC: [createEdc("LRC")],
  CRC: (["A", "B", "C", "D", "ARC"] satisfies CardCrcVariant[]).map((variant) =>
    createEdc("CRC", variant)
  ),
};

/** One direction of the link. A round is a block sent and what is received after it. */
export class LossyDirection {
  /** How often a block is damaged, in parts of a thousand. */
  faultRate = 0;
  readonly #random: Random;
  readonly #checks: readonly Edc[];
  readonly #sign: string;
  readonly #trace: Trace | null;
  #pieces: Piece[] = [];
  #round = 0;

  /** `sign` begins the lines of the transcript. */
  constructor(
    random: Random,
    edc: EdcKind,
    sign: string,
    trace: Trace | null,
  ) {
    this.#random = random;
    this.#checks = CHECKS[edc];
    this.#sign = sign;
    this.#trace = trace;
  }

  /** Nothing is under way any more. */
  purge(): void {
    this.#pieces.length = 0;
  }

  /** Sends a block. */
  send(block: Uint8Array): void {
    const random = this.#random;
    const fault = random.below(1000) < this.faultRate
      ? random.pick(FAULTS)
      : "";
    this.#trace?.(`${this.#sign} ${toHex(block, " ")} ${fault}`);
    switch (fault) {
      case "dropped":
        return;
      case "corrupted":
        return this.#put(this.#corrupted(block), false);
      case "joined to itself":
        return this.#put(Uint8Array.of(...block, ...block), false);
      case "cut":
        return this.#put(
          block.slice(0, random.within(1, block.length - 1)),
          false,
        );
      case "late":
        return this.#put(block.slice(), true, random.within(1, MOST_LATE));
      case "twice":
        this.#put(block.slice(), true);
        return this.#put(block.slice(), true, random.below(2));
      default:
        return this.#put(block.slice(), true);
    }
  }

  /** Ends the round; gives what arrives, in this order. */
  receiveAll(): readonly Uint8Array[] {
    const due = this.#takeDue();
    if (due.length === 0) return NOTHING;
    return this.#mixed(due) ?? due.map((piece) => this.#heard(piece));
  }

  /** Ends the round; gives what arrives first, or null for silence. Blocks behind it can be received in the next one. */
  receiveOne(): Uint8Array | null {
    const due = this.#takeDue();
    if (due.length === 0) return null;
    const mixed = this.#mixed(due);
    if (mixed !== null) return mixed[0];
    this.#pieces.unshift(...due.slice(1));
    return this.#heard(due[0]);
  }

  #put(bytes: Uint8Array, isIntact: boolean, late = 0): void {
    const last = this.#pieces.at(-1)?.due ?? 0;
    const due = Math.max(this.#round + late, last);
    this.#pieces.push({ bytes, isIntact, due });
  }

  #takeDue(): readonly Piece[] {
    const round = this.#round++;
    const pieces = this.#pieces;
    let count = 0;
    while (count < pieces.length && pieces[count].due <= round) count++;
    return pieces.splice(0, count);
  }

  /** Several pieces that meet may merge, or the first one drowns the others; null: neither. */
  #mixed(pieces: readonly Piece[]): readonly Uint8Array[] | null {
    if (pieces.length === 1) return null;
    switch (this.#random.below(3)) {
      case 0:
        return [this.#heard(pieces[0])];
      case 1: {
        const bytes = Uint8Array.from(
          pieces.flatMap((each) => [...each.bytes]),
        );
        return [this.#heard({ bytes, isIntact: false, due: 0 })];
      }
      default:
        return null;
    }
  }

  /** One to four bits or bytes are wrong. */
  #corrupted(block: Uint8Array): Uint8Array {
    const random = this.#random;
    const bytes = block.slice();
    for (let left = random.within(1, 4); left > 0; left--) {
      const change = random.oneIn(2)
        ? 1 << random.below(8)
        : random.within(1, 255);
      bytes[random.below(bytes.length)] ^= change;
    }
    return bytes;
  }

  /** What the receiver gets; damage that no check would show is drawn again. */
  #heard({ bytes, isIntact }: Piece): Uint8Array {
    while (!isIntact && this.#checks.some((edc) => isSound(bytes, edc))) {
      bytes[bytes.length - 1] ^= this.#random.within(1, 255);
    }
    if (this.#trace !== null && !(isIntact && this.#pieces.length === 0)) {
      this.#trace(`${this.#sign}${this.#sign} ${toHex(bytes, " ")}`);
    }
    return bytes;
  }
}

function isSound(bytes: Uint8Array, edc: Edc): boolean {
  const end = bytes.length - edc.length;
  return end >= 3 && bytes[2] === end - 3 && edc.matches(bytes, end);
}
