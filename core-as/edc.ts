/**
 * Check bytes of T=1 (ISO/IEC 7816-3 11.4.4): LRC, and the CRC in the ways the
 * field reads it.
 *
 * @module
 */

import {
  CRC_13239,
  CRC_ARC,
  CRC_ARC_FAULTY,
  CRC_FOLDED,
  CRC_NO_COMPLEMENT,
  CRC_SLICES,
  CRC_TABLE,
  CRC_ZERO_START,
} from "./abi.ts";
import { foldCcitt, xorOf } from "./kernels.ts";
import { ld16, ld8, st16 } from "./mem.ts";

const TABLE_ARC: i32 = CRC_TABLE;
const TABLE_ARC_FAULTY: i32 = CRC_TABLE + 512;
const SLICE: i32 = 512;

function tableEntry(index: i32, polynomial: i32): i32 {
  let register: i32 = index;
  for (let bit: i32 = 0; bit < 8; bit++) {
    register = (register & 1) != 0
      ? (register >> 1) ^ polynomial
      : register >> 1;
  }
  return register;
}

/** Fills the CRC tables; once for an instance, when the first CRC is asked for: few cards have one. */
function initCrc(): void {
  for (let i: i32 = 0; i < 256; i++) {
    const arc: i32 = tableEntry(i, 0xa001);
    st16(TABLE_ARC + 2 * i, arc);
    // Windows 10 and one reader firmware carry one wrong entry in their table of high nibbles.
    st16(TABLE_ARC_FAULTY + 2 * i, i >= 0xf0 ? arc ^ 0x0200 : arc);
    st16(CRC_SLICES + 2 * i, tableEntry(i, 0x8408));
  }
  for (let at: i32 = CRC_SLICES; at < CRC_SLICES + 15 * SLICE; at += 2) {
    const shorter: i32 = ld16(at);
    st16(
      at + SLICE,
      (shorter >> 8) ^ ld16(CRC_SLICES + ((shorter & 0xff) << 1)),
    );
  }
}

/** XOR of `length` bytes. */
export function lrc(address: i32, length: i32): i32 {
  return xorOf(address, length);
}

/** One byte after the other: also for the table that is no CRC table. */
function residue(table: i32, start: i32, address: i32, length: i32): i32 {
  let register: i32 = start;
  const end: i32 = address + length;
  for (let at: i32 = address; at < end; at++) {
    register = (register >> 8) ^
      ld16(table + (((register ^ ld8(at)) & 0xff) << 1));
  }
  return register;
}

function slice(zeros: i32, value: i32): i32 {
  return ld16(CRC_SLICES + zeros * SLICE + (value << 1));
}

/** Sixteen bytes; only the first two wait for what came before. */
function sixteen(register: i32, at: i32): i32 {
  const first: i32 = ld16(at) ^ register;
  return slice(13, ld8(at + 2)) ^ slice(12, ld8(at + 3)) ^
    slice(11, ld8(at + 4)) ^ slice(10, ld8(at + 5)) ^
    slice(9, ld8(at + 6)) ^ slice(8, ld8(at + 7)) ^
    slice(7, ld8(at + 8)) ^ slice(6, ld8(at + 9)) ^
    slice(5, ld8(at + 10)) ^ slice(4, ld8(at + 11)) ^
    slice(3, ld8(at + 12)) ^ slice(2, ld8(at + 13)) ^
    slice(1, ld8(at + 14)) ^ slice(0, ld8(at + 15)) ^
    slice(15, first & 0xff) ^ slice(14, first >> 8);
}

function eight(register: i32, at: i32): i32 {
  const first: i32 = ld16(at) ^ register;
  return slice(5, ld8(at + 2)) ^ slice(4, ld8(at + 3)) ^
    slice(3, ld8(at + 4)) ^ slice(2, ld8(at + 5)) ^
    slice(1, ld8(at + 6)) ^ slice(0, ld8(at + 7)) ^
    slice(7, first & 0xff) ^ slice(6, first >> 8);
}

/** From here on folding is faster than sixteen bytes at a time. */
const LONG = 96;

/** x16+x12+x5+1. */
function ccitt(start: i32, address: i32, length: i32): i32 {
  let register: i32 = start;
  let at: i32 = address;
  const sixteens: i32 = address + (length & ~15);
  if (length >= LONG) {
    foldCcitt(CRC_FOLDED, start, address, length);
    register = sixteen(0, CRC_FOLDED);
    at = sixteens;
  }
  for (; at < sixteens; at += 16) register = sixteen(register, at);
  if ((length & 8) != 0) {
    register = eight(register, at);
    at += 8;
  }
  return residue(CRC_SLICES, register, at, length & 7);
}

function lowFirst(value: i32): i32 {
  return ((value & 0xff) << 8) | (value >> 8);
}

/** CRC of `length` bytes; the byte that goes over the wire first is the high one. */
export function crc(variant: i32, address: i32, length: i32): i32 {
  // No entry of the slices is 0 but the first.
  if (ld16(CRC_SLICES + 2) == 0) initCrc();
  switch (variant) {
    case CRC_13239:
      return lowFirst(ccitt(0xffff, address, length) ^ 0xffff);
    case CRC_NO_COMPLEMENT:
      return ccitt(0xffff, address, length);
    case CRC_ARC_FAULTY:
      return residue(TABLE_ARC_FAULTY, 0, address, length);
    case CRC_ARC:
      return residue(TABLE_ARC, 0, address, length);
    case CRC_ZERO_START:
      return lowFirst(ccitt(0, address, length) ^ 0xffff);
    default:
      return 0;
  }
}
