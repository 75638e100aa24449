/**
 * The inputs worth changing further: for every feature and bucket the shortest one
 * that showed it.
 *
 * @module
 */

import { NO_BYTES } from "../../src/bytes.ts";
import { BUCKETS, FEATURES } from "./feedback.ts";
import type { Random } from "./random.ts";

/** How much a corpus may hold. */
export interface CorpusLimits {
  /** Most inputs, 1..65 534; default 4096. */
  readonly maxEntries?: number;
  /** Most bytes of all inputs together, but for a single longer one; default 4 MiB. */
  readonly maxBytes?: number;
}

/** Owner of a key that nothing showed yet. */
const NOBODY = 0;
/** Owner of a key whose input went when the corpus was full; its length counts as 0. */
const GONE = 0xffff;

/**
 * Inputs by the keys they own (as `Feedback.keys` has them). An input stays as long as
 * it owns one; a shorter input that shows the same takes the key over.
 */
export class Corpus {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** Slot of the owner of every key. */
  readonly #owners = new Uint16Array(FEATURES * BUCKETS);
  readonly #isFeatureKnown = new Uint8Array(FEATURES);
  /** By slot, 1 up (0 is NOBODY): the input, its length, and how many keys it owns. */
  readonly #inputs: Uint8Array[] = [NO_BYTES];
  readonly #lengths = new Uint32Array(GONE + 1);
  readonly #owned = new Uint32Array(GONE + 1);
  /** By slot: used while making room. */
  readonly #isGoing = new Uint8Array(GONE + 1);
  readonly #freeSlots: number[] = [];
  /** Slots in use, the oldest input first. */
  #slots: number[] = [];
  readonly #gains = new Uint32Array(FEATURES);
  #bytes = 0;
  #features = 0;

  /** An empty corpus. */
  constructor(limits: CorpusLimits = {}) {
    this.#maxEntries = limits.maxEntries ?? 4096;
    this.#maxBytes = limits.maxBytes ?? 4 * 1024 * 1024;
  }

  /** How many inputs there are. */
  get size(): number {
    return this.#slots.length;
  }

  /** Bytes of all inputs together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many different features were shown so far, whatever their count. */
  get features(): number {
    return this.#features;
  }

  /**
   * Keeps a copy of `input` if one of the first `length` of the `keys` it showed is
   * new, or was shown by longer inputs only; returns whether it did.
   */
  consider(input: Uint8Array, keys: Uint32Array, length: number): boolean {
    let gained = 0;
    for (let i = 0; i < length; i++) {
      const owner = this.#owners[keys[i]];
      if (owner === NOBODY || input.length < this.#lengths[owner]) {
        this.#gains[gained++] = keys[i];
      }
    }
    if (gained === 0) return false;
    this.#makeRoom(input.length);
    const slot = this.#add(input);
    for (let i = 0; i < gained; i++) this.#claim(this.#gains[i], slot);
    return true;
  }

  /** One of the inputs, rather a short and a recent one. There must be one. */
  pick(random: Random): Uint8Array {
    const input = this.#pickRecent(random);
    if (random.chance(0.5)) return input;
    const other = this.#pickRecent(random);
    return other.length < input.length ? other : input;
  }

  #pickRecent(random: Random): Uint8Array {
    const count = this.#slots.length;
    return this.#inputs[this.#slots[count - 1 - random.belowSkewed(count)]];
  }

  #add(input: Uint8Array): number {
    const slot = this.#freeSlots.pop() ?? this.#inputs.length;
    this.#inputs[slot] = input.slice();
    this.#lengths[slot] = input.length;
    this.#owned[slot] = 0;
    this.#slots.push(slot);
    this.#bytes += input.length;
    return slot;
  }

  #claim(key: number, slot: number): void {
    const before = this.#owners[key];
    this.#owners[key] = slot;
    this.#owned[slot]++;
    if (before === NOBODY) {
      const feature = Math.floor(key / BUCKETS);
      this.#features += 1 - this.#isFeatureKnown[feature];
      this.#isFeatureKnown[feature] = 1;
    } else if (before !== GONE && --this.#owned[before] === 0) {
      this.#slots.splice(this.#slots.indexOf(before), 1);
      this.#release(before);
    }
  }

  #release(slot: number): void {
    this.#bytes -= this.#lengths[slot];
    this.#inputs[slot] = NO_BYTES;
    this.#freeSlots.push(slot);
  }

  /**
   * Lets go of inputs until another of `length` bytes fits: of the older half the longer
   * half, many at once because finding the keys of those that go takes long.
   */
  #makeRoom(length: number): void {
    while (
      this.#slots.length > 0 && (this.#slots.length >= this.#maxEntries ||
        this.#bytes + length > this.#maxBytes)
    ) {
      const older = this.#slots.slice(0, Math.ceil(this.#slots.length / 2));
      older.sort((a, b) => this.#lengths[b] - this.#lengths[a]);
      older.length = Math.ceil(older.length / 2);
      for (const slot of older) this.#isGoing[slot] = 1;
      for (let key = 0; key < this.#owners.length; key++) {
        if (this.#isGoing[this.#owners[key]]) this.#owners[key] = GONE;
      }
      this.#slots = this.#slots.filter((slot) => !this.#isGoing[slot]);
      for (const slot of older) {
        this.#isGoing[slot] = 0;
        this.#release(slot);
      }
    }
  }
}
