/**
 * Numbers for contexts and connections.
 *
 * @module
 */

const HALF_BITS = 26;
const HALF = 2 ** HALF_BITS;
const MASK = HALF - 1;
const ROUNDS = 4;

/**
 * Numbers of 52 bits that do not come again and that nobody guesses: a counter, scrambled
 * one to one by a Feistel network whose keys are random.
 */
export class HandleNumbers {
  #keys: Uint32Array = crypto.getRandomValues(new Uint32Array(ROUNDS));
  #count = 0;

  /** A number that was not given before, never 0. */
  next(): number {
    const handle = this.#scramble(++this.#count);
    return handle === 0 ? this.next() : handle;
  }

  #scramble(count: number): number {
    let high = Math.floor(count / HALF);
    let low = count % HALF;
    for (const key of this.#keys) {
      [high, low] = [low, (high ^ mix(low, key)) & MASK];
    }
    return high * HALF + low;
  }
}

/** A hash of a half and a key: any function makes the network one to one. */
function mix(half: number, key: number): number {
  let hash = Math.imul(half ^ key, 0x85EBCA6B);
  hash = Math.imul(hash ^ hash >>> 13, 0xC2B2AE35);
  return hash ^ hash >>> 16;
}
