/**
 * What a tracer needs to know of an ATR (ISO/IEC 7816-3 8.2).
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { bitRateAdjustment, clockRateConversion } from "../smclib/mod.ts";

/** Facts of an ATR. */
export interface AtrFacts {
  /** Whether TS is '3F'. */
  readonly isInverse: boolean;
  /** Protocols offered, in order. */
  readonly protocols: readonly number[];
  /** Protocol of specific mode (TA2), or null. */
  readonly specific: number | null;
  /** TA1, or null. */
  readonly ta1: number | null;
  /** Check bytes of a T=1 block: 1 (LRC) or 2 (CRC). */
  readonly edcBytes: 1 | 2;
  /** Historical bytes. */
  readonly historical: Uint8Array;
}

const TA = 0x10;
const TB = 0x20;
const TC = 0x40;
const TD = 0x80;
const T15 = 15;

/** Reads an ATR in logical values; null when it ends too early or TS is neither '3B' nor '3F'. */
export function readAtr(atr: Uint8Array): AtrFacts | null {
  if (atr.length < 2 || (atr[0] !== 0x3b && atr[0] !== 0x3f)) return null;
  const protocols: number[] = [];
  let specific: number | null = null;
  let ta1: number | null = null;
  let edcBytes: 1 | 2 = 1;
  let isEdcKnown = false;
  let indicator = atr[1];
  let t = 0;
  let at = 2;
  for (let group = 1;; group++) {
    if ((indicator & TA) !== 0) {
      if (group === 1) ta1 = atr[at];
      if (group === 2) specific = atr[at] & 0x0f;
      at++;
    }
    if ((indicator & TB) !== 0) at++;
    if ((indicator & TC) !== 0) {
      if (group > 2 && t === 1 && !isEdcKnown) {
        edcBytes = (atr[at] & 1) === 0 ? 1 : 2;
        isEdcKnown = true;
      }
      at++;
    }
    if ((indicator & TD) === 0) break;
    if (at >= atr.length) return null;
    indicator = atr[at++];
    t = indicator & 0x0f;
    if (t !== T15 && !protocols.includes(t)) protocols.push(t);
  }
  const historical = atr.slice(at, at + (atr[1] & 0x0f));
  if (historical.length < (atr[1] & 0x0f)) return null;
  if (protocols.length === 0) protocols.push(0);
  return {
    isInverse: atr[0] === 0x3f,
    protocols,
    specific,
    ta1,
    edcBytes,
    historical,
  };
}

/** F and D of TA1 or PPS1: `F = 512, D = 16`. */
function describeSpeed(value: number): string {
  const { f } = clockRateConversion[value >> 4];
  const { dNumerator } = bitRateAdjustment[value & 15];
  return `F = ${f || "RFU"}, D = ${dNumerator || "RFU"}`;
}

/** Historical bytes as text where they are printable, else in hexadecimal. */
function describeHistorical(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)) {
    return JSON.stringify(String.fromCharCode(...bytes));
  }
  return toHex(bytes);
}

/** An ATR in words: `ATR: direct, T=0 T=1, F = 512, D = 16, historical 8073F62140`. */
export function describeAtr(atr: Uint8Array): string {
  const facts = readAtr(atr);
  if (facts === null) return "ATR, incomplete or malformed";
  const { protocols, specific, ta1, edcBytes, historical } = facts;
  return [
    `ATR: ${facts.isInverse ? "inverse" : "direct"}`,
    protocols.map((t) => `T=${t}`).join(" "),
    ...(specific === null ? [] : [`specific mode T=${specific}`]),
    ...(ta1 === null ? [] : [describeSpeed(ta1)]),
    ...(edcBytes === 2 ? ["CRC"] : []),
    ...(historical.length === 0
      ? []
      : [`historical ${describeHistorical(historical)}`]),
  ].join(", ");
}

/** How long a PPS request or response is, from its first two bytes (ISO/IEC 7816-3 9.2); 3 until then. */
export function ppsLength(bytes: Uint8Array): number {
  if (bytes.length < 2) return 3;
  const present = bytes[1];
  return 3 + (present >> 4 & 1) + (present >> 5 & 1) + (present >> 6 & 1);
}

/** A PPS request or response in words: `PPS: T=1, F = 512, D = 16`. */
export function describePps(bytes: Uint8Array): string {
  if (bytes.length < ppsLength(bytes)) return "PPS, incomplete";
  const speed = (bytes[1] & 0x10) === 0
    ? "speed unchanged"
    : describeSpeed(bytes[2]);
  const isIntact = bytes.reduce((sum, byte) => sum ^ byte, 0) === 0;
  return `PPS: T=${bytes[1] & 15}, ${speed}${isIntact ? "" : ", PCK wrong"}`;
}
