/**
 * A string of bytes as a source of decisions, so that fuzzing and property tests
 * steer the same duels.
 *
 * @module
 */

/** Called with what a duel saw, small integers from 0 to 65535. */
export type Feature = (id: number) => void;

/** For duels that nobody watches. */
export const ignoreFeature: Feature = () => {};

/** Reads decisions off a string of bytes; past its end all bytes are 0. */
export class DuelInput {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether no byte is left. */
  get isOver(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** An integer from 0 to `limit - 1`, of one byte, or of two where one does not reach. */
  below(limit: number): number {
    if (limit <= 256) return this.byte() % limit;
    return (this.byte() << 8 | this.byte()) % limit;
  }

  /** `length` bytes, a counting pattern where the input has ended. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(
      { length },
      (_, index) => this.isOver ? index & 0xff : this.byte(),
    );
  }

  /** All that is left. */
  rest(): Uint8Array<ArrayBuffer> {
    const rest = this.#bytes.slice(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }
}

/** A number from 0 to 65535 that depends on all parts. */
export function featureOf(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) hash = Math.imul(hash ^ part, 0x01000193);
  return (hash ^ hash >>> 16) & 0xffff;
}
