/**
 * What a card has to know of its own ATR.
 *
 * @module
 */

import type { EdcKind } from "./edc.ts";

/** The part of an ATR that a card must keep its word about. */
export interface CardAtr {
  /** Characters on the wire are bit-reversed and complemented. */
  readonly isInverse: boolean;
  /** T values offered, in the order of the ATR, without 15. */
  readonly protocols: readonly number[];
  /** The protocol of TA2, null in negotiable mode. */
  readonly specificProtocol: number | null;
  /** Index of Fi, 1 by default. */
  readonly fiIndex: number;
  /** Index of Di, 1 by default. */
  readonly diIndex: number;
  /** IFSC of T=1, 32 by default; 254 for 'FF'. */
  readonly ifscBytes: number;
  /** Error detection code of T=1. */
  readonly edc: EdcKind;
  /** Whether C6 is offered for standard or proprietary use. */
  readonly spu: number;
}

/** Reads an ATR given in logical values; what is missing at its end counts as absent. */
export function readCardAtr(atr: Uint8Array): CardAtr {
  const protocols: number[] = [];
  const found = new Map<string, number>();
  let t = 0;
  let offset = 2;
  let present = (atr[1] ?? 0) >> 4;
  for (let set = 1; present !== 0 && offset < atr.length; set++) {
    // Sets 1 and 2 are global but for TC2, later ones belong to their T.
    const scope = set <= 2 ? `${set}` : `T${t}`;
    ["A", "B", "C"].forEach((letter, bit) => {
      if ((present >> bit & 1) === 0) return;
      const key = letter + scope;
      if (!found.has(key) && offset < atr.length) found.set(key, atr[offset]);
      offset++;
    });
    const td = (present & 8) !== 0 ? atr[offset++] : undefined;
    present = (td ?? 0) >> 4;
    if (td === undefined) break;
    t = td & 15;
    if (t !== 15 && !protocols.includes(t)) protocols.push(t);
  }
  if (protocols.length === 0) protocols.push(0);
  const ta1 = found.get("A1") ?? 0x11;
  const ta2 = found.get("A2");
  const ifsc = found.get("AT1") || 32;
  return {
    isInverse: atr[0] === 0x3f,
    protocols,
    specificProtocol: ta2 === undefined ? null : ta2 & 15,
    fiIndex: ta1 >> 4,
    diIndex: ta1 & 15,
    ifscBytes: Math.min(ifsc, 254),
    edc: ((found.get("CT1") ?? 0) & 1) === 1 ? "CRC" : "LRC",
    spu: found.get("BT15") ?? 0,
  };
}
