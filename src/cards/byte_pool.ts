/**
 * Small arrays for less than the price of an ArrayBuffer each.
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";

const SLAB_BYTES = 2048;
/** Larger pieces get memory of their own: they would use up a slab at once. */
const LARGEST_PIECE_BYTES = SLAB_BYTES / 8;

/**
 * Cuts arrays from slabs, each place once: who gets an array may keep and
 * change it. Only the ArrayBuffer behind it is not theirs alone.
 */
export class BytePool {
  #slab = new ArrayBuffer(0);
  #used = 0;

  /** An array of zeros. */
  take(length: number): Uint8Array {
    if (length > LARGEST_PIECE_BYTES) return new Uint8Array(length);
    // A slab that was transferred away has no bytes left either.
    if (this.#used + length > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      this.#used = 0;
    }
    const piece = new Uint8Array(this.#slab, this.#used, length);
    // At multiples of eight, as arrays with a buffer of their own: wider views of it are possible.
    this.#used += (length + 7) & ~7;
    return piece;
  }

  /** A copy of `source[start..end)`. */
  copy(
    source: Uint8Array,
    start: number = 0,
    end: number = source.length,
  ): Uint8Array {
    const piece = this.take(end - start);
    copyBytes(source, start, end, piece, 0);
    return piece;
  }
}
