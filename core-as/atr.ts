/**
 * Answer to Reset (ISO/IEC 7816-3 8.2).
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
  RESULT,
} from "./abi.ts";
import { lrc } from "./edc.ts";
import { diOf, fiOf } from "./factors.ts";
import { ld32, ld8, st32 } from "./mem.ts";

function put(word: i32, value: i32): void {
  st32(RESULT + 4 * word, value);
}

function get(word: i32): i32 {
  return ld32(RESULT + 4 * word);
}

function flag(problem: i32): void {
  put(ATR_W_PROBLEMS, get(ATR_W_PROBLEMS) | problem);
}

/** Keeps the first value only. */
function putFirst(word: i32, value: i32): void {
  if (get(word) < 0) put(word, value);
}

/**
 * Files one interface byte: `kind` 0 is TA, 1 TB, 2 TC; `group` counts from 1;
 * `under` is the T of the TD that announced it.
 */
function interfaceByte(kind: i32, group: i32, under: i32, value: i32): void {
  if (group == 1) {
    put(ATR_W_TA1 + kind, value);
  } else if (group == 2) {
    put(ATR_W_TA2 + kind, value);
  } else if (under == 1) {
    putFirst(ATR_W_T1_TA + kind, value);
  } else if (under == 15) {
    if (kind != 2) putFirst(ATR_W_T15_TA + kind, value);
  } else if (under == 0) {
    flag(ATR_P_T0_BYTES);
  }
}

/** Notes what the values themselves break, once all bytes are filed. */
function judgeValues(): void {
  const ta1: i32 = get(ATR_W_TA1);
  const fi: i32 = fiOf(ta1 < 0 ? 1 : ta1 >> 4);
  const di: i32 = diOf(ta1 < 0 ? 1 : ta1);
  put(ATR_W_FI, fi);
  put(ATR_W_DI, di);
  if (fi == 0) flag(ATR_P_RFU_FI);
  if (di == 0) flag(ATR_P_RFU_DI);
  const offered: i32 = get(ATR_W_PROTOCOLS);
  if ((offered & 0x7ffc) != 0) flag(ATR_P_PROTOCOL_UNKNOWN);
  const ta2: i32 = get(ATR_W_TA2);
  if (ta2 >= 0) {
    if ((ta2 & 0x60) != 0) flag(ATR_P_TA2_RFU);
    if ((offered & (1 << (ta2 & 0x0f))) == 0) flag(ATR_P_TA2_NOT_OFFERED);
  }
  const tc2: i32 = get(ATR_W_TC2);
  if (tc2 >= 0 && (offered & 1) == 0) flag(ATR_P_TC2_WITHOUT_T0);
  if (tc2 == 0) flag(ATR_P_WI_0);
  const ifsc: i32 = get(ATR_W_T1_TA);
  if (ifsc == 0) flag(ATR_P_IFSC_00);
  if (ifsc == 255) flag(ATR_P_IFSC_FF);
  if (get(ATR_W_T1_TB) > 0x9f) flag(ATR_P_BWI_RFU);
  if (get(ATR_W_T1_TC) > 1) flag(ATR_P_TC_T1_RFU);
  const t15: i32 = get(ATR_W_T15_TA);
  if (t15 >= 0) {
    const supply: i32 = t15 & 0x3f;
    // Classes A, B, C and the neighbouring combinations are defined, nothing else.
    if (supply == 0 || supply == 5 || supply > 7) flag(ATR_P_CLASS_RFU);
  }
}

/** Files what all interface bytes together say. */
function conclude(offered: i32, tckRequired: i32): void {
  put(ATR_W_PROTOCOLS, offered == 0 ? 1 : offered);
  put(ATR_W_TCK_REQUIRED, tckRequired);
  judgeValues();
}

/** The ATR ends within its interface bytes: what is there counts. */
function truncated(offered: i32, tckRequired: i32, length: i32): i32 {
  conclude(offered, tckRequired);
  put(ATR_W_HISTORICAL, length);
  put(ATR_W_LENGTH_USED, length);
  flag(ATR_P_TRUNCATED_IN_INTERFACE);
  return get(ATR_W_PROBLEMS);
}

/**
 * Reads the ATR of `length` bytes at `address` into the words at RESULT.
 * Returns the problems, one bit each; 0 is a flawless ATR.
 */
export function parseAtr(address: i32, length: i32): i32 {
  for (let word: i32 = 0; word <= ATR_W_HAS_T15; word++) put(word, -1);
  put(ATR_W_PROBLEMS, 0);
  put(ATR_W_PROTOCOLS, 1);
  put(ATR_W_FIRST_OFFERED, 0);
  put(ATR_W_HISTORICAL, 0);
  put(ATR_W_HISTORICAL_LENGTH, 0);
  put(ATR_W_TCK_REQUIRED, 0);
  put(ATR_W_LENGTH_USED, 0);
  put(ATR_W_FI, 372);
  put(ATR_W_DI, 1);
  if (length < 2) {
    flag(ATR_P_TOO_SHORT);
    return get(ATR_W_PROBLEMS);
  }
  if (length > 33) flag(ATR_P_TOO_LONG);
  const ts: i32 = ld8(address);
  if (ts == 0x3b) put(ATR_W_CONVENTION, 0);
  else if (ts == 0x3f) put(ATR_W_CONVENTION, 1);
  else flag(ATR_P_BAD_TS);

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
        return truncated(offered, tckRequired, length);
      }
      interfaceByte(kind, group, under, ld8(address + at));
      at++;
    }
    if ((present & 8) == 0) break;
    if (at >= length) {
      return truncated(offered, tckRequired, length);
    }
    const td: i32 = ld8(address + at);
    at++;
    under = td & 0x0f;
    present = td >> 4;
    if (under < last) flag(ATR_P_ORDER);
    last = under;
    if (under != 0) tckRequired = 1;
    if (under == 15) {
      put(ATR_W_HAS_T15, 1);
      if (group == 1) flag(ATR_P_T15_IN_TD1);
    } else {
      if (offered == 0) put(ATR_W_FIRST_OFFERED, under);
      offered |= 1 << under;
    }
  }
  conclude(offered, tckRequired);
  const historical: i32 = t0 & 0x0f;
  put(ATR_W_HISTORICAL, at);
  if (at + historical > length) {
    put(ATR_W_HISTORICAL_LENGTH, length - at);
    put(ATR_W_LENGTH_USED, length);
    flag(ATR_P_TRUNCATED_IN_HISTORICAL);
    return get(ATR_W_PROBLEMS);
  }
  put(ATR_W_HISTORICAL_LENGTH, historical);
  at += historical;
  if (tckRequired != 0) {
    if (at >= length) {
      flag(ATR_P_MISSING_TCK);
    } else {
      put(ATR_W_TCK, ld8(address + at));
      at++;
      if (lrc(address + 1, at - 1) != 0) flag(ATR_P_BAD_TCK);
    }
  }
  put(ATR_W_LENGTH_USED, at);
  if (at < length) flag(ATR_P_EXTRA_BYTES);
  return get(ATR_W_PROBLEMS);
}
