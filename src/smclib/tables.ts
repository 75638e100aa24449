/**
 * The clock rate conversion and bit rate adjustment tables of the driver library (ISO/IEC 7816-3 8.3, TA1).
 *
 * @module
 */

import { DI_TABLE, FI_TABLE } from "../core/mod.ts";

/** One clock rate conversion factor (CLOCK_RATE_CONVERSION). */
export interface ClockRateConversion {
  /** `F`: the factor; 0 is reserved. */
  readonly f: number;
  /** `fs`: highest clock in Hz. */
  readonly fs: number;
}

/** One baud rate adjustment factor as a fraction (BIT_RATE_ADJUSTMENT). */
export interface BitRateAdjustment {
  /** `DNumerator`: numerator of D; 0 is reserved. */
  readonly dNumerator: number;
  /** `DDivisor`: denominator of D, 1 wherever D is defined. */
  readonly dDivisor: number;
}

/** ClockRateConversion, indexed by `fl`, the high nibble of TA1. */
export const clockRateConversion: readonly ClockRateConversion[] = Object
  .freeze(FI_TABLE.map(({ f, maxHz }) => ({ f, fs: maxHz })));

/** BitRateAdjustment, indexed by `dl`, the low nibble of TA1. */
export const bitRateAdjustment: readonly BitRateAdjustment[] = Object.freeze(
  DI_TABLE.map((d) => ({ dNumerator: d, dDivisor: d === 0 ? 0 : 1 })),
);

/** The factor F of an index; 0 when it is reserved or out of range. */
export function factorF(fl: number): number {
  return clockRateConversion[fl]?.f ?? 0;
}

/** The factor D of an index; 0 when it is reserved or out of range. */
export function factorD(dl: number): number {
  return bitRateAdjustment[dl]?.dNumerator ?? 0;
}
