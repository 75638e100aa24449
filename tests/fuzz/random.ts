/**
 * Pseudo-random numbers that are the same everywhere for the same seed.
 *
 * @module
 */

/** FNV-1a, 32 bits, over the UTF-16 code units of a text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Steps until the state has forgotten how alike two seeds were. */
const WARM_UP = 16;

/** The generator sfc32 of PractRand (Chris Doty-Humphrey): 128 bits of state. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** A sequence for an unsigned 32-bit `seed`; another one for every `stream`. */
  constructor(seed: number, stream = "") {
    this.#a = hashText(stream) | 0;
    this.#b = seed | 0;
    this.#c = 0x2545f491;
    for (let i = 0; i < WARM_UP; i++) this.next();
  }

  /** The next 32 bits, 0..4 294 967 295. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ this.#b >>> 9;
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0;
    return sum >>> 0;
  }

  /** An integer 0..n-1; 0 when `n` is 0. For `n` up to 2^21 no value is favoured noticeably. */
  below(n: number): number {
    return Math.floor(this.next() * n / 0x1_0000_0000);
  }

  /** An integer `low` to `high`. */
  within(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** An integer 0..n-1 where small ones are likelier than large ones; 0 when `n` is 0. */
  belowSkewed(n: number): number {
    return this.below(this.below(n) + 1);
  }

  /** One of the items. @throws {RangeError} when there are none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Cannot pick: no items");
    return items[this.below(items.length)];
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** True with probability `p`, 0..1. */
  chance(p: number): boolean {
    return this.next() < p * 0x1_0000_0000;
  }
}
