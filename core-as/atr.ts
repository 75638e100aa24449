/**
 * Answer to Reset (ISO/IEC 7816-3 8.2), read into a row of words.
 *
 * @module
 */

import {
  ARGUMENTS,
  ATR_BATCH_BYTES,
  ATR_P_BAD_TCK,
  ATR_P_BAD_TS,
  ATR_P_EXTRA_BYTES,
  ATR_P_MISSING_TCK,
  ATR_P_ORDER,
  ATR_P_T0_BYTES,
  ATR_P_T15_IN_TD1,
  ATR_P_TOO_LONG,
  ATR_P_TOO_SHORT,
  ATR_P_TRUNCATED_IN_HISTORICAL,
  ATR_P_TRUNCATED_IN_INTERFACE,
  ATR_ROW_ABSENT,
  ATR_ROW_WORDS,
  ATR_W_CONVENTION,
  ATR_W_FIRST_OFFERED,
  ATR_W_HAS_T15,
  ATR_W_HISTORICAL,
  ATR_W_HISTORICAL_LENGTH,
  ATR_W_LENGTH_USED,
  ATR_W_PROBLEMS,
  ATR_W_T15_TA,
  ATR_W_T1_TA,
  ATR_W_TA1,
  ATR_W_TA2,
  ATR_W_TCK,
  ATR_W_TD1,
} from "./abi.ts";
import { conclude, get, put } from "./atr_values.ts";
import { fill32, xorOf } from "./kernels.ts";
import { ld8, st32 } from "./mem.ts";

const ATR_ROW_BYTES: i32 = 4 * ATR_ROW_WORDS;

/** No address: the ATR ends before what it announces. */
const CUT: i32 = -1;

/** Files TA, TB and TC of a group as far as `present` announces them, in words from `word` on; returns where they end, or CUT. */
function fileGroup(
  row: i32,
  word: i32,
  present: i32,
  from: i32,
  end: i32,
): i32 {
  let at: i32 = from;
  if ((present & 1) != 0) {
    if (at >= end) return CUT;
    put(row, word, ld8(at++));
  }
  if ((present & 2) != 0) {
    if (at >= end) return CUT;
    put(row, word + 1, ld8(at++));
  }
  if ((present & 4) != 0) {
    if (at >= end) return CUT;
    put(row, word + 2, ld8(at++));
  }
  return at;
}

function putFirst(row: i32, word: i32, value: i32): void {
  if (get(row, word) < 0) put(row, word, value);
}

/** The same from the third group on, where the first of each kind counts; T=15 has no TC. */
function fileLaterGroup(
  row: i32,
  word: i32,
  present: i32,
  from: i32,
  end: i32,
): i32 {
  let at: i32 = from;
  if ((present & 1) != 0) {
    if (at >= end) return CUT;
    putFirst(row, word, ld8(at++));
  }
  if ((present & 2) != 0) {
    if (at >= end) return CUT;
    putFirst(row, word + 1, ld8(at++));
  }
  if ((present & 4) != 0) {
    if (at >= end) return CUT;
    if (word == ATR_W_T1_TA) putFirst(row, word + 2, ld8(at));
    at++;
  }
  return at;
}

/** Passes over a group of a protocol that has no such bytes. */
function skipGroup(present: i32, from: i32, end: i32): i32 {
  const at: i32 = from + (present & 1) + ((present >> 1) & 1) +
    ((present >> 2) & 1);
  return at > end ? CUT : at;
}

function finish(row: i32, used: i32, problems: i32): i32 {
  put(row, ATR_W_LENGTH_USED, used);
  put(row, ATR_W_PROBLEMS, problems);
  return problems;
}

/** The row of an ATR that is too short to say anything. */
function tooShort(row: i32, length: i32): i32 {
  put(row, ATR_W_FIRST_OFFERED, 0);
  put(row, ATR_W_HISTORICAL, 0);
  put(row, ATR_W_HISTORICAL_LENGTH, 0);
  conclude(row, 0, 0, 0);
  return finish(row, length, ATR_P_TOO_SHORT);
}

/**
 * Reads the ATR of `length` bytes at `address` into the words at `row`.
 * Returns the problems, one bit each; 0 is a flawless ATR.
 */
