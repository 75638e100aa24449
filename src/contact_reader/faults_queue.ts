/**
 * Characters between a faulty link and its reader.
 *
 * @module
 */

/** Characters kept at most; those beyond are lost, as in a receiver that overflows. */
const CAPACITY = 8192;

/** Characters in their order. */
export class CharacterQueue {
  #characters: number[] = [];

  /** How many wait. */
  get length(): number {
    return this.#characters.length;
  }

  /** Appends one, if there is room. */
  push(character: number): void {
    if (this.#characters.length < CAPACITY) this.#characters.push(character);
  }

  /** Forgets all. */
  clear(): void {
    this.#characters.length = 0;
  }

  /** Moves up to `wanted` to `target` from `offset` on. @returns how many */
  take(target: Uint8Array, offset: number, wanted: number): number {
    const room = Math.max(0, Math.min(wanted, target.length - offset));
    const taken = this.#characters.splice(0, room);
    target.set(taken, offset);
    return taken.length;
  }

  /** All of them, which leave. */
  takeAll(): Uint8Array<ArrayBuffer> {
    const all = Uint8Array.from(this.#characters);
    this.clear();
    return all;
  }
}
