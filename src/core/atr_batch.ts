/**
 * Many Answers to Reset at once: a packed buffer in, a packed table out, no object
 * for each.
 *
 * @module
 */

import {
  ARGUMENTS,
  ATR_BATCH_BYTES,
  ATR_ROW_WORDS as ROW_WORDS,
  ATR_W_CONVENTION,
  ATR_W_DI,
  ATR_W_FI,
  ATR_W_FIRST_OFFERED,
  ATR_W_HAS_T15,
  ATR_W_HISTORICAL,
  ATR_W_HISTORICAL_LENGTH,
  ATR_W_LENGTH_USED,
  ATR_W_PROBLEMS,
  ATR_W_PROTOCOLS,
  ATR_W_T15_TA,
  ATR_W_T15_TB,
  ATR_W_T1_TA,
  ATR_W_T1_TB,
  ATR_W_T1_TC,
  ATR_W_TA1,
  ATR_W_TA2,
  ATR_W_TB1,
  ATR_W_TB2,
  ATR_W_TC1,
  ATR_W_TC2,
  ATR_W_TCK,
  ATR_W_TCK_REQUIRED,
  ATR_W_TD1,
  ATR_W_TD2,
  BUFFER_BYTES,
  SCRATCH,
} from "../../core-as/abi.ts";
import { CODES } from "./atr_problems.ts";
import { type Core, sharedCore } from "./instance.ts";

/** Words of a row of the table. */
export const ATR_ROW_WORDS: number = ROW_WORDS;

/**
 * Column of each value within a row. Interface bytes are as coded, -1 where absent;
 * `problems` has the bits of `ATR_PROBLEM_BITS`, `protocols` one bit for each T but 15.
 */
export const ATR_COLUMNS = {
  problems: ATR_W_PROBLEMS,
  /** 0 direct, 1 inverse, -1 neither. */
  convention: ATR_W_CONVENTION,
  protocols: ATR_W_PROTOCOLS,
  firstOffered: ATR_W_FIRST_OFFERED,
  ta1: ATR_W_TA1,
  tb1: ATR_W_TB1,
  tc1: ATR_W_TC1,
  td1: ATR_W_TD1,
  ta2: ATR_W_TA2,
  tb2: ATR_W_TB2,
  tc2: ATR_W_TC2,
  td2: ATR_W_TD2,
  /** First TA, TB, TC of group 3 and above under T=1. */
  t1Ta: ATR_W_T1_TA,
  t1Tb: ATR_W_T1_TB,
  t1Tc: ATR_W_T1_TC,
  /** First TA and TB of group 3 and above under T=15. */
  t15Ta: ATR_W_T15_TA,
  t15Tb: ATR_W_T15_TB,
  /** 1 if a T=15 is there, else -1. */
  hasT15: ATR_W_HAS_T15,
  /** Offset and length of the historical bytes that are there. */
  historical: ATR_W_HISTORICAL,
  historicalLength: ATR_W_HISTORICAL_LENGTH,
  tckRequired: ATR_W_TCK_REQUIRED,
  tck: ATR_W_TCK,
  lengthUsed: ATR_W_LENGTH_USED,
  /** Factors by table, 0 if reserved. */
  fi: ATR_W_FI,
  di: ATR_W_DI,
} as const;

/** The bit of each problem in column `problems`, by its code in `Atr.problems` (`extra_bytes` without its count). */
export const ATR_PROBLEM_BITS: Readonly<Record<string, number>> = Object
  .fromEntries(CODES.map(([bit, code]) => [code, bit]));

/** Packs ATRs for {@linkcode parseAtrs}: each a byte of length and its bytes. @throws {RangeError} when one is longer than 127 bytes */
export function packAtrs(
  atrs: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const total = atrs.reduce((sum, atr) => sum + 1 + atr.length, 0);
  const packed = new Uint8Array(total);
  let at = 0;
  for (const atr of atrs) {
    if (atr.length > ATR_BATCH_BYTES) {
      throw new RangeError(
        `Cannot pack ATR: ${atr.length} bytes found, expected at most ${ATR_BATCH_BYTES}`,
      );
    }
    packed[at] = atr.length;
    packed.set(atr, at + 1);
    at += 1 + atr.length;
  }
  return packed;
}

/** The rows that `packed` needs. */
function countAtrs(packed: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < packed.length; at += 1 + packed[at]) count++;
  return count;
}

/**
 * Reads packed ATRs into a table of `ATR_ROW_WORDS` words each; `ATR_COLUMNS` names
 * the words. Never throws for what a card sends.
 *
 * @param packed as {@linkcode packAtrs} makes it
 * @param table where the rows go; left out: a new table
 * @returns the table
 * @throws {RangeError} when `packed` is not whole, or `table` is too short
 *
 * @example
 * ```ts
 * import {
 *   ATR_COLUMNS,
 *   ATR_ROW_WORDS,
 *   packAtrs,
 *   parseAtrs,
 * } from "deno-smartcard/core";
 * import assert from "node:assert/strict";
 *
 * const packed = packAtrs([
 *   Uint8Array.of(0x3B, 0x00),
 *   Uint8Array.of(0x3B, 0x80, 0x01, 0x81),
 * ]);
 * const table = parseAtrs(packed);
 * assert.equal(table[ATR_COLUMNS.protocols], 1 << 0);
 * assert.equal(table[ATR_ROW_WORDS + ATR_COLUMNS.protocols], 1 << 1);
 * ```
 */
export function parseAtrs(
  packed: Uint8Array,
  table?: Int32Array,
  core: Core = sharedCore(),
): Int32Array {
  const rows = table ?? new Int32Array(countAtrs(packed) * ROW_WORDS);
  let row = 0;
  for (let at = 0; at < packed.length;) {
    const chunk = Math.min(packed.length - at, BUFFER_BYTES);
    // A view costs as much as ten ATRs.
    const isWhole = chunk === packed.length;
    core.bytes.set(
      isWhole ? packed : packed.subarray(at, at + chunk),
      SCRATCH,
    );
    const read = core.exports.atr_batch(chunk);
    if (read === 0) {
      throw new RangeError(
        `Cannot read packed ATRs: a length of ${
          packed[at]
        } found at offset ${at} of ${packed.length}, expected at most ${ATR_BATCH_BYTES} and to the end`,
      );
    }
    const words = core.words[ARGUMENTS >> 2] * ROW_WORDS;
    if (row + words > rows.length) {
      throw new RangeError(
        `Cannot read packed ATRs: a table of ${rows.length} words found, expected ${ATR_ROW_WORDS} for each ATR`,
      );
    }
    rows.set(core.rows(words), row);
    row += words;
    at += read;
  }
  return rows;
}
