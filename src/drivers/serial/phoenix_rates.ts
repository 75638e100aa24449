/**
 * Which speeds a port makes of a fixed card clock.
 *
 * @module
 */

import { bitRateAdjustment, clockRateConversion } from "../../smclib/mod.ts";

/** A rate fits when it is this close, half of what a character tolerates. */
const TOLERANCE = 0.01;

/** The speeds of a port. */
export interface PortRates {
  /** The highest one, in bits per second. */
  readonly maxBaudRate: number;
  /** All of them; null: any. */
  readonly baudRates: readonly number[] | null;
}

/**
 * The rate of the port for clock x D / F.
 *
 * @returns bits per second, or null when the port makes none within one percent
 */
export function portRate(
  rates: PortRates,
  clockKhz: number,
  f: number,
  d: number,
): number | null {
  const exact = clockKhz * 1000 * d / f;
  const fits = (rate: number) => Math.abs(rate - exact) <= exact * TOLERANCE;
  if (rates.baudRates !== null) {
    const near = rates.baudRates.filter(fits);
    return near.length === 0
      ? null
      : near.reduce((best, rate) =>
        Math.abs(rate - exact) < Math.abs(best - exact) ? rate : best
      );
  }
  const rounded = Math.min(Math.round(exact), rates.maxBaudRate);
  return fits(rounded) ? rounded : null;
}

/** Rates for all F and D of ISO/IEC 7816-3 that the port makes, ascending, for PTS. */
export function allPortRates(rates: PortRates, clockKhz: number): number[] {
  const found = new Set<number>();
  for (const { f } of clockRateConversion) {
    if (f === 0) continue;
    for (const { dNumerator, dDivisor } of bitRateAdjustment) {
      if (dNumerator === 0) continue;
      const rate = portRate(rates, clockKhz, f, dNumerator / dDivisor);
      if (rate !== null) found.add(rate);
    }
  }
  return [...found].sort((a, b) => a - b);
}
