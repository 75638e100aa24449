/**
 * The Answer to Reset (ISO/IEC 7816-3 8.2).
 *
 * @module
 */

import {
  ATR_P_BAD_TCK,
  ATR_P_EXTRA_BYTES,
  ATR_P_RFU_DI,
  ATR_P_RFU_FI,
  ATR_W_CONVENTION,
  ATR_W_DI,
  ATR_W_FI,
  ATR_W_FIRST_OFFERED,
  ATR_W_HAS_T15,
  ATR_W_HISTORICAL,
  ATR_W_HISTORICAL_LENGTH,
  ATR_W_LENGTH_USED,
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
  RESULT,
} from "../../core-as/abi.ts";
import { emvCodes, problemCodes, REFUSED, TOLERATED } from "./atr_problems.ts";
import { toScratch } from "./edc.ts";
import { type Core, sharedCore } from "./instance.ts";

/** The specific mode byte TA2 (8.3). */
export interface SpecificMode {
  /** The protocol to use. */
  protocol: number;
  /** F and D are agreed outside the ATR. */
  implicitParameters: boolean;
  /** A warm reset may bring another mode. */
  canChange: boolean;
}

/** An ATR, read. */
export interface Atr {
  /** The bytes as they came. */
  raw: Uint8Array;
  /** The strict verdict: the ATR is complete and its check byte right. */
  valid: boolean;
  /** The verdict of the mode asked for, and whether a reader can work by what the ATR says. */
  accepted: boolean;
  /** What is wrong or remarkable, by code. */
  problems: string[];
  /** By TS; null if it is neither 3B nor 3F. */
  convention: "direct" | "inverse" | null;
  /** Specific if TA2 is there. */
  mode: "negotiable" | "specific";
  /** TA2, read. */
  specific: SpecificMode | null;
  /** T values offered, without 15. */
  protocols: number[];
  /** T of TD1, 0 without TD1. */
  firstOffered: number;
  /** High nibble of TA1, 1 without it. */
  fiIndex: number;
  /** Low nibble of TA1, 1 without it. */
  diIndex: number;
  /** Whether TA1 is there. */
  hasTa1: boolean;
  /** Clock rate conversion factor, 0 if reserved. */
  fi: number;
  /** Baud rate adjustment factor, 0 if reserved. */
  di: number;
  /** Extra guard time integer. */
  n: number;
  /** Waiting time integer of T=0, as coded. */
  wi: number;
  /** IFSC of T=1 as coded: 0 and 255 are reserved. */
  ifscBytes: number;
  /** Block waiting time integer of T=1. */
  bwi: number;
  /** Character waiting time integer of T=1. */
  cwi: number;
  /** Check of T=1. */
  edc: "LRC" | "CRC";
  /** Whether a T=15 is there. */
  hasT15: boolean;
  /** Clock stop indicator X of T=15, 0 to 3. */
  clockStop: number | null;
  /** Supply class indicator Y of T=15: bit 0 A, bit 1 B, bit 2 C. */
  voltageClass: number | null;
  /** Use of contact C6 (TB of T=15). */
  spu: number | null;
  /** Withdrawn programming voltage: II in coded form and PI1 or PI2, for old dumps. */
  vpp: { ii: number; pi1: number; pi2: number | null } | null;
  /** Historical bytes, those that are there; a view of `raw`. */
  historical: Uint8Array;
  /** Whether the T values demand a TCK. */
  tckRequired: boolean;
  /** Whether it is there. */
  tckPresent: boolean;
  /** Its value. */
  tck: number | null;
  /** Whether it is right, null if there is none. */
  tckOk: boolean | null;
  /** Bytes that belong to the ATR. */
  lengthUsed: number;
  /** Bytes behind its end. */
  extraBytes: number;
}

/** How strict to be. */
export interface AtrOptions {
  /** Accept missing historical bytes, and a missing or wrong TCK. */
  tolerant?: boolean;
  /**
   * Accept what an EMV terminal accepts after a cold or after a warm reset (EMV
   * Contact Interface, level 1); `problems` then has its reasons too, as `EMV_…`.
   * After a cold reset that is not accepted a terminal tries one warm reset, then it
   * deactivates the card.
   */
  emv?: "cold" | "warm";
}

/** Words of a result, read by name. */
type Word = (index: number) => number;

