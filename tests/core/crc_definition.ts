/** The CRC bit by bit, from its definition. */
export function crcByDefinition(
  bytes: Uint8Array,
  polynomial: number,
  start: number,
): number {
  let register = start;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1 ? register >> 1 ^ polynomial : register >> 1;
    }
  }
  return register;
}
