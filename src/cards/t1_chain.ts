/**
 * The chain of I-blocks that a card collects (ISO/IEC 7816-3 11.6.2.2).
 *
 * @module
 */

import { MAX_COMMAND_BYTES } from "./application.ts";
import { BytePool } from "./byte_pool.ts";
import { CharacterBuffer } from "./character_buffer.ts";

/** A command of one block; chains make it grow. */
const INITIAL_BYTES = 254;

/**
 * The command that the reader's chain makes up.
 *
 * A chain longer than any C-APDU is not kept: what remains of it is three
 * bytes, which no application takes for a command.
 */
export class T1Chain {
  readonly #bytes = new CharacterBuffer(INITIAL_BYTES);
  readonly #pool = new BytePool();
  #isTooLong = false;

  /** Appends the INF of an I-block. */
  add(inf: Uint8Array): void {
    this.#isTooLong ||= this.#bytes.length + inf.length > MAX_COMMAND_BYTES;
    if (!this.#isTooLong) this.#bytes.append(inf);
  }

  /** Forgets all. */
  clear(): void {
    this.#bytes.clear();
    this.#isTooLong = false;
  }

  /** A copy of the command so far, in one piece. */
  bytes(): Uint8Array {
    return this.#isTooLong
      ? this.#pool.take(3)
      : this.#pool.copy(this.#bytes.bytes);
  }
}