function specificMode(ta2: number): SpecificMode | null {
  if (ta2 < 0) return null;
  return {
    protocol: ta2 & 0x0f,
    implicitParameters: (ta2 & 0x10) !== 0,
    canChange: (ta2 & 0x80) === 0,
  };
}

/** In specific mode with explicit parameters there is no way around a reserved factor (8.3). */
function isUnworkable(atr: SpecificMode | null, bits: number): boolean {
  return atr !== null && !atr.implicitParameters &&
    (bits & (ATR_P_RFU_FI | ATR_P_RFU_DI)) !== 0;
}

function offered(mask: number): number[] {
  const protocols: number[] = [];
  for (let t = 0; t < 15; t++) if ((mask & 1 << t) !== 0) protocols.push(t);
  return protocols;
}

function or(value: number, fallback: number): number {
  return value < 0 ? fallback : value;
}

function orNull(value: number): number | null {
  return value < 0 ? null : value;
}

function programmingVoltage(word: Word): Atr["vpp"] {
  const tb1 = word(ATR_W_TB1);
  const tb2 = word(ATR_W_TB2);
  if (tb1 < 0 && tb2 < 0) return null;
  const coded = or(tb1, 0);
  return { ii: coded >> 5 & 3, pi1: coded & 0x1f, pi2: orNull(tb2) };
}

/**
 * Reads an ATR as the reader hands it over, that is, decoded by its convention.
 * Never throws for what a card sends.
 */
export function parseAtr(
  bytes: Uint8Array,
  options: AtrOptions = {},
  core: Core = sharedCore(),
): Atr {
  toScratch(core, bytes, "ATR");
  const bits = core.exports.atr_parse(bytes.length);
  const result = RESULT >> 2;
  const word: Word = (index) => core.words[result + index];
  const ta1 = word(ATR_W_TA1);
  const timing = or(word(ATR_W_T1_TB), 0x4d);
  const supply = word(ATR_W_T15_TA);
  const tck = word(ATR_W_TCK);
  const convention = word(ATR_W_CONVENTION);
  const historical = word(ATR_W_HISTORICAL);
  const lengthUsed = word(ATR_W_LENGTH_USED);
  const extraBytes = (bits & ATR_P_EXTRA_BYTES) !== 0
    ? bytes.length - lengthUsed
    : 0;
  const specific = specificMode(word(ATR_W_TA2));
  const raw = bytes.slice();
  const refused = options.tolerant ? REFUSED & ~TOLERATED : REFUSED;
  const emv = options.emv === undefined
    ? 0
    : core.exports.atr_emv(options.emv === "warm" ? 1 : 0);
  const problems = problemCodes(bits, extraBytes);
  if (emv !== 0) problems.push(...emvCodes(emv));
  return {
    raw,
    valid: (bits & REFUSED) === 0,
    accepted: (bits & refused) === 0 && emv === 0 &&
      !isUnworkable(specific, bits),
    problems,
    convention: convention < 0 ? null : convention === 0 ? "direct" : "inverse",
    mode: specific === null ? "negotiable" : "specific",
    specific,
    protocols: offered(word(ATR_W_PROTOCOLS)),
    firstOffered: word(ATR_W_FIRST_OFFERED),
    fiIndex: or(ta1, 0x11) >> 4,
    diIndex: or(ta1, 0x11) & 0x0f,
    hasTa1: ta1 >= 0,
    fi: word(ATR_W_FI),
    di: word(ATR_W_DI),
    n: or(word(ATR_W_TC1), 0),
    wi: or(word(ATR_W_TC2), 10),
    ifscBytes: or(word(ATR_W_T1_TA), 32),
    bwi: timing >> 4,
    cwi: timing & 0x0f,
    edc: (or(word(ATR_W_T1_TC), 0) & 1) === 0 ? "LRC" : "CRC",
    hasT15: word(ATR_W_HAS_T15) === 1,
    clockStop: supply < 0 ? null : supply >> 6,
    voltageClass: supply < 0 ? null : supply & 0x3f,
    spu: orNull(word(ATR_W_T15_TB)),
    vpp: programmingVoltage(word),
    historical: raw.subarray(
      historical,
      historical + word(ATR_W_HISTORICAL_LENGTH),
    ),
    tckRequired: word(ATR_W_TCK_REQUIRED) === 1,
    tckPresent: tck >= 0,
    tck: orNull(tck),
    tckOk: tck < 0 ? null : (bits & ATR_P_BAD_TCK) === 0,
    lengthUsed,
    extraBytes,
  };
}
