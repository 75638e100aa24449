/**
 * Memory for characters that is used again.
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";

/** Characters put together, one lot after the other in the same memory, which grows as needed and is kept. */
export class CharacterBuffer {
  #room: Uint8Array;
  #length = 0;
  /** The last view handed out: mostly the next lot is as long. */
  #view: Uint8Array;

  /** Begins with room for `capacity` bytes, at least 1. */
  constructor(capacity: number) {
    this.#room = new Uint8Array(capacity);
    this.#view = this.#room.subarray(0, 0);
  }

  /** Bytes in it. */
  get length(): number {
    return this.#length;
  }

  /** What is in it, not copied: valid until the buffer is changed. */
  get bytes(): Uint8Array {
    if (this.#view.length !== this.#length) {
      this.#view = this.#room.subarray(0, this.#length);
    }
    return this.#view;
  }

  /** Empties it. */
  clear(): void {
    this.#length = 0;
  }

  /** Appends one byte. */
  push(byte: number): void {
    this.#reserve(1);
    this.#room[this.#length++] = byte;
  }

  /** Appends `source[start..end)`. */
  append(
    source: Uint8Array,
    start: number = 0,
    end: number = source.length,
  ): void {
    this.#reserve(end - start);
    copyBytes(source, start, end, this.#room, this.#length);
    this.#length += end - start;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#room.length) return;
    const room = new Uint8Array(Math.max(needed, 2 * this.#room.length));
    copyBytes(this.#room, 0, this.#length, room, 0);
    this.#room = room;
    this.#view = room.subarray(0, 0);
  }
}
