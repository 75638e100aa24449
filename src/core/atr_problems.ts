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
} from "../../core-as/abi.ts";

/** Problems that the strict mode refuses. */
export const REFUSED = ATR_P_BAD_TS | ATR_P_TOO_SHORT | ATR_P_TOO_LONG |
  ATR_P_TRUNCATED_IN_INTERFACE | ATR_P_TRUNCATED_IN_HISTORICAL |
  ATR_P_MISSING_TCK | ATR_P_BAD_TCK | ATR_P_T15_IN_TD1;

/** Problems among them that the tolerant mode only marks. */
export const TOLERATED = ATR_P_TRUNCATED_IN_HISTORICAL | ATR_P_MISSING_TCK |
  ATR_P_BAD_TCK;

/** Codes and their meaning in the order in which they are reported; `extra_bytes_N` carries its count. */
export const CODES: readonly (readonly [
  bit: number,
  code: string,
  words: string,
])[] = [
  [ATR_P_TOO_SHORT, "too_short", "shorter than TS and T0"],
  [ATR_P_TOO_LONG, "too_long", "longer than 33 bytes"],
  [ATR_P_BAD_TS, "bad_TS", "TS is neither 3B nor 3F"],
  [
    ATR_P_TRUNCATED_IN_INTERFACE,
    "truncated_in_interface_bytes",
    "ends within the interface bytes",
  ],
  [
    ATR_P_TRUNCATED_IN_HISTORICAL,
    "truncated_in_historical",
    "ends within the historical bytes",
  ],
  [ATR_P_MISSING_TCK, "missing_TCK", "the check byte TCK is missing"],
  [ATR_P_BAD_TCK, "bad_TCK", "the check byte TCK is wrong"],
  [ATR_P_EXTRA_BYTES, "extra_bytes", "bytes stand behind its end"],
  [ATR_P_T15_IN_TD1, "T15_in_TD1", "TD1 names T=15, which is no protocol"],
  [
    ATR_P_ORDER,
    "protocols_not_ascending",
    "the protocols are not in ascending order",
  ],
  [
    ATR_P_PROTOCOL_UNKNOWN,
    "protocol_T14_not_supported_or_RFU",
    "names a protocol other than T=0 and T=1",
  ],
  [
    ATR_P_T0_BYTES,
    "T0_specific_bytes_i>2",
    "has T=0 bytes beyond the second group",
  ],
  [ATR_P_RFU_FI, "RFU_Fi", "the code of Fi is reserved"],
  [ATR_P_RFU_DI, "RFU_Di", "the code of Di is reserved"],
  [ATR_P_IFSC_00, "IFSC_RFU_00", "IFSC 0 is reserved, 32 is used"],
  [ATR_P_IFSC_FF, "IFSC_RFU_FF", "IFSC 255 is reserved, 254 is used"],
  [ATR_P_BWI_RFU, "BWI_RFU", "BWI above 9 is reserved"],
  [ATR_P_TC_T1_RFU, "TC_T1_RFU_bits", "reserved bits of TC for T=1 are set"],
  [ATR_P_TA2_RFU, "TA2_RFU_bits", "reserved bits of TA2 are set"],
  [
    ATR_P_TA2_NOT_OFFERED,
    "TA2_protocol_not_offered",
    "TA2 names a protocol that is not offered",
  ],
  [
    ATR_P_TC2_WITHOUT_T0,
    "TC2_without_T0",
    "TC2 is there, but T=0 is not offered",
  ],
  [ATR_P_WI_0, "WI_RFU_00", "WI 0 is reserved, 10 is used"],
  [ATR_P_CLASS_RFU, "class_RFU", "the supply class is reserved"],
];

/** What an EMV terminal rejects besides what the strict mode refuses. */
const EMV_CODES: readonly (readonly [
  bit: number,
  code: string,
  words: string,
])[] = [
  [
    EMV_P_TA1,
    "EMV_TA1",
    "EMV: a specific mode with another speed than TA1 11 to 13",
  ],
  [EMV_P_TB1, "EMV_TB1", "EMV: TB1 is not 00"],
  [EMV_P_TD1, "EMV_TD1", "EMV: TD1 names another protocol than T=0 or T=1"],
  [
    EMV_P_TA2,
    "EMV_TA2",
    "EMV: TA2 asks for implicit parameters or for another protocol than the first",
  ],
  [EMV_P_TB2, "EMV_TB2", "EMV: TB2 is there"],
  [EMV_P_TC2, "EMV_TC2", "EMV: WI is 0"],
  [
    EMV_P_TD2,
    "EMV_TD2",
    "EMV: TD2 does not repeat T=1, or names another protocol than T=14 after T=0",
  ],
  [EMV_P_IFSC, "EMV_IFSC", "EMV: IFSC is not 16 to 254"],
  [EMV_P_BWI, "EMV_BWI", "EMV: BWI is above 4"],
  [EMV_P_CWI, "EMV_CWI", "EMV: CWI is above 5"],
  [
    EMV_P_CWT,
    "EMV_CWT",
    "EMV: the character waiting time is not longer than the extra guard time",
  ],
  [
    EMV_P_TB3_MISSING,
    "EMV_TB3_MISSING",
    "EMV: the waiting times of T=1 are missing",
  ],
  [EMV_P_TC3, "EMV_TC3", "EMV: the check of T=1 is not LRC"],
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

/** The codes of an EMV terminal's reasons in `bits`. */
export function emvCodes(bits: number): string[] {
  return EMV_CODES.filter(([bit]) => (bits & bit) !== 0).map(([, code]) =>
    code
  );
}

/** What a code of `Atr.problems` means, in words without capital and full stop; an unknown code is its own meaning. */
export function describeAtrProblem(code: string): string {
  const extra = code.match(/^extra_bytes_(\d+)$/);
  if (extra !== null) return `${extra[1]} bytes stand behind its end`;
  const found = [...CODES, ...EMV_CODES].find((row) => row[1] === code);
  return found === undefined ? code : found[2];
}
