/**
 * Error detection codes of T=1, the card's own implementation.
 *
 * @module
 */

/** Which error detection code TC (T=1) of the ATR announces (ISO/IEC 7816-3 11.4.4). */
export type EdcKind = "LRC" | "CRC";

/**
 * Readings of the CRC that are found in the field: A is ISO/IEC 13239, B has
 * no complement and the high byte first, C is CRC-16/ARC with one wrong table
 * entry as Windows sends it, D starts at 0 and complements, ARC is true
 * CRC-16/ARC with the high byte first.
 */
export type CardCrcVariant = "A" | "B" | "C" | "D" | "ARC";

/** An error detection code: its length on the wire and how it is computed. */
export interface Edc {
  /** Bytes at the end of a block: 1 or 2. */
  readonly length: 1 | 2;
  /** The code over `bytes[0..end)`, in the order of the wire. */
  compute(bytes: Uint8Array, end: number): Uint8Array;
  /** Puts the code over `bytes[0..end)` behind them, where there must be room. */
  write(bytes: Uint8Array, end: number): void;
  /** Whether the code over `bytes[0..end)` stands behind them. */
  matches(bytes: Uint8Array, end: number): boolean;
}

/** The longitudinal redundancy code: exclusive OR of all bytes (ISO/IEC 7816-3 11.4.4). */
export const LRC: Edc = {
  length: 1,
  compute(bytes: Uint8Array, end: number): Uint8Array {
    return Uint8Array.of(exclusiveOr(bytes, end));
  },
  write(bytes: Uint8Array, end: number): void {
    bytes[end] = exclusiveOr(bytes, end);
  },
  matches(bytes: Uint8Array, end: number): boolean {
    return bytes[end] === exclusiveOr(bytes, end);
  },
};

function exclusiveOr(bytes: Uint8Array, end: number): number {
  let sum = 0;
  for (let i = 0; i < end; i++) sum ^= bytes[i];
  return sum;
}

/** Shifts one byte through a reflected 16-bit register, bit by bit. */
function shiftByte(register: number, byte: number, polynomial: number): number {
  register ^= byte;
  for (let bit = 0; bit < 8; bit++) {
    register = (register & 1) !== 0
      ? (register >>> 1) ^ polynomial
      : register >>> 1;
  }
  return register;
}

const CCITT = 0x8408;
const ARC = 0xa001;

/** What a byte does to a register, for all bytes. */
function tableOf(entry: (byte: number) => number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => entry(byte));
}

const CCITT_TABLE = tableOf((byte) => shiftByte(0, byte, CCITT));
const ARC_TABLE = tableOf((byte) => shiftByte(0, byte, ARC));
/** The field's tables, by nibbles, have 4600 for F0 where CRC-16/ARC has 4400. */
const FAULTY_ARC_TABLE = tableOf((byte) =>
  ARC_TABLE[byte] ^ (byte >> 4 === 15 ? 0x0200 : 0)
);

interface CrcParameters {
  readonly initial: number;
  readonly complement: number;
  readonly highFirst: boolean;
  readonly table: Uint16Array;
}

const VARIANTS: Record<CardCrcVariant, CrcParameters> = {
  A: {
    initial: 0xffff,
    complement: 0xffff,
    highFirst: false,
    table: CCITT_TABLE,
  },
  B: { initial: 0xffff, complement: 0, highFirst: true, table: CCITT_TABLE },
  C: { initial: 0, complement: 0, highFirst: true, table: FAULTY_ARC_TABLE },
  D: { initial: 0, complement: 0xffff, highFirst: false, table: CCITT_TABLE },
  ARC: { initial: 0, complement: 0, highFirst: true, table: ARC_TABLE },
};

/** The check value of a CRC variant over `bytes[0..end)`, 0..65535. */
export function cardCrc(
  bytes: Uint8Array,
  end: number,
  variant: CardCrcVariant,
): number {
  const { initial, complement, table } = VARIANTS[variant];
  let register = initial;
  for (let i = 0; i < end; i++) {
    register = register >>> 8 ^ table[(register ^ bytes[i]) & 0xff];
  }
  return register ^ complement;
}

/** The error detection code that a card of this kind uses; `variant` counts for CRC alone. */
export function createEdc(kind: EdcKind, variant: CardCrcVariant = "A"): Edc {
  if (kind === "LRC") return LRC;
  const { highFirst } = VARIANTS[variant];
  const first = highFirst ? 8 : 0;
  const second = 8 - first;
  return {
    length: 2,
    compute(bytes: Uint8Array, end: number): Uint8Array {
      const value = cardCrc(bytes, end, variant);
      return Uint8Array.of(value >> first, value >> second);
    },
    write(bytes: Uint8Array, end: number): void {
      const value = cardCrc(bytes, end, variant);
      bytes[end] = value >> first;
      bytes[end + 1] = value >> second;
    },
    matches(bytes: Uint8Array, end: number): boolean {
      const found = bytes[end] << first | bytes[end + 1] << second;
      return found === cardCrc(bytes, end, variant);
    },
  };
}
