/**
 * Numbers that clients know contexts and connections by.
 *
 * @module
 */

const LARGEST = 0x7FFF_FFFF;

/** Hands out random positive 31-bit numbers, no two alike at a time; they cannot be guessed. */
export class WireNumbers<Owner> {
  #owners = new Map<number, Owner>();
  #random = new Uint32Array(1);

  /** How many are in use. */
  get size(): number {
    return this.#owners.size;
  }

  /** A number for `owner`. */
  take(owner: Owner): number {
    for (;;) {
      const number = crypto.getRandomValues(this.#random)[0] & LARGEST;
      if (number === 0 || this.#owners.has(number)) continue;
      this.#owners.set(number, owner);
      return number;
    }
  }

  /** Whose number it is. */
  find(number: number): Owner | undefined {
    return this.#owners.get(number);
  }

  /** The number may be used again. */
  free(number: number): void {
    this.#owners.delete(number);
  }
}
