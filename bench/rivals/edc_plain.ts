/**
 * The check bytes of T=1 in TypeScript, written the usual way (ISO/IEC 7816-3
 * 11.4.4).
 *
 * @module
 */

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let r = index;
  for (let bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ 0x8408 : r >> 1;
  return r;
});

/** XOR of the first `length` bytes. */
export function lrc(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum ^= bytes[i];
  return sum;
}

/** CRC of ISO/IEC 13239 of the first `length` bytes; the low byte goes first. */
export function crc(bytes: Uint8Array, length: number): number {
  let r = 0xffff;
  for (let i = 0; i < length; i++) {
    r = r >> 8 ^ CRC_TABLE[(r ^ bytes[i]) & 0xff];
  }
  return r ^ 0xffff;
}
