import type { Edc } from "./edc.ts";
import { decodeT1Block, T1_PROLOGUE_BYTES } from "./t1_block.ts";

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
  #pending: Uint8Array = new Uint8Array(0);

  /** Blocks end with this code. */
  constructor(edc: Edc) {
    this.#edc = edc;
  }

  /** Whether a block has begun and not ended. */
  get isInsideBlock(): boolean {
    return this.#pending.length > 0;
  }

  /** Forgets the block begun. */
  drop(): void {
    this.#pending = new Uint8Array(0);
  }

  /**
   * Takes characters; gives what is to be decoded as one block, or null while
   * it is incomplete. Characters beyond the end of a block stay with it and
   * make it invalid: nobody sends twice in a row in a half-duplex protocol.
   */
  push(chunk: Uint8Array): Uint8Array | null {
    if (chunk.length === 0) return null;
    if (!this.isInsideBlock) return this.#frame(chunk.slice());
    const joined = new Uint8Array(this.#pending.length + chunk.length);
    joined.set(this.#pending);
    joined.set(chunk, this.#pending.length);
    const framed = this.#frame(joined);
    const intact = framed !== null && this.#isIntact(framed);
    if (!intact && this.#isIntact(chunk)) {
      this.drop();
      return chunk.slice();
    }
    return framed;
  }

  #frame(bytes: Uint8Array): Uint8Array | null {
    if (bytes.length < T1_PROLOGUE_BYTES) {
      this.#pending = bytes;
      return null;
    }
    // LEN 255 is RFU and says nothing about the end (11.3.2.3).
    const need = bytes[2] === 0xff
      ? T1_PROLOGUE_BYTES
      : T1_PROLOGUE_BYTES + bytes[2] + this.#edc.length;
    if (bytes.length < need) {
      this.#pending = bytes;
      return null;
    }
    this.drop();
    return bytes;
  }

  #isIntact(bytes: Uint8Array): boolean {
    return decodeT1Block(bytes, this.#edc).kind !== "invalid";
  }
}
