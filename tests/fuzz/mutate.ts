/**
 * Generic mutations of bytes, done in place in one reused buffer.
 *
 * @module
 */

import { copyBytes } from "../../src/bytes.ts";
import type { Random } from "./random.ts";

/** Bytes at the edges of ranges, and those to which ISO/IEC 7816-3 and 7816-4 give a meaning. */
const INTERESTING = Uint8Array.of(
  ...[0x00, 0x01, 0x02, 0x0f, 0x10, 0x20, 0x3b, 0x3f, 0x40, 0x60, 0x61],
  ...[0x6c, 0x7f, 0x80, 0x81, 0x90, 0xa4, 0xc0, 0xc1, 0xe1, 0xfe, 0xff],
);
/** Most mutations stacked on one input. */
const MAX_STACKED = 8;
/** Largest difference of the small arithmetic. */
const MAX_DIFFERENCE = 16;
/** Most runs of bytes are no longer than this. */
const SHORT_RUN = 8;
/** Views of the buffer up to this length are made once and kept. */
const MAX_CACHED_VIEW = 4096;

/** A buffer holding one input of at most `maxBytes` bytes, and the ways to change it. */
export class Mutator {
  readonly #bytes: Uint8Array;
  readonly #random: Random;
  readonly #views: (Uint8Array | undefined)[] = [];
  #length = 0;

  /** An empty input. @throws {RangeError} when `maxBytes` is not a whole number from 1 up */
  constructor(maxBytes: number, random: Random) {
    if (!Number.isInteger(maxBytes) || maxBytes < 1) {
      throw new RangeError(
        `Cannot fuzz: maxBytes is ${maxBytes}, expected an integer from 1 up`,
      );
    }
    this.#bytes = new Uint8Array(maxBytes);
    this.#random = random;
  }

  /** The input; valid until the next change. */
  get view(): Uint8Array {
    const length = this.#length;
    if (length > MAX_CACHED_VIEW) return this.#bytes.subarray(0, length);
    return this.#views[length] ??= this.#bytes.subarray(0, length);
  }

  /** Takes over `input`, cut to the buffer's size; it may be a view of this buffer. */
  load(input: Uint8Array): void {
    this.#length = Math.min(input.length, this.#bytes.length);
    if (input.buffer === this.#bytes.buffer) {
      const start = input.byteOffset;
      this.#bytes.copyWithin(0, start, start + this.#length);
    } else copyBytes(input, 0, this.#length, this.#bytes, 0);
  }

  /** Changes the input 1 to 8 times, few times being likelier; `donor` is another input to splice with. */
  mutate(donor: Uint8Array): void {
    const times = 1 + this.#random.belowSkewed(MAX_STACKED);
    for (let i = 0; i < times; i++) this.#mutateOnce(donor);
  }

  #mutateOnce(donor: Uint8Array): void {
    const random = this.#random;
    const bytes = this.#bytes;
    if (this.#length === 0) return this.#insert();
    const at = random.below(this.#length);
    switch (random.below(14)) {
      case 0:
      case 1:
        bytes[at] ^= 1 << random.below(8);
        return;
      case 2:
      case 3:
        bytes[at] = this.#interesting();
        return;
      case 4:
      case 5:
        bytes[at] = random.next();
        return;
      case 6:
        bytes[at] += 1 + random.below(MAX_DIFFERENCE);
        return;
      case 7:
        bytes[at] -= 1 + random.below(MAX_DIFFERENCE);
        return;
      case 8:
        return this.#insert();
      case 9:
        return this.#delete(at);
      case 10:
        return this.#duplicate(at);
      case 11:
        // Rather a little than everything.
        this.#length -= random.belowSkewed(this.#length) + 1;
        return;
      case 12:
        return random.chance(0.5) ? this.#swap(at) : this.#fill(at);
      case 13:
        return this.#splice(donor);
    }
  }

  #interesting(): number {
    return INTERESTING[this.#random.below(INTERESTING.length)];
  }

  /** Length of a run, 1..most; mostly a short one. */
  #runLength(most: number): number {
    const random = this.#random;
    const limit = random.chance(0.125) ? most : Math.min(most, SHORT_RUN);
    return 1 + random.belowSkewed(limit);
  }

  /** Makes room for `count` bytes at `at`; returns for how many there was any. */
  #makeRoom(at: number, count: number): number {
    const room = Math.min(count, this.#bytes.length - this.#length);
    this.#bytes.copyWithin(at + room, at, this.#length);
    this.#length += room;
    return room;
  }

  #insert(): void {
    const random = this.#random;
    const at = random.below(this.#length + 1);
    const room = this.#makeRoom(at, this.#runLength(SHORT_RUN));
    for (let i = at; i < at + room; i++) {
      this.#bytes[i] = random.chance(0.5) ? this.#interesting() : random.next();
    }
  }

  #delete(at: number): void {
    const count = this.#runLength(this.#length - at);
    this.#bytes.copyWithin(at, at + count, this.#length);
    this.#length -= count;
  }

  /** A run once more, right behind itself or elsewhere. */
  #duplicate(from: number): void {
    const count = this.#runLength(this.#length - from);
    const run = this.#bytes.slice(from, from + count);
    const at = this.#random.chance(0.5)
      ? from + count
      : this.#random.below(this.#length + 1);
    const room = this.#makeRoom(at, count);
    copyBytes(run, 0, room, this.#bytes, at);
  }

  #swap(at: number): void {
    const other = this.#random.below(this.#length);
    const byte = this.#bytes[at];
    this.#bytes[at] = this.#bytes[other];
    this.#bytes[other] = byte;
  }

  /** Overwrites a run: with one value, or with as many random ones. */
  #fill(at: number): void {
    const end = at + this.#runLength(this.#length - at);
    if (this.#random.chance(0.5)) {
      this.#bytes.fill(this.#interesting(), at, end);
    } else {
      for (let i = at; i < end; i++) this.#bytes[i] = this.#random.next();
    }
  }

  /** A run of the donor over, or between, the bytes here; or its tail in place of the tail here. */
  #splice(donor: Uint8Array): void {
    const random = this.#random;
    if (donor.length === 0) return;
    const from = random.below(donor.length);
    const at = random.below(this.#length + 1);
    if (random.chance(0.25)) {
      const count = Math.min(donor.length - from, this.#bytes.length - at);
      copyBytes(donor, from, from + count, this.#bytes, at);
      this.#length = at + count;
      return;
    }
    const wanted = this.#runLength(donor.length - from);
    const count = random.chance(0.5)
      ? this.#makeRoom(at, wanted)
      : Math.min(wanted, this.#length - at);
    copyBytes(donor, from, from + count, this.#bytes, at);
  }
}
