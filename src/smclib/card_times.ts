/**
 * The times of a card in microseconds, from the parameters in force (ISO/IEC 7816-3 clauses 7.2, 10.2, 11.4.3).
 *
 * @module
 */

import { cardTiming } from "../core/mod.ts";
import type { SmartcardExtension } from "./extension.ts";
import { factorD, factorF } from "./tables.ts";
import { SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1 } from "./winsmcrd.ts";

// The slowest clock that readers may use, hence the longest times, where the driver told none.
const SLOWEST_CLOCK_KHZ = 3580;

/**
 * Computes `etu`, `gt`, `t0.wt`, `t1.cwt`, `t1.bwt` and `t1.bgt`.
 *
 * @param f F in force
 * @param d D in force
 * @param clockKhz clock in force; 0 counts as 3580
 */
export function applyTimes(
  ext: SmartcardExtension,
  f: number,
  d: number,
  clockKhz: number,
): void {
  const { cardCapabilities: card, library } = ext;
  library.f = f;
  library.d = d;
  library.clockKhz = clockKhz;
  const times = cardTiming({
    f,
    d,
    fi: factorF(card.fl),
    di: factorD(card.dl),
    clockKhz: clockKhz === 0 ? SLOWEST_CLOCK_KHZ : clockKhz,
    n: card.n,
    wi: card.t0.wi,
    bwi: card.t1.bwi,
    cwi: card.t1.cwi,
    hasT15: library.hasT15,
    protocol: protocolNumber(card.protocol.selected),
  });
  card.etu = times.etu;
  card.gt = times.gt;
  card.t0.wt = times.wt;
  card.t1.cwt = times.cwt;
  card.t1.bwt = times.bwt;
  card.t1.bgt = times.bgt;
}

/** The times after PTS; reserved indexes of a PTS_TYPE_USER driver count as 372/1. */
export function applyPtsTimes(ext: SmartcardExtension): void {
  const { ptsData } = ext.cardCapabilities;
  const f = factorF(ptsData.fl);
  const d = factorD(ptsData.dl);
  const isDefined = f !== 0 && d !== 0;
  applyTimes(ext, isDefined ? f : 372, isDefined ? d : 1, ptsData.clkFrequency);
}

/** F, D and the clock in kHz (0: the driver told none) that are in force. */
export function parametersInForce(
  ext: SmartcardExtension,
): { f: number; d: number; clockKhz: number } {
  const { f, d, clockKhz } = ext.library;
  return { f, d, clockKhz };
}

function protocolNumber(selected: number): 0 | 1 | null {
  if (selected === SCARD_PROTOCOL_T0) return 0;
  return selected === SCARD_PROTOCOL_T1 ? 1 : null;
}