export function parseAtr(address: i32, length: i32, row: i32): i32 {
  fill32(row, -1, ATR_ROW_ABSENT);
  if (length < 2) return tooShort(row, length);
  let problems: i32 = length > 33 ? ATR_P_TOO_LONG : 0;
  const ts: i32 = ld8(address);
  if (ts == 0x3b) put(row, ATR_W_CONVENTION, 0);
  else if (ts == 0x3f) put(row, ATR_W_CONVENTION, 1);
  else problems |= ATR_P_BAD_TS;

  const t0: i32 = ld8(address + 1);
  const end: i32 = address + length;
  let present: i32 = t0 >> 4;
  let groups: i32 = 1;
  let offered: i32 = 0;
  let tckRequired: i32 = 0;
  let first: i32 = 0;
  let last: i32 = -1;
  let at: i32 = fileGroup(row, ATR_W_TA1, present, address + 2, end);
  while (at != CUT && (present & 8) != 0) {
    if (at >= end) {
      at = CUT;
      break;
    }
    const td: i32 = ld8(at++);
    const under: i32 = td & 0x0f;
    present = td >> 4;
    if (groups <= 2) put(row, ATR_W_TD1 + groups - 1, td);
    if (under < last) problems |= ATR_P_ORDER;
    last = under;
    // T=15 is no protocol, but it demands a TCK like any T other than 0.
    if (under != 0) tckRequired = 1;
    if (under == 15) {
      put(row, ATR_W_HAS_T15, 1);
      if (groups == 1) problems |= ATR_P_T15_IN_TD1;
    } else {
      if (offered == 0) first = under;
      offered |= 1 << under;
    }
    groups++;
    if (groups == 2) {
      at = fileGroup(row, ATR_W_TA2, present, at, end);
    } else if (under == 1) {
      at = fileLaterGroup(row, ATR_W_T1_TA, present, at, end);
    } else if (under == 15) {
      at = fileLaterGroup(row, ATR_W_T15_TA, present, at, end);
    } else {
      if (under == 0 && (present & 7) != 0 && at < end) {
        problems |= ATR_P_T0_BYTES;
      }
      at = skipGroup(present, at, end);
    }
  }
  put(row, ATR_W_FIRST_OFFERED, first);
  problems |= conclude(row, groups, offered, tckRequired);
  if (at == CUT) {
    // What is there counts.
    put(row, ATR_W_HISTORICAL, length);
    put(row, ATR_W_HISTORICAL_LENGTH, 0);
    return finish(row, length, problems | ATR_P_TRUNCATED_IN_INTERFACE);
  }
  const historical: i32 = t0 & 0x0f;
  put(row, ATR_W_HISTORICAL, at - address);
  if (end - at < historical) {
    put(row, ATR_W_HISTORICAL_LENGTH, end - at);
    return finish(row, length, problems | ATR_P_TRUNCATED_IN_HISTORICAL);
  }
  put(row, ATR_W_HISTORICAL_LENGTH, historical);
  at += historical;
  if (tckRequired != 0) {
    if (at == end) return finish(row, length, problems | ATR_P_MISSING_TCK);
    put(row, ATR_W_TCK, ld8(at++));
    // TS is not part of the sum, TCK is.
    if (xorOf(address + 1, at - address - 1) != 0) problems |= ATR_P_BAD_TCK;
  }
  if (at < end) problems |= ATR_P_EXTRA_BYTES;
  return finish(row, at - address, problems);
}

/**
 * Reads the ATRs that lie packed in `length` bytes at `address`, each a byte of length
 * and its bytes, into rows from `row` on: at most `most` of them, and none that is
 * longer than ATR_BATCH_BYTES or not there to its end. Returns where the reading
 * stopped; the number of rows goes to ARGUMENTS.
 */
export function parseAtrs(
  address: i32,
  length: i32,
  row: i32,
  most: i32,
): i32 {
  const end: i32 = address + length;
  let at: i32 = address;
  let count: i32 = 0;
  while (at < end && count < most) {
    const bytes: i32 = ld8(at);
    const next: i32 = at + 1 + bytes;
    if (bytes > ATR_BATCH_BYTES || next > end) break;
    parseAtr(at + 1, bytes, row + count * ATR_ROW_BYTES);
    count++;
    at = next;
  }
  st32(ARGUMENTS, count);
  return at - address;
}
