/**
 * What a run beside pcscd leaves behind, and what it is to reach.
 *
 * @module
 */

import { median } from "../harness.ts";
import type { MachineFacts } from "../results.ts";
import { formatBytes } from "../targets.ts";
import type { Both } from "./services.ts";

/** Where the results of a full run lie. */
export const RESULTS_FILE: URL = new URL("results.json", import.meta.url);

/** How thorough to be. */
export interface Effort {
  /** Each measures both services, and gives a ratio; the order changes from one to the next. */
  readonly rounds: number;
  /** Length of a measurement, in milliseconds. */
  readonly windowMs: number;
  /** Length of one of transactions, in which somebody may wait long. */
  readonly transactionMs: number;
  /** What goes before a measurement, in milliseconds. */
  readonly warmUpMs: number;
  /** Insertions in a round. */
  readonly insertions: number;
}

/** Whether everything runs on one processor, or on all. */
export type Processors = "one" | "free";

/** What a value is; `share`, a ratio of two counts. */
export type Unit = "per second" | "us" | "bytes" | "share";

/** What one service did. */
export interface Side {
  /** Median of the rounds. */
  readonly value: number;
  /** Each round, in order. */
  readonly rounds: readonly number[];
  /** Median of the rounds' median times of one operation, in microseconds; null where none was taken. */
  readonly p50Us: number | null;
  /** The same of the 99th percentiles. */
  readonly p99Us: number | null;
}

/** Our value divided by pcscd's. */
export interface Ratio {
  /** Median of the rounds. */
  readonly median: number;
  /** Lowest and highest. */
  readonly spread: readonly [number, number];
}

/** What is to be reached. */
export interface Goal {
  /** What is judged: the ratio, or our value alone. */
  readonly of: "ratio" | "ours";
  /** Which side of `limit` is good. */
  readonly bound: "least" | "most";
  /** In the unit of what is judged. */
  readonly limit: number;
}

/** A goal with what was found. */
export interface Target extends Goal {
  readonly found: number;
  readonly met: boolean;
}

/** One line of the table. */
export interface Row {
  /** What was done. */
  readonly work: string;
  /** Where. */
  readonly processors: Processors;
  /** Of both values. */
  readonly unit: Unit;
  readonly ours: Side;
  readonly pcscd: Side;
  /** Null where pcscd has a 0. */
  readonly ratio: Ratio | null;
  /** Null where nothing is to be reached. */
  readonly target: Target | null;
}

/** What was not measured, and why. */
export interface Skipped {
  readonly work: string;
  readonly reason: string;
}

/** `bench/pcscd/results.json`. */
export interface Results {
  /** When, in ISO 8601. */
  readonly date: string;
  readonly machine: MachineFacts;
  /** First line of `pcscd --version`. */
  readonly pcscd: string;
  readonly effort: Effort;
  readonly rows: Row[];
  readonly skipped: Skipped[];
}

/** What one round found of one service. */
export interface Sample {
  /** In the unit of the row. */
  readonly value: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
}

/** A line out of rounds. @param samples round by round, of both services */
export function row(
  line: Pick<Row, "work" | "processors" | "unit">,
  samples: Both<readonly Sample[]>,
  goal: Goal | undefined,
): Row {
  const [ours, pcscd] = samples.map(side);
  const ratio = ratioOf(ours, pcscd);
  const found = goal?.of === "ours" ? ours.value : ratio?.median;
  const target = goal === undefined ? null : judge(goal, found);
  return { ...line, ours, pcscd, ratio, target };
}

function ratioOf(ours: Side, pcscd: Side): Ratio | null {
  if (pcscd.rounds.includes(0)) return null;
  const ratios = ours.rounds.map((value, i) => value / pcscd.rounds[i]);
  const spread = [Math.min(...ratios), Math.max(...ratios)] as const;
  return { median: median(ratios), spread };
}

function side(samples: readonly Sample[]): Side {
  const rounds = samples.map(({ value }) => value);
  return {
    value: median([...rounds]),
    rounds,
    p50Us: medianOf(samples.map(({ p50Us }) => p50Us)),
    p99Us: medianOf(samples.map(({ p99Us }) => p99Us)),
  };
}

function medianOf(values: readonly (number | undefined)[]): number | null {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? null : median(there);
}

function judge(goal: Goal, found: number | undefined): Target {
  if (found === undefined) {
    throw new RangeError("Cannot judge a ratio: pcscd did nothing in a round");
  }
  const { bound, limit } = goal;
  const met = bound === "least" ? found >= limit : found <= limit;
  return { ...goal, found, met };
}

/** A value with its unit. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case "per second":
      return `${digits(value)}/s`;
    case "us":
      return formatUs(value);
    case "bytes":
      return formatBytes(value);
    case "share":
      return digits(value);
  }
}

/** A value, and how long operations took. */
export function formatSide({ value, p50Us, p99Us }: Side, unit: Unit): string {
  const text = formatValue(value, unit);
  return p50Us === null || p99Us === null
    ? text
    : `${text}, ${formatUs(p50Us)}, ${formatUs(p99Us)}`;
}

/** A ratio, with the lowest and highest of the rounds; nothing without one. */
export function formatRatio(ratio: Ratio | null): string {
  if (ratio === null) return "";
  const { median, spread } = ratio;
  return `${digits(median)} (${spread.map(digits).join(" to ")})`;
}

/** A target in words, the verdict first. */
export function formatTarget(target: Target, unit: Unit): string {
  const { of, bound, limit, found, met } = target;
  const format = (value: number) =>
    of === "ours" ? formatValue(value, unit) : digits(value);
  return `${met ? "met" : "missed"}: at ${bound} ${format(limit)}${
    of === "ours" ? "" : " of pcscd's"
  } (${format(found)})`;
}

function formatUs(us: number): string {
  return us < 1000
    ? `${digits(us)} us`
    : us < 1e6
    ? `${digits(us / 1000)} ms`
    : `${digits(us / 1e6)} s`;
}

/** Three digits at least. */
function digits(value: number): string {
  return value >= 1000
    ? `${Math.round(value)}`
    : `${Number(value.toPrecision(3))}`;
}
