/**
 * Blocks of T=1 from the characters that come (ISO/IEC 7816-3 11.3).
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";
import type { Edc } from "./edc.ts";
import {
  decodeT1Block,
  T1_MAX_BLOCK_BYTES,
  T1_PROLOGUE_BYTES,
} from "./t1_block.ts";

/**
 * Makes blocks of chunks of characters, by LEN.
 *
 * A chunk may end anywhere inside a block. What is left of a block that never
 * ends is dropped in three ways: by `drop()` (the link says that CWT went by),
 * when the block completed by later characters is invalid, and when a later
 * chunk is an intact block by itself: a reader that sends a whole block anew
 * gave the old one up. At most one block is ever held.
 */
export class T1Assembler {
  readonly #edc: Edc;
  /** One byte more than a block has, so that a surplus shows. */
  readonly #pending = new Uint8Array(T1_MAX_BLOCK_BYTES + 1);
  #length = 0;

  /** Blocks end with this code. */
  constructor(edc: Edc) {
    this.#edc = edc;
  }

  /** Whether a block has begun and not ended. */
  get isInsideBlock(): boolean {
    return this.#length > 0;
  }

  /** Forgets the block begun. */
  drop(): void {
    this.#length = 0;
  }

  /**
   * Takes characters; gives what is to be decoded as one block, or null while
   * it is incomplete. Characters beyond the end of a block stay with it and
   * make it invalid: nobody sends twice in a row in a half-duplex protocol.
   *
   * @returns the chunk itself or a view of what was collected, to be decoded
   * before either changes
   */
  push(chunk: Uint8Array): Uint8Array | null {
    if (chunk.length === 0) return null;
    if (!this.isInsideBlock) {
      if (this.#isComplete(chunk, chunk.length)) return chunk;
      this.#collect(chunk);
      return null;
    }
    this.#collect(chunk);
    const framed = this.#isComplete(this.#pending, this.#length)
      ? this.#pending.subarray(0, this.#length)
      : null;
    const intact = framed !== null && this.#isIntact(framed);
    if (!intact && this.#isIntact(chunk)) {
      this.drop();
      return chunk;
    }
    if (framed !== null) this.drop();
    return framed;
  }

  #collect(chunk: Uint8Array): void {
    const room = this.#pending.length - this.#length;
    const count = Math.min(chunk.length, room);
    copyBytes(chunk, 0, count, this.#pending, this.#length);
    this.#length += count;
  }

  #isComplete(bytes: Uint8Array, length: number): boolean {
    if (length < T1_PROLOGUE_BYTES) return false;
    // LEN 255 is RFU and says nothing about the end (11.3.2.3).
    return bytes[2] === 0xff ||
      length >= T1_PROLOGUE_BYTES + bytes[2] + this.#edc.length;
  }

  #isIntact(bytes: Uint8Array): boolean {
    return decodeT1Block(bytes, this.#edc).kind !== "invalid";
  }
}
