/**
 * The card of the T=1 benches: its blocks, and the way in which they come to lie in
 * the reader's buffer. Nothing of it is the reader's work, so it is done as fast as
 * JavaScript can, for whichever reader.
 *
 * @module
 */

/** Blocks of a card as words, each padded to whole ones. */
export interface Playback {
  readonly words: readonly Int32Array[];
  /** Their lengths in bytes. */
  readonly lengths: readonly number[];
}

/** Up to this many words a loop is faster than `set`. */
const LOOP_WORDS = 32;

/** Prepares the `blocks` of a card. */
export function playback(blocks: readonly Uint8Array[]): Playback {
  return {
    words: blocks.map((block) => {
      const words = new Int32Array(block.length + 3 >> 2);
      new Uint8Array(words.buffer).set(block);
      return words;
    }),
    lengths: blocks.map((block) => block.length),
  };
}

/** A receive buffer as words; it has room for the padding. */
export function asWords(receive: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = receive;
  return new Int32Array(buffer, byteOffset, length >> 2);
}

/** Puts a block of the card into the reader's buffer. */
export function deliver(receive: Int32Array, block: Int32Array): void {
  const { length } = block;
  if (length > LOOP_WORDS) return receive.set(block);
  for (let i = 0; i < length; i++) receive[i] = block[i];
}
