/**
 * Parameters for PTS: the standard ones, or the best that card and reader have in common.
 *
 * @module
 */

import type { SmartcardExtension } from "./extension.ts";
import { IOCTL_SMARTCARD_SET_PROTOCOL } from "./ioctl.ts";
import { PTS_TYPE_OPTIMAL, PTS_TYPE_USER } from "./smclib_constants.ts";
import { bitRateAdjustment, clockRateConversion } from "./tables.ts";
import { SCARD_PROTOCOL_T1 } from "./winsmcrd.ts";

/** Half of what an ISO character tolerates: 0.2 etu at its tenth moment. */
const RATE_TOLERANCE = 0.01;

interface Parameters {
  fl: number;
  dl: number;
  clkFrequency: number;
  dataRate: number;
}

/** Recomputes `cardCapabilities.ptsData` as its `type` asks. */
export function updatePtsData(ext: SmartcardExtension): void {
  const { ptsData } = ext.cardCapabilities;
  if (ptsData.type === PTS_TYPE_USER) return;
  ptsData.stopBits = wantsShortCharacter(ext) ? 1 : 2;
  const best = ptsData.type === PTS_TYPE_OPTIMAL ? optimal(ext) : null;
  if (best === null) applyDefaultPts(ext);
  else Object.assign(ptsData, best);
}

/** The standard parameters: 372/1 at the default clock and rate. */
export function applyDefaultPts(ext: SmartcardExtension): void {
  const { ptsData } = ext.cardCapabilities;
  const { clkFrequency, dataRate } = ext.readerCapabilities;
  ptsData.fl = 1;
  ptsData.dl = 1;
  ptsData.clkFrequency = clkFrequency.default;
  ptsData.dataRate = dataRate.default;
}

/** N = 255 under T=1 is the character of 11 etu (ISO/IEC 7816-3 11.2). */
function wantsShortCharacter(ext: SmartcardExtension): boolean {
  if (ext.cardCapabilities.n !== 255) return false;
  const offered = ext.library.atrProtocols;
  const irp = ext.osData.currentIrp;
  if (irp?.ioControlCode !== IOCTL_SMARTCARD_SET_PROTOCOL) {
    return offered === SCARD_PROTOCOL_T1;
  }
  return (ext.minorIoControlCode & offered & SCARD_PROTOCOL_T1) !== 0;
}

/** The fastest rate that the reader has for a factor pair the card takes; null when none beats the default rate. */
function optimal(ext: SmartcardExtension): Parameters | null {
  const { fl, dl } = ext.cardCapabilities;
  const { readerCapabilities: reader } = ext;
  const { f: cardF, fs } = clockRateConversion[fl];
  const cardD = bitRateAdjustment[dl].dNumerator;
  const clocks = choices(
    reader.clkFrequenciesSupported.list,
    reader.clkFrequency,
  )
    .filter((clock) => clock > 0 && clock * 1000 <= fs);
  const rates = choices(reader.dataRatesSupported.list, reader.dataRate)
    .filter((rate) => rate > reader.dataRate.default);
  let best: Parameters | null = null;
  for (const clkFrequency of clocks) {
    for (const candidateFl of factorsUpTo(fl, cardF)) {
      for (const candidateDl of divisorsUpTo(dl, cardD)) {
        const exact = clkFrequency * 1000 *
          bitRateAdjustment[candidateDl].dNumerator /
          clockRateConversion[candidateFl].f;
        for (const dataRate of rates) {
          if (Math.abs(dataRate - exact) > exact * RATE_TOLERANCE) continue;
          const candidate: Parameters = {
            fl: candidateFl,
            dl: candidateDl,
            clkFrequency,
            dataRate,
          };
          if (best === null || isBetter(candidate, best, fl)) best = candidate;
        }
      }
    }
  }
  return best;
}

/** Highest rate first, then the card's own F, then the lower clock. */
function isBetter(a: Parameters, b: Parameters, cardFl: number): boolean {
  if (a.dataRate !== b.dataRate) return a.dataRate > b.dataRate;
  const ownA = a.fl === cardFl;
  if (ownA !== (b.fl === cardFl)) return ownA;
  return a.clkFrequency < b.clkFrequency;
}

function choices(
  list: readonly number[],
  pair: { default: number; max: number },
): number[] {
  return list.length > 0 ? [...list] : [pair.default, pair.max];
}

/** Indexes with 372 <= F <= the card's F; of the two for 372 only the card's own, or index 1. */
function factorsUpTo(cardFl: number, cardF: number): number[] {
  return clockRateConversion.flatMap(({ f }, index) =>
    f >= 372 && f <= cardF && (index !== 0 || cardFl === 0) &&
      (index !== 1 || cardFl !== 0)
      ? [index]
      : []
  );
}

/** Indexes with 1 <= D <= the card's D. */
function divisorsUpTo(cardDl: number, cardD: number): number[] {
  return bitRateAdjustment.flatMap(({ dNumerator }, index) =>
    index === cardDl || (dNumerator >= 1 && dNumerator <= cardD) ? [index] : []
  );
}
