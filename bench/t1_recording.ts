/**
 * A conversation of a T=1 reader with a card, written down block by block from the
 * rules of ISO/IEC 7816-3 11.6.2, for cards that only play back.
 *
 * @module
 */

/** Bytes in each direction of an exchange, unless told otherwise. */
export const EXCHANGE_BYTES = 4096;
/** Exchanges after which the sequence numbers are where they were. */
export const EXCHANGES = 2;

/** The check of T=1 blocks; CRC is that of ISO/IEC 13239. */
export type Check = "LRC" | "CRC";

/** A command, its response, and all blocks of {@linkcode EXCHANGES} exchanges. */
export interface Recording {
  readonly command: Uint8Array<ArrayBuffer>;
  readonly response: Uint8Array<ArrayBuffer>;
  /** What the reader has to send. */
  readonly reader: readonly Uint8Array<ArrayBuffer>[];
  /** What the card answers to it. */
  readonly card: readonly Uint8Array<ArrayBuffer>[];
}

/** One block, with its check bytes. */
export function block(
  pcb: number,
  inf: Uint8Array,
  withCrc: boolean,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 + inf.length + (withCrc ? 2 : 1));
  bytes[1] = pcb;
  bytes[2] = inf.length;
  bytes.set(inf, 3);
  const end = 3 + inf.length;
  if (!withCrc) {
    bytes[end] = bytes.subarray(0, end).reduce((sum, byte) => sum ^ byte, 0);
    return bytes;
  }
  let r = 0xffff;
  for (const byte of bytes.subarray(0, end)) {
    r ^= byte;
    for (let bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ 0x8408 : r >> 1;
  }
  bytes[end] = ~r;
  bytes[end + 1] = ~r >> 8;
  return bytes;
}

/** Bytes that look like chance, the same for the same `seed`. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1103515245) + 12345 | 0;
    return state >>> 16;
  });
}

/** Header, extended Lc and Le of a command with data. */
const CASE_4_BYTES = 9;

/** One extended case 4 command of `bytes` bytes, answered with as many, at these field sizes. */
export function record(
  ifsBytes: number,
  withCrc: boolean,
  bytes: number = EXCHANGE_BYTES,
): Recording {
  const dataBytes = bytes - CASE_4_BYTES;
  const command = noise(bytes, 1);
  command.set([0x00, 0xcb, 0x3f, 0xff, 0x00, dataBytes >> 8, dataBytes & 0xff]);
  command.set([0, 0], bytes - 2);
  const response = noise(bytes, 2);
  response.set([0x90, 0x00], bytes - 2);
  const reader: Uint8Array<ArrayBuffer>[] = [];
  const card: Uint8Array<ArrayBuffer>[] = [];
  const none = new Uint8Array(0);
  const numbers = { reader: 0, card: 0 };
  for (let exchange = 0; exchange < EXCHANGES; exchange++) {
    for (let at = 0; at < bytes; at += ifsBytes) {
      const more = at + ifsBytes < bytes;
      const inf = command.subarray(at, at + ifsBytes);
      const pcb = numbers.reader << 6 | (more ? 0x20 : 0);
      reader.push(block(pcb, inf, withCrc));
      numbers.reader ^= 1;
      if (more) card.push(block(0x80 | numbers.reader << 4, none, withCrc));
    }
    for (let at = 0; at < bytes; at += ifsBytes) {
      const more = at + ifsBytes < bytes;
      const inf = response.subarray(at, at + ifsBytes);
      card.push(block(numbers.card << 6 | (more ? 0x20 : 0), inf, withCrc));
      numbers.card ^= 1;
      if (more) reader.push(block(0x80 | numbers.card << 4, none, withCrc));
    }
  }
  return { command, response, reader, card };
}
