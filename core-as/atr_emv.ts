/**
 * What an EMV terminal rejects in an Answer to Reset (EMV Contact Interface, level 1:
 * basic ATR of T=0 and T=1).
 *
 * @module
 */

import {
  ATR_W_FIRST_OFFERED,
  ATR_W_T1_TA,
  ATR_W_T1_TB,
  ATR_W_T1_TC,
  ATR_W_TA1,
  ATR_W_TA2,
  ATR_W_TB1,
  ATR_W_TB2,
  ATR_W_TC1,
  ATR_W_TC2,
  ATR_W_TD1,
  ATR_W_TD2,
  EMV_P_BWI,
  EMV_P_CWI,
  EMV_P_CWT,
  EMV_P_IFSC,
  EMV_P_TA1,
  EMV_P_TA2,
  EMV_P_TB1,
  EMV_P_TB2,
  EMV_P_TB3_MISSING,
  EMV_P_TC2,
  EMV_P_TC3,
  EMV_P_TD1,
  EMV_P_TD2,
} from "./abi.ts";
import { ld32 } from "./mem.ts";

/** The specific mode byte, and the speed that comes into force with it. */
function specificProblems(ta1: i32, ta2: i32, first: i32): i32 {
  let problems: i32 = 0;
  const isImplicit: bool = (ta2 & 0x10) != 0;
  if (isImplicit || (ta2 & 0x0f) != first) problems |= EMV_P_TA2;
  if (!isImplicit && ta1 >= 0 && (ta1 < 0x11 || ta1 > 0x13)) {
    problems |= EMV_P_TA1;
  }
  return problems;
}

/** Waiting times of T=1: both integers, and CWT longer than the extra guard time. */
function waitingProblems(tb: i32, tc1: i32): i32 {
  let problems: i32 = 0;
  const cwi: i32 = tb & 0x0f;
  if ((tb >> 4) > 4) problems |= EMV_P_BWI;
  if (cwi > 5) problems |= EMV_P_CWI;
  // N = 255 means one etu less than N = 0.
  const n: i32 = tc1 < 0 ? 0 : tc1 == 255 ? -1 : tc1;
  if ((1 << cwi) <= n + 1) problems |= EMV_P_CWT;
  return problems;
}

/** The reasons to reject the ATR whose words are at `row`, one bit each. */
export function emvProblems(row: i32, isWarm: bool): i32 {
  let problems: i32 = 0;
  const tb1: i32 = ld32(row + 4 * ATR_W_TB1);
  if (!isWarm && tb1 != 0) problems |= EMV_P_TB1;
  const ta2: i32 = ld32(row + 4 * ATR_W_TA2);
  if (ta2 >= 0) {
    problems |= specificProblems(
      ld32(row + 4 * ATR_W_TA1),
      ta2,
      ld32(row + 4 * ATR_W_FIRST_OFFERED),
    );
  }
  if (ld32(row + 4 * ATR_W_TB2) >= 0) problems |= EMV_P_TB2;
  if (ld32(row + 4 * ATR_W_TC2) == 0) problems |= EMV_P_TC2;
  const td1: i32 = ld32(row + 4 * ATR_W_TD1);
  const under1: i32 = td1 < 0 ? 0 : td1 & 0x0f;
  if (under1 > 1) problems |= EMV_P_TD1;
  const td2: i32 = ld32(row + 4 * ATR_W_TD2);
  if (td2 >= 0) {
    const under2: i32 = td2 & 0x0f;
    if (under1 == 1 && under2 != 1) problems |= EMV_P_TD2;
    if (under1 == 0 && under2 != 14) problems |= EMV_P_TD2;
  }
  const ifsc: i32 = ld32(row + 4 * ATR_W_T1_TA);
  if (ifsc >= 0 && (ifsc < 0x10 || ifsc == 0xff)) problems |= EMV_P_IFSC;
  const tb: i32 = ld32(row + 4 * ATR_W_T1_TB);
  if (tb >= 0) problems |= waitingProblems(tb, ld32(row + 4 * ATR_W_TC1));
  else if (under1 == 1) problems |= EMV_P_TB3_MISSING;
  if (ld32(row + 4 * ATR_W_T1_TC) > 0) problems |= EMV_P_TC3;
  return problems;
}
