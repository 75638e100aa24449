/**
 * A histogram of durations.
 *
 * @module
 */

/** A histogram as data. */
export interface HistogramSnapshot {
  /** Upper bounds in seconds, ascending; the last is Infinity. */
  readonly bounds: readonly number[];
  /** How many lasted no longer than each bound: numbers that grow. */
  readonly counts: readonly number[];
  /** All durations together, in seconds. */
  readonly sumSeconds: number;
  /** How many durations. */
  readonly count: number;
}

/** Upper bounds in milliseconds: a short APDU takes some ten, a key generation half a minute. */
const BOUNDS_MS = new Float64Array([
  1,
  2.5,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
  30_000,
  Infinity,
]);

/** Counts durations; nothing is allocated by doing so. */
export class Histogram {
  // One per bound, and the sum in milliseconds behind them.
  #values = new Float64Array(BOUNDS_MS.length + 1);

  /** Notes one duration; one that is below 0 counts as 0. */
  observe(milliseconds: number): void {
    let i = 0;
    while (milliseconds > BOUNDS_MS[i]) i++;
    this.#values[i]++;
    if (milliseconds > 0) this.#values[BOUNDS_MS.length] += milliseconds;
  }

  /** As it is now. */
  snapshot(): HistogramSnapshot {
    const counts: number[] = [];
    let count = 0;
    for (let i = 0; i < BOUNDS_MS.length; i++) {
      counts.push(count += this.#values[i]);
    }
    return {
      bounds: Array.from(BOUNDS_MS, (bound) => bound / 1000),
      counts,
      sumSeconds: this.#values[BOUNDS_MS.length] / 1000,
      count,
    };
  }
}
