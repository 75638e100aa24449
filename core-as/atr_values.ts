/**
 * What the interface bytes of an Answer to Reset say by their values, once all of them
 * are filed (ISO/IEC 7816-3 8.3, 10.2, 11.4).
 *
 * @module
 */

import {
  ATR_P_BWI_RFU,
  ATR_P_CLASS_RFU,
  ATR_P_IFSC_00,
  ATR_P_IFSC_FF,
  ATR_P_PROTOCOL_UNKNOWN,
  ATR_P_RFU_DI,
  ATR_P_RFU_FI,
  ATR_P_TA2_NOT_OFFERED,
  ATR_P_TA2_RFU,
  ATR_P_TC2_WITHOUT_T0,
  ATR_P_TC_T1_RFU,
  ATR_P_WI_0,
  ATR_W_DI,
  ATR_W_FI,
  ATR_W_PROTOCOLS,
  ATR_W_T15_TA,
  ATR_W_T1_TA,
  ATR_W_T1_TB,
  ATR_W_T1_TC,
  ATR_W_TA1,
  ATR_W_TA2,
  ATR_W_TC2,
  ATR_W_TCK_REQUIRED,
} from "./abi.ts";
import { diOf, fiOf } from "./factors.ts";
import { ld32, st32 } from "./mem.ts";

/** Word `word` of the row at `row`. */
export function get(row: i32, word: i32): i32 {
  return ld32(row + 4 * word);
}

/** Files a word. */
export function put(row: i32, word: i32, value: i32): void {
  st32(row + 4 * word, value);
}

/** What TA2 breaks, given the protocols offered. */
function specificProblems(ta2: i32, offered: i32): i32 {
  let problems: i32 = 0;
  if ((ta2 & 0x60) != 0) problems |= ATR_P_TA2_RFU;
  if ((offered & (1 << (ta2 & 0x0f))) == 0) problems |= ATR_P_TA2_NOT_OFFERED;
  return problems;
}

/** What the interface bytes of T=1 and T=15 break by their values. */
function laterProblems(row: i32): i32 {
  let problems: i32 = 0;
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

/** Files what all interface bytes, `groups` groups of them, together say; returns what they break. */
export function conclude(
  row: i32,
  groups: i32,
  offered: i32,
  tckRequired: i32,
): i32 {
  // Without any TD, T=0 alone is offered.
  const protocols: i32 = offered == 0 ? 1 : offered;
  put(row, ATR_W_PROTOCOLS, protocols);
  put(row, ATR_W_TCK_REQUIRED, tckRequired);
  let problems: i32 = 0;
  let fi: i32 = 372;
  let di: i32 = 1;
  const ta1: i32 = get(row, ATR_W_TA1);
  if (ta1 >= 0) {
    fi = fiOf(ta1 >> 4);
    di = diOf(ta1);
    if (fi == 0) problems |= ATR_P_RFU_FI;
    if (di == 0) problems |= ATR_P_RFU_DI;
  }
  put(row, ATR_W_FI, fi);
  put(row, ATR_W_DI, di);
  if ((protocols & 0x7ffc) != 0) problems |= ATR_P_PROTOCOL_UNKNOWN;
  if (groups < 2) return problems;
  const ta2: i32 = get(row, ATR_W_TA2);
  if (ta2 >= 0) problems |= specificProblems(ta2, protocols);
  const tc2: i32 = get(row, ATR_W_TC2);
  if (tc2 >= 0) {
    if ((protocols & 1) == 0) problems |= ATR_P_TC2_WITHOUT_T0;
    if (tc2 == 0) problems |= ATR_P_WI_0;
  }
  return groups < 3 ? problems : problems | laterProblems(row);
}
