/**
 * The link of the fault walk: what happens to each block is a digit.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import type { T1Endpoint } from "../../src/cards/mod.ts";
import { LONGEST_BLOCK } from "./t1_pair.ts";

const DELIVER = 0;
const CORRUPT = 1;
const DROP = 2;
/** The largest digit. */
export const DUPLICATE = 3;
const FAULT_NAMES = ["", " corrupted", " dropped", " duplicated"];

/** Takes the lines of a transcript. */
export type Trace = (line: string) => void;

/** Carries blocks between the reader's buffers and a card. */
export class WalkLink {
  /** Blocks carried since `begin`, both directions together. */
  steps = 0;
  readonly #trace: Trace | null;
  readonly #isApart: boolean;
  readonly #wire = new Uint8Array(2 * LONGEST_BLOCK);
  /** The first bytes of the wire, by their number: a view each time would cost more than the rest. */
  readonly #pieces: Uint8Array[] = [];
  /** Blocks that came to the reader and were not read, the oldest first. */
  readonly #arrived: Uint8Array[] = [];
  #digits = new Uint8Array(0);

  /** A duplicate arrives as one piece of twice the length ("joined"), or as a second block. */
  constructor(duplicate: "joined" | "apart", trace: Trace | null) {
    this.#isApart = duplicate === "apart";
    this.#trace = trace;
  }

  /** From now on these are the faults, one for each block; blocks after them are delivered. */
  begin(digits: Uint8Array<ArrayBuffer>): void {
    this.#digits = digits;
    this.steps = 0;
    this.purge();
  }

  /** What came to the reader and was not read is dropped. */
  purge(): void {
    this.#arrived.length = 0;
  }

  /** Carries the first `length` bytes of `block` to the card. */
  toCard(block: Uint8Array, length: number, card: T1Endpoint): void {
    const wire = this.#wire;
    for (let i = 0; i < length; i++) wire[i] = block[i];
    const fault = this.#fault(">", wire, length);
    if (fault === DROP) return;
    if (fault === CORRUPT) this.#corrupt(wire, length);
    const isTwice = fault === DUPLICATE;
    if (isTwice && !this.#isApart) {
      wire.copyWithin(length, 0, length);
      length *= 2;
    }
    const piece = this.#pieces[length] ??= wire.subarray(0, length);
    void card.receive(piece);
    if (isTwice && this.#isApart) void card.receive(piece);
  }

  /** Takes a block of the card. */
  fromCard(block: Uint8Array): void {
    const fault = this.#fault("<", block, block.length);
    if (fault === DROP) return;
    const piece = block.slice();
    if (fault === CORRUPT) this.#corrupt(piece, piece.length);
    this.#arrived.push(piece);
    if (fault === DUPLICATE) this.#arrived.push(piece);
  }

  /** Puts what came, or the oldest block of it, into `target`; returns its length, 0 for silence. */
  read(target: Uint8Array): number {
    let length = 0;
    do {
      const piece = this.#arrived.shift();
      if (piece === undefined) break;
      for (let i = 0; i < piece.length; i++) target[length++] = piece[i];
    } while (!this.#isApart);
    return length;
  }

  #fault(from: "<" | ">", block: Uint8Array, length: number): number {
    const digits = this.#digits;
    const step = this.steps++;
    const fault = step < digits.length ? digits[step] : DELIVER;
    if (this.#trace !== null) {
      const text = toHex(block.subarray(0, length), " ");
      this.#trace(`${from} ${text}${FAULT_NAMES[fault]}`);
    }
    return fault;
  }

  /** Flips one bit, which any check notices: of PCB, LEN, INF (the check byte where there is none) and check byte in turn. */
  #corrupt(block: Uint8Array, length: number): void {
    const places = [1, 2, 3 + (block[2] >> 1), length - 1];
    block[places[this.steps & 3]] ^= 1 << (this.steps * 3 & 7);
  }
}
