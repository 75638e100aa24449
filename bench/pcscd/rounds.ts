/**
 * Rounds: each measures both services one after the other, so that whatever disturbs
 * the machine disturbs both.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { goalOf } from "./goals.ts";
import type { Programs } from "./programs.ts";
import {
  type Effort,
  type Processors,
  type Row,
  row,
  type Sample,
  type Skipped,
  type Unit,
} from "./results.ts";
import type { Both, ServicePlan } from "./services.ts";

/** What the parts of the bench share. */
export interface Bench {
  readonly client: Client;
  readonly programs: Programs;
  readonly plans: Both<ServicePlan>;
  readonly effort: Effort;
  /** Takes a line, and prints it. */
  report(row: Row): void;
  /** Says that something was not measured, and prints why. */
  skip(skipped: Skipped): void;
}

/** What is read off a measurement. */
export interface Reading<T> {
  readonly work: string;
  readonly unit: Unit;
  /** The value of one measurement. */
  of(result: T): Sample;
}

/** Measures both of `services` in rounds, in changing order, and reports a line for each reading. */
export async function measureBoth<S, T>(
  bench: Bench,
  processors: Processors,
  services: Both<S>,
  readings: readonly Reading<T>[],
  measure: (service: S) => Promise<T>,
): Promise<void> {
  const results: Both<T[]> = [[], []];
  for (let round = 0; round < bench.effort.rounds; round++) {
    for (const turn of [0, 1] as const) {
      const who = (turn + round) % 2 === 0 ? 0 : 1;
      results[who].push(await measure(services[who]));
    }
  }
  for (const { work, unit, of } of readings) {
    const [ours, pcscd] = results;
    const samples: Both<Sample[]> = [ours.map(of), pcscd.map(of)];
    bench.report(row({ work, processors, unit }, samples, goalOf(work)));
  }
}
