/**
 * Memory for one block of T=1.
 *
 * @module
 */

import { copyBytes, NO_BYTES } from "../bytes.ts";
import type { Edc } from "./edc.ts";
import { T1_MAX_BLOCK_BYTES, T1_PROLOGUE_BYTES } from "./t1_block.ts";

/** Makes block after block in the same memory; the last one stays, because it may be wanted again. */
export class T1BlockBuffer {
  readonly #edc: Edc;
  readonly #room = new Uint8Array(T1_MAX_BLOCK_BYTES);
  /** The last view handed out: mostly the next block is as long. */
  #block = this.#room.subarray(0, 0);

  /** Blocks end with `edc`. */
  constructor(edc: Edc) {
    this.#edc = edc;
  }

  /** Puts a block together; its INF is `source[start..end)`, at most 254 bytes. Valid until the next one is made. */
  make(
    nad: number,
    pcb: number,
    source: Uint8Array = NO_BYTES,
    start: number = 0,
    end: number = source.length,
  ): Uint8Array {
    const room = this.#room;
    const endOfInf = T1_PROLOGUE_BYTES + end - start;
    room[0] = nad;
    room[1] = pcb;
    room[2] = end - start;
    copyBytes(source, start, end, room, T1_PROLOGUE_BYTES);
    this.#edc.write(room, endOfInf);
    const length = endOfInf + this.#edc.length;
    if (this.#block.length !== length) this.#block = room.subarray(0, length);
    return this.#block;
  }
}
