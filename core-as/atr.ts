/**
 * Answer to Reset (ISO/IEC 7816-3 8.2), read into a row of words.
 *
 * @module
 */

import {
  ATR_P_BAD_TCK,
  ATR_P_BAD_TS,
  ATR_P_BWI_RFU,
  ATR_P_CLASS_RFU,
  ATR_P_EXTRA_BYTES,
  ATR_P_IFSC_00,
  ATR_P_IFSC_FF,
  ATR_P_MISSING_TCK,
  ATR_P_ORDER,
  ATR_P_PROTOCOL_UNKNOWN,
  ATR_P_RFU_DI,
  ATR_P_RFU_FI,
  ATR_P_T0_BYTES,
  ATR_P_T15_IN_TD1,
  ATR_P_TA2_NOT_OFFERED,
  ATR_P_TA2_RFU,
  ATR_P_TC2_WITHOUT_T0,
  ATR_P_TC_T1_RFU,
  ATR_P_TOO_LONG,
  ATR_P_TOO_SHORT,
  ATR_P_TRUNCATED_IN_HISTORICAL,
  ATR_P_TRUNCATED_IN_INTERFACE,
  ATR_P_WI_0,
  ATR_ROW_WORDS,
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
  ATR_W_T1_TA,
  ATR_W_T1_TB,
  ATR_W_T1_TC,
  ATR_W_TA1,
  ATR_W_TA2,
  ATR_W_TC2,
  ATR_W_TCK,
  ATR_W_TCK_REQUIRED,
  ATR_W_TD1,
} from "./abi.ts";
import { diOf, fiOf } from "./factors.ts";
import { fill32, xorOf } from "./kernels.ts";
import { ld32, ld8, st32 } from "./mem.ts";

/** Words of a row. */
export const ATR_ROW_BYTES: i32 = 4 * ATR_ROW_WORDS;

function get(row: i32, word: i32): i32 {
  return ld32(row + 4 * word);
}

function put(row: i32, word: i32, value: i32): void {
  st32(row + 4 * word, value);
}

/** Keeps the first value only. */
function putFirst(row: i32, word: i32, value: i32): void {
  if (get(row, word) < 0) put(row, word, value);
}

/**
 * Files one interface byte: `kind` 0 is TA, 1 TB, 2 TC; `group` counts from 1;
 * `under` is the T of the TD that announced it. Returns what is wrong with its place.
 */
function interfaceByte(
  row: i32,
  kind: i32,
  group: i32,
  under: i32,
  value: i32,
): i32 {
  if (group == 1) {
    put(row, ATR_W_TA1 + kind, value);
  } else if (group == 2) {
    put(row, ATR_W_TA2 + kind, value);
  } else if (under == 1) {
    putFirst(row, ATR_W_T1_TA + kind, value);
  } else if (under == 15) {
    if (kind != 2) putFirst(row, ATR_W_T15_TA + kind, value);
  } else if (under == 0) {
    return ATR_P_T0_BYTES;
  }
  return 0;
}

/** What TA2 breaks, given the protocols offered. */
function specificProblems(ta2: i32, offered: i32): i32 {
  let problems: i32 = 0;
  if ((ta2 & 0x60) != 0) problems |= ATR_P_TA2_RFU;
  if ((offered & (1 << (ta2 & 0x0f))) == 0) problems |= ATR_P_TA2_NOT_OFFERED;
  return problems;
}

/** What the interface bytes of T=0, T=1 and T=15 break by their values. */
function valueProblems(row: i32, offered: i32): i32 {
  let problems: i32 = 0;
  const tc2: i32 = get(row, ATR_W_TC2);
  if (tc2 >= 0) {
    if ((offered & 1) == 0) problems |= ATR_P_TC2_WITHOUT_T0;
    if (tc2 == 0) problems |= ATR_P_WI_0;
  }
  const ifsc: i32 = get(row, ATR_W_T1_TA);
  if (ifsc == 0) problems |= ATR_P_IFSC_00;
  if (ifsc == 255) problems |= ATR_P_IFSC_FF;
  if (get(row, ATR_W_T1_TB) > 0x9f) problems |= ATR_P_BWI_RFU;
  if (get(row, ATR_W_T1_TC) > 1) problems |= ATR_P_TC_T1_RFU;
  const t15: i32 = get(row, ATR_W_T15_TA);
  if (t15 >= 0) {
    const supply: i32 = t15 & 0x3f;
    // Classes A, B, C and the neighbouring combinations are defined, nothing else.
    if (supply == 0 || supply == 5 || supply > 7) problems |= ATR_P_CLASS_RFU;
  }
  return problems;
}

