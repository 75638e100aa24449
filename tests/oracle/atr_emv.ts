/**
 * Test oracle: the reasons an EMV terminal has to reject an ATR (EMV Contact Interface, answer to reset), read plainly from the standard's text.
 * It builds on the ISO oracle beside it and on nothing else.
 *
 * @module
 */

import { decodeAtr, firstUnder, readInterfaceBytes, REFUSALS } from "./atr.ts";

/** The reasons the bytes of T=1 give: IFSC, BWI, CWI and the code for errors. */
function t1Problems(bytes: Uint8Array): string[] {
  const { groups } = readInterfaceBytes(bytes);
  const [first] = groups;
  const problems: string[] = [];

  const ifsc = firstUnder(groups, "ta", 1);
  if (ifsc !== null && (ifsc < 0x10 || ifsc > 0xfe)) problems.push("EMV_IFSC");

  const waits = firstUnder(groups, "tb", 1);
  if (waits === null) {
    if (first.td !== null && (first.td & 0x0f) === 1) {
      problems.push("EMV_TB3_MISSING");
    }
  } else {
    const bwi = waits >> 4;
    const cwi = waits & 0x0f;
    const n = first.tc === null ? 0 : first.tc === 0xff ? -1 : first.tc;
    if (bwi > 4) problems.push("EMV_BWI");
    if (cwi > 5) problems.push("EMV_CWI");
    if (2 ** cwi <= n + 1) problems.push("EMV_CWT");
  }

  const edc = firstUnder(groups, "tc", 1);
  if (edc !== null && edc !== 0x00) problems.push("EMV_TC3");
  return problems;
}

/**
 * The reasons, as codes in no particular order, for which an EMV terminal rejects this ATR after a cold or a warm reset; none means accepted.
 * The strict ISO refusals are among them under their own codes, and alone when the interface bytes are incomplete.
 */
export function emvProblems(
  bytes: Uint8Array,
  reset: "cold" | "warm",
): string[] {
  const atr = decodeAtr(bytes);
  const problems = atr.problems.filter((code) => REFUSALS.includes(code));
  if (
    problems.includes("too_short") ||
    problems.includes("truncated_in_interface_bytes")
  ) return problems;

  const [first, second] = readInterfaceBytes(bytes).groups;
  const t1 = first.td === null ? null : first.td & 0x0f;
  const ta2 = second?.ta ?? null;
  const tb2 = second?.tb ?? null;
  const tc2 = second?.tc ?? null;
  const td2 = second?.td ?? null;

  if (
    // Explicit parameters only: with b5 set TA1 is not what the card uses.
    ta2 !== null && (ta2 & 0x10) === 0 &&
    first.ta !== null && (first.ta < 0x11 || first.ta > 0x13)
  ) problems.push("EMV_TA1");

  if (reset === "cold" && first.tb !== 0x00) problems.push("EMV_TB1");

  if (t1 !== null && t1 !== 0 && t1 !== 1) problems.push("EMV_TD1");

  if (
    ta2 !== null &&
    ((ta2 & 0x10) !== 0 || (ta2 & 0x0f) !== atr.first_offered)
  ) problems.push("EMV_TA2");

  if (tb2 !== null) problems.push("EMV_TB2");

  if (tc2 === 0x00) problems.push("EMV_TC2");

  if (td2 !== null) {
    const t2 = td2 & 0x0f;
    if (t1 === 1 && t2 !== 1) problems.push("EMV_TD2");
    if (t1 === 0 && t2 !== 14) problems.push("EMV_TD2");
  }

  return [...problems, ...t1Problems(bytes)];
}
