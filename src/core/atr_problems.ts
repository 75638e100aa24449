/**
 * What can be wrong with an ATR (ISO/IEC 7816-3 8.2), and which of it refuses the
 * card.
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
} from "../../core-as/abi.ts";

/** Problems that the strict mode refuses. */
export const REFUSED = ATR_P_BAD_TS | ATR_P_TOO_SHORT | ATR_P_TOO_LONG |
  ATR_P_TRUNCATED_IN_INTERFACE | ATR_P_TRUNCATED_IN_HISTORICAL |
  ATR_P_MISSING_TCK | ATR_P_BAD_TCK | ATR_P_T15_IN_TD1;

/** Problems among them that the tolerant mode only marks. */
export const TOLERATED = ATR_P_TRUNCATED_IN_HISTORICAL | ATR_P_MISSING_TCK |
  ATR_P_BAD_TCK;

/** Codes in the order in which they are reported; `extra_bytes_N` carries its count. */
const CODES: readonly (readonly [number, string])[] = [
  [ATR_P_TOO_SHORT, "too_short"],
  [ATR_P_TOO_LONG, "too_long"],
  [ATR_P_BAD_TS, "bad_TS"],
  [ATR_P_TRUNCATED_IN_INTERFACE, "truncated_in_interface_bytes"],
  [ATR_P_TRUNCATED_IN_HISTORICAL, "truncated_in_historical"],
  [ATR_P_MISSING_TCK, "missing_TCK"],
  [ATR_P_BAD_TCK, "bad_TCK"],
  [ATR_P_EXTRA_BYTES, "extra_bytes"],
  [ATR_P_T15_IN_TD1, "T15_in_TD1"],
  [ATR_P_ORDER, "protocols_not_ascending"],
  [ATR_P_PROTOCOL_UNKNOWN, "protocol_T14_not_supported_or_RFU"],
  [ATR_P_T0_BYTES, "T0_specific_bytes_i>2"],
  [ATR_P_RFU_FI, "RFU_Fi"],
  [ATR_P_RFU_DI, "RFU_Di"],
  [ATR_P_IFSC_00, "IFSC_RFU_00"],
  [ATR_P_IFSC_FF, "IFSC_RFU_FF"],
  [ATR_P_BWI_RFU, "BWI_RFU"],
  [ATR_P_TC_T1_RFU, "TC_T1_RFU_bits"],
  [ATR_P_TA2_RFU, "TA2_RFU_bits"],
  [ATR_P_TA2_NOT_OFFERED, "TA2_protocol_not_offered"],
  [ATR_P_TC2_WITHOUT_T0, "TC2_without_T0"],
  [ATR_P_WI_0, "WI_RFU_00"],
  [ATR_P_CLASS_RFU, "class_RFU"],
];

/** The codes of the problems in `bits`. */
export function problemCodes(bits: number, extraBytes: number): string[] {
  const codes: string[] = [];
  if (bits === 0) return codes;
  for (const [bit, code] of CODES) {
    if ((bits & bit) === 0) continue;
    codes.push(bit === ATR_P_EXTRA_BYTES ? `${code}_${extraBytes}` : code);
  }
  return codes;
}
