/**
 * Clock rate conversion and baud rate adjustment factors (ISO/IEC 7816-3 8.3,
 * tables 7 and 8).
 *
 * @module
 */

import { FACTOR_TABLE } from "./abi.ts";
import { ld32, st32 } from "./mem.ts";

const DI_TABLE: i32 = FACTOR_TABLE + 64;

function entry(index: i32, fi: i32, di: i32): void {
  st32(FACTOR_TABLE + 4 * index, fi);
  st32(DI_TABLE + 4 * index, di);
}

/** Fills the tables; once for an instance. 0 is reserved for future use. */
export function initFactors(): void {
  entry(0, 372, 0);
  entry(1, 372, 1);
  entry(2, 558, 2);
  entry(3, 744, 4);
  entry(4, 1116, 8);
  entry(5, 1488, 16);
  entry(6, 1860, 32);
  entry(7, 0, 64);
  entry(8, 0, 12);
  entry(9, 512, 20);
  entry(10, 768, 0);
  entry(11, 1024, 0);
  entry(12, 1536, 0);
  entry(13, 2048, 0);
  entry(14, 0, 0);
  entry(15, 0, 0);
}

/** Fi of the high nibble of TA1, 0 if reserved. */
export function fiOf(index: i32): i32 {
  return ld32(FACTOR_TABLE + 4 * (index & 15));
}

/** Di of the low nibble of TA1, 0 if reserved. */
export function diOf(index: i32): i32 {
  return ld32(DI_TABLE + 4 * (index & 15));
}
