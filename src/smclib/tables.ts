/**
 * The clock rate conversion and bit rate adjustment tables of the driver library (ISO/IEC 7816-3 8.3, TA1).
 *
 * @module
 */

/** One clock rate conversion factor (CLOCK_RATE_CONVERSION). */
export interface ClockRateConversion {
  /** F; 0 is reserved. */
  readonly f: number;
  /** Highest clock in Hz. */
  readonly fs: number;
}

/** One baud rate adjustment factor as a fraction (BIT_RATE_ADJUSTMENT). */
export interface BitRateAdjustment {
  /** Numerator of D; 0 is reserved. */
  readonly dNumerator: number;
  /** Denominator of D, 1 wherever D is defined. */
  readonly dDivisor: number;
}

/** ClockRateConversion, indexed by `fl`, the high nibble of TA1. */
export const clockRateConversion: readonly ClockRateConversion[] = Object
  .freeze([
    { f: 372, fs: 4_000_000 },
    { f: 372, fs: 5_000_000 },
    { f: 558, fs: 6_000_000 },
    { f: 744, fs: 8_000_000 },
    { f: 1116, fs: 12_000_000 },
    { f: 1488, fs: 16_000_000 },
    { f: 1860, fs: 20_000_000 },
    { f: 0, fs: 0 },
    { f: 0, fs: 0 },
    { f: 512, fs: 5_000_000 },
    { f: 768, fs: 7_500_000 },
    { f: 1024, fs: 10_000_000 },
    { f: 1536, fs: 15_000_000 },
    { f: 2048, fs: 20_000_000 },
    { f: 0, fs: 0 },
    { f: 0, fs: 0 },
  ]);

/** BitRateAdjustment, indexed by `dl`, the low nibble of TA1. */
export const bitRateAdjustment: readonly BitRateAdjustment[] = Object.freeze(
  [0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0].map((d) => ({
    dNumerator: d,
    dDivisor: d === 0 ? 0 : 1,
  })),
);

/** The factor F of an index; 0 when it is reserved or out of range. */
export function factorF(fl: number): number {
  return clockRateConversion[fl]?.f ?? 0;
}

/** The factor D of an index; 0 when it is reserved or out of range. */
export function factorD(dl: number): number {
  return bitRateAdjustment[dl]?.dNumerator ?? 0;
}
