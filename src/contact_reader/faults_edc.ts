/**
 * T=1 blocks with another number and check bytes that fit.
 *
 * @module
 */

import { SmartcardInvertData } from "../smclib/mod.ts";

const PROLOGUE_BYTES = 3;
const R_BLOCK = 0x80;
const S_BLOCK = 0xc0;
/** N(S) in an I-block (ISO/IEC 7816-3 11.3.2.2). */
const NS = 0x40;
/** N(R) in an R-block. */
const NR = 0x10;

/** A reading of the CRC (ISO/IEC 7816-3 11.4.4 leaves room for several). */
interface CrcReading {
  readonly polynomial: number;
  readonly start: number;
  readonly complement: number;
  readonly highFirst: boolean;
  /** What entries F0 to FF of the table have beside the right value. */
  readonly flaw: number;
}

/** ISO/IEC 13239; without complement; CRC-16/ARC, with the field's wrong entry and without; start 0. */
const READINGS: readonly CrcReading[] = [
  reading(0x8408, 0xffff, 0xffff, false),
  reading(0x8408, 0xffff, 0, true),
  { ...reading(0xa001, 0, 0, true), flaw: 0x0200 },
  reading(0xa001, 0, 0, true),
  reading(0x8408, 0, 0xffff, false),
];

function reading(
  polynomial: number,
  start: number,
  complement: number,
  highFirst: boolean,
): CrcReading {
  return { polynomial, start, complement, highFirst, flaw: 0 };
}

/** The two check bytes over `bytes[0..end)` as one number, the first one high. */
function crc(bytes: readonly number[], end: number, how: CrcReading): number {
  let register = how.start;
  for (let i = 0; i < end; i++) {
    const index = (register ^ bytes[i]) & 0xff;
    let entry = index;
    for (let bit = 0; bit < 8; bit++) {
      entry = (entry & 1) === 0 ? entry >> 1 : entry >> 1 ^ how.polynomial;
    }
    register = register >> 8 ^ entry ^ (index >= 0xf0 ? how.flaw : 0);
  }
  register ^= how.complement;
  return how.highFirst ? register : (register & 0xff) << 8 | register >> 8;
}

function lrc(bytes: readonly number[], end: number): number {
  let sum = 0;
  for (let i = 0; i < end; i++) sum ^= bytes[i];
  return sum;
}

/** Whether `bytes` begin with a whole T=1 block: LEN is satisfied, with an LRC that fits or with two check bytes. */
export function isWholeBlock(
  bytes: readonly number[],
  isInverse: boolean,
): boolean {
  if (bytes.length < PROLOGUE_BYTES) return false;
  const block = logical(bytes, isInverse);
  const end = PROLOGUE_BYTES + block[2];
  return block.length >= end + 2 ||
    block.length === end + 1 && lrc(block, end) === block[end];
}

/**
 * The block with the other N(S) or N(R), its check bytes made right again.
 *
 * @param bytes a block as the link carries it
 * @param number which of the two; undefined for both
 * @returns null when there is no such number, or the check bytes were wrong before
 */
export function otherNumber(
  bytes: readonly number[],
  isInverse: boolean,
  number: "N(S)" | "N(R)" | undefined,
): number[] | null {
  if (bytes.length < PROLOGUE_BYTES) return null;
  const block = logical(bytes, isInverse);
  const pcb = block[1];
  const isI = (pcb & R_BLOCK) === 0;
  if (!isI && (pcb & S_BLOCK) !== R_BLOCK) return null;
  if (number !== undefined && (number === "N(S)") !== isI) return null;
  const bit = isI ? NS : NR;
  const end = PROLOGUE_BYTES + block[2];
  if (block.length === end + 1) {
    if (lrc(block, end) !== block[end]) return null;
    block[end] ^= bit;
    block[1] ^= bit;
    return logical(block, isInverse);
  }
  if (block.length !== end + 2) return null;
  const found = block[end] << 8 | block[end + 1];
  const how = READINGS.find((each) => crc(block, end, each) === found);
  if (how === undefined) return null;
  block[1] ^= bit;
  const check = crc(block, end, how);
  block[end] = check >> 8;
  block[end + 1] = check & 0xff;
  return logical(block, isInverse);
}

/** Between what the link carries and what is meant: the same thing both ways. */
function logical(bytes: readonly number[], isInverse: boolean): number[] {
  if (!isInverse) return [...bytes];
  const copy = Uint8Array.from(bytes);
  SmartcardInvertData(copy, copy.length);
  return [...copy];
}