/** Files what all interface bytes together say; returns what they break. */
function conclude(row: i32, offered: i32, tckRequired: i32): i32 {
  // Without any TD, T=0 alone is offered.
  const protocols: i32 = offered == 0 ? 1 : offered;
  put(row, ATR_W_PROTOCOLS, protocols);
  put(row, ATR_W_TCK_REQUIRED, tckRequired);
  let problems: i32 = 0;
  const ta1: i32 = get(row, ATR_W_TA1);
  if (ta1 >= 0) {
    const fi: i32 = fiOf(ta1 >> 4);
    const di: i32 = diOf(ta1);
    put(row, ATR_W_FI, fi);
    put(row, ATR_W_DI, di);
    if (fi == 0) problems |= ATR_P_RFU_FI;
    if (di == 0) problems |= ATR_P_RFU_DI;
  }
  if ((protocols & 0x7ffc) != 0) problems |= ATR_P_PROTOCOL_UNKNOWN;
  const ta2: i32 = get(row, ATR_W_TA2);
  if (ta2 >= 0) problems |= specificProblems(ta2, protocols);
  return problems | valueProblems(row, protocols);
}

function finish(row: i32, used: i32, problems: i32): i32 {
  put(row, ATR_W_LENGTH_USED, used);
  put(row, ATR_W_PROBLEMS, problems);
  return problems;
}

/** The ATR ends within its interface bytes: what is there counts. */
function truncated(
  row: i32,
  length: i32,
  offered: i32,
  tckRequired: i32,
  problems: i32,
): i32 {
  put(row, ATR_W_HISTORICAL, length);
  const broken: i32 = conclude(row, offered, tckRequired);
  return finish(row, length, problems | broken | ATR_P_TRUNCATED_IN_INTERFACE);
}

/** The row of an ATR that says nothing. */
function clear(row: i32): void {
  fill32(row, -1, ATR_ROW_WORDS);
  put(row, ATR_W_PROTOCOLS, 1);
  put(row, ATR_W_FIRST_OFFERED, 0);
  put(row, ATR_W_HISTORICAL, 0);
  put(row, ATR_W_HISTORICAL_LENGTH, 0);
  put(row, ATR_W_TCK_REQUIRED, 0);
  put(row, ATR_W_FI, 372);
  put(row, ATR_W_DI, 1);
}

/**
 * Reads the ATR of `length` bytes at `address` into the words at `row`.
 * Returns the problems, one bit each; 0 is a flawless ATR.
 */
export function parseAtr(address: i32, length: i32, row: i32): i32 {
  clear(row);
  if (length < 2) return finish(row, length, ATR_P_TOO_SHORT);
  let problems: i32 = length > 33 ? ATR_P_TOO_LONG : 0;
  const ts: i32 = ld8(address);
  if (ts == 0x3b) put(row, ATR_W_CONVENTION, 0);
  else if (ts == 0x3f) put(row, ATR_W_CONVENTION, 1);
  else problems |= ATR_P_BAD_TS;

  const t0: i32 = ld8(address + 1);
  let at: i32 = 2;
  let present: i32 = t0 >> 4;
  let under: i32 = 0;
  let offered: i32 = 0;
  let last: i32 = -1;
  let tckRequired: i32 = 0;
  for (let group: i32 = 1; present != 0; group++) {
    for (let kind: i32 = 0; kind < 3; kind++) {
      if ((present & (1 << kind)) == 0) continue;
      if (at >= length) {
        return truncated(row, length, offered, tckRequired, problems);
      }
      const value: i32 = ld8(address + at);
      problems |= interfaceByte(row, kind, group, under, value);
      at++;
    }
    if ((present & 8) == 0) break;
    if (at >= length) {
      return truncated(row, length, offered, tckRequired, problems);
    }
    const td: i32 = ld8(address + at);
    at++;
    under = td & 0x0f;
    present = td >> 4;
    if (group <= 2) put(row, ATR_W_TD1 + group - 1, td);
    if (under < last) problems |= ATR_P_ORDER;
    last = under;
    if (under != 0) tckRequired = 1;
    if (under == 15) {
      put(row, ATR_W_HAS_T15, 1);
      if (group == 1) problems |= ATR_P_T15_IN_TD1;
    } else {
      if (offered == 0) put(row, ATR_W_FIRST_OFFERED, under);
      offered |= 1 << under;
    }
  }
  problems |= conclude(row, offered, tckRequired);
  const historical: i32 = t0 & 0x0f;
  put(row, ATR_W_HISTORICAL, at);
  if (at + historical > length) {
    put(row, ATR_W_HISTORICAL_LENGTH, length - at);
    return finish(row, length, problems | ATR_P_TRUNCATED_IN_HISTORICAL);
  }
  put(row, ATR_W_HISTORICAL_LENGTH, historical);
  at += historical;
  if (tckRequired != 0) {
    if (at >= length) return finish(row, at, problems | ATR_P_MISSING_TCK);
    put(row, ATR_W_TCK, ld8(address + at));
    // TS is not part of the sum, TCK is.
    if (xorOf(address + 1, at) != 0) problems |= ATR_P_BAD_TCK;
    at++;
  }
  if (at < length) problems |= ATR_P_EXTRA_BYTES;
  return finish(row, at, problems);
}

/**
 * Reads `count` ATRs that lie packed at `address`, each a byte of length and its
 * bytes, into rows from `row` on. The caller sees to it that all of them end before
 * the memory does.
 */
export function parseAtrs(address: i32, count: i32, row: i32): void {
  let at: i32 = address;
  for (let i: i32 = 0; i < count; i++) {
    const length: i32 = ld8(at);
    parseAtr(at + 1, length, row + i * ATR_ROW_BYTES);
    at += 1 + length;
  }
}
