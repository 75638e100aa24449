/**
 * Test oracle: the error detection codes of T=1 blocks (ISO/IEC 7816-3 clause 11), with the readings of the CRC that are in the field.
 * Bit by bit and without tables, but for the reading that is defined by its faulty table.
 *
 * @module
 */

/**
 * Which code: "LRC"; "13239" the literal reading; "no-complement" the same register uncomplemented; "arc" CRC-16/ARC;
 * "arc-faulty" that with one wrong table entry; "zero-start" 13239 from an initial register of 0.
 */
export type BlockCheck =
  | "LRC"
  | "13239"
  | "no-complement"
  | "arc-faulty"
  | "arc"
  | "zero-start";

// x^16 + x^12 + x^5 + 1 and x^16 + x^15 + x^2 + 1, reflected: bit 15 of the polynomial is bit 0 here.
const CCITT = 0x8408;
const ARC = 0xa001;

/** Shifts one byte, lowest bit first, through a reflected 16-bit register. */
function shiftByte(register: number, byte: number, polynomial: number): number {
  register ^= byte;
  for (let bit = 0; bit < 8; bit++) {
    const out = register & 1;
    register >>= 1;
    if (out === 1) register ^= polynomial;
  }
  return register;
}

function remainder(
  bytes: Uint8Array,
  polynomial: number,
  initial: number,
): number {
  let register = initial;
  for (const b of bytes) register = shiftByte(register, b, polynomial);
  return register;
}

/** CRC-16/ARC by two tables of 16 entries, the last one of the high nibble being 4600 where 4400 is right. */
function faultyArc(bytes: Uint8Array): number {
  const lowTab: number[] = [];
  const highTab: number[] = [];
  for (let nibble = 0; nibble < 16; nibble++) {
    lowTab.push(shiftByte(0, nibble, ARC));
    highTab.push(shiftByte(0, nibble * 16, ARC));
  }
  highTab[15] = 0x4600;

  let crc = 0;
  for (const b of bytes) {
    const t = b ^ (crc & 0xff);
    crc = (crc >> 8) ^ lowTab[t & 0x0f] ^ highTab[t >> 4];
  }
  return crc;
}

function lowFirst(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function highFirst(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** The check bytes over NAD to INF in the order they go on the wire: one for the LRC, two for a CRC. */
export function blockCheck(kind: BlockCheck, bytes: Uint8Array): Uint8Array {
  switch (kind) {
    case "LRC":
      return Uint8Array.of(bytes.reduce((xor, b) => xor ^ b, 0));
    case "13239":
      return lowFirst(remainder(bytes, CCITT, 0xffff) ^ 0xffff);
    case "no-complement":
      return highFirst(remainder(bytes, CCITT, 0xffff));
    case "arc-faulty":
      return highFirst(faultyArc(bytes));
    case "arc":
      return highFirst(remainder(bytes, ARC, 0));
    case "zero-start":
      return lowFirst(remainder(bytes, CCITT, 0) ^ 0xffff);
  }
}
