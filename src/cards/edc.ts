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
}

/** The longitudinal redundancy code: exclusive OR of all bytes (ISO/IEC 7816-3 11.4.4). */
export const LRC: Edc = {
  length: 1,
  compute(bytes: Uint8Array, end: number): Uint8Array {
    let sum = 0;
    for (let i = 0; i < end; i++) sum ^= bytes[i];
    return Uint8Array.of(sum);
  },
};

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

const LOW_NIBBLES = Array.from({ length: 16 }, (_, i) => shiftByte(0, i, ARC));
/** The last entry is 4400 in CRC-16/ARC; the field's tables say 4600. */
const HIGH_NIBBLES = Array.from(
  { length: 16 },
  (_, i) => i === 15 ? 0x4600 : shiftByte(0, i << 4, ARC),
);

function faultyArcByte(register: number, byte: number): number {
  const index = byte ^ (register & 0xff);
  return (register >>> 8) ^ LOW_NIBBLES[index & 15] ^ HIGH_NIBBLES[index >> 4];
}

interface CrcParameters {
  readonly initial: number;
  readonly complement: number;
  readonly highFirst: boolean;
  readonly step: (register: number, byte: number) => number;
}

const ccittByte = (register: number, byte: number) =>
  shiftByte(register, byte, CCITT);
const arcByte = (register: number, byte: number) =>
  shiftByte(register, byte, ARC);

const VARIANTS: Record<CardCrcVariant, CrcParameters> = {
  A: { initial: 0xffff, complement: 0xffff, highFirst: false, step: ccittByte },
  B: { initial: 0xffff, complement: 0, highFirst: true, step: ccittByte },
  C: { initial: 0, complement: 0, highFirst: true, step: faultyArcByte },
  D: { initial: 0, complement: 0xffff, highFirst: false, step: ccittByte },
  ARC: { initial: 0, complement: 0, highFirst: true, step: arcByte },
};

/** The check value of a CRC variant over `bytes[0..end)`, 0..65535. */
export function cardCrc(
  bytes: Uint8Array,
  end: number,
  variant: CardCrcVariant,
): number {
  const { initial, complement, step } = VARIANTS[variant];
  let register = initial;
  for (let i = 0; i < end; i++) register = step(register, bytes[i]);
  return register ^ complement;
}

/** The error detection code that a card of this kind uses; `variant` counts for CRC alone. */
export function createEdc(kind: EdcKind, variant: CardCrcVariant = "A"): Edc {
  if (kind === "LRC") return LRC;
  const { highFirst } = VARIANTS[variant];
  return {
    length: 2,
    compute(bytes: Uint8Array, end: number): Uint8Array {
      const value = cardCrc(bytes, end, variant);
      const [high, low] = [value >>> 8, value & 0xff];
      return highFirst ? Uint8Array.of(high, low) : Uint8Array.of(low, high);
    },
  };
}
