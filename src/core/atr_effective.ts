/**
 * What an ATR comes to once reserved values have given way to what counts in their
 * place (ISO/IEC 7816-3 8.3, 10.2, 11.4).
 *
 * @module
 */

import type { Atr } from "./atr.ts";

/** Values to work with, whatever the ATR says. */
export interface EffectiveParameters {
  /** Fi, 372 where reserved. */
  fi: number;
  /** Di, 1 where reserved. */
  di: number;
  /** Extra guard time integer. */
  n: number;
  /** Waiting time integer of T=0, 10 where reserved. */
  wi: number;
  /** IFSC of T=1, 1 to 254: 32 for the reserved 0, 254 for the reserved 255. */
  ifscBytes: number;
  /** Block waiting time integer of T=1; 9, the longest, where reserved. */
  bwi: number;
  /** Character waiting time integer of T=1. */
  cwi: number;
  /** Check of T=1. */
  edc: "LRC" | "CRC";
}

/**
 * The parameters of an accepted ATR as `T1Session` and `cardTiming` take them: coded
 * values are in `atr`, reserved ones give way to their defaults.
 */
export function effectiveParameters(atr: Atr): EffectiveParameters {
  const isReserved = atr.fi === 0 || atr.di === 0;
  return {
    fi: isReserved ? 372 : atr.fi,
    di: isReserved ? 1 : atr.di,
    n: atr.n,
    wi: atr.wi === 0 ? 10 : atr.wi,
    ifscBytes: atr.ifscBytes === 0 ? 32 : Math.min(atr.ifscBytes, 254),
    bwi: Math.min(atr.bwi, 9),
    cwi: atr.cwi,
    edc: atr.edc,
  };
}
