/**
 * Conversion between direct and inverse convention (ISO/IEC 7816-3 8.1).
 *
 * @module
 */

const INVERTED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) {
    if ((byte & 1 << bit) !== 0) reversed |= 0x80 >> bit;
  }
  return reversed ^ 0xFF;
});

/**
 * SmartcardInvertData: converts in place; applied twice it restores the data.
 *
 * @param length how many bytes from the start; at most those of `buffer` are touched
 */
export function SmartcardInvertData(buffer: Uint8Array, length: number): void {
  const end = Math.min(length, buffer.length);
  for (let i = 0; i < end; i++) buffer[i] = INVERTED[buffer[i]];
}
