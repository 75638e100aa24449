/**
 * Numbers that are taken.
 *
 * @module
 */

/** Bits of one word. */
const WORD = 32;
const FULL = 0xFFFFFFFF;

/**
 * A set of numbers that finds the smallest one missing in a few steps, however many it
 * has: level 0 has a bit for each number, each further level a bit for each full word
 * of the one below.
 */
export class NumberSet {
  #levels: Map<number, number>[] = [new Map()];

  /** Whether nothing is taken. */
  get isEmpty(): boolean {
    return this.#levels[0].size === 0;
  }

  /** Takes a number: an integer from 0. */
  add(number: number): void {
    let bit = number;
    for (let level = 0;; level++) {
      const words = this.#levels[level] ??= new Map<number, number>();
      const index = Math.floor(bit / WORD);
      const word = ((words.get(index) ?? 0) | 1 << bit % WORD) >>> 0;
      words.set(index, word);
      if (word !== FULL) return;
      bit = index;
    }
  }

  /** Gives a number back. */
  delete(number: number): void {
    let bit = number;
    for (const words of this.#levels) {
      const index = Math.floor(bit / WORD);
      const before = words.get(index) ?? 0;
      const word = (before & ~(1 << bit % WORD)) >>> 0;
      if (word === 0) words.delete(index);
      else words.set(index, word);
      // Only what was full has a bit above.
      if (before !== FULL) return;
      bit = index;
    }
  }

  /** The smallest number from `from` on that is not taken. */
  firstMissing(from: number): number {
    let bit = from;
    for (let level = 0;; level++) {
      const index = Math.floor(bit / WORD);
      const taken = this.#levels[level]?.get(index) ?? 0;
      const missing = lowestBit(~taken & FULL << bit % WORD);
      if (missing !== null) return this.#descend(level, index, missing);
      // All of this word from here on are taken: the next one.
      bit = index + 1;
    }
  }

  /** The smallest number that is missing below a bit that is not set. */
  #descend(level: number, index: number, bit: number): number {
    let number = index * WORD + bit;
    for (let below = level - 1; below >= 0; below--) {
      const taken = this.#levels[below].get(number) ?? 0;
      number = number * WORD + lowestBit(~taken)!;
    }
    return number;
  }
}

function lowestBit(word: number): number | null {
  return word === 0 ? null : 31 - Math.clz32(word & -word);
}
