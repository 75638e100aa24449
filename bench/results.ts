/**
 * What a run of the benches leaves behind.
 *
 * @module
 */

import {
  compare,
  type Comparison,
  type Contender,
  type Effort,
  type Figures,
  measure,
} from "./harness.ts";
import {
  formatBytes,
  type Goal,
  judgeAlone,
  judgeTimes,
  type Target,
} from "./targets.ts";

/** Where the results of a full run lie. */
export const RESULTS_FILE: URL = new URL("results.json", import.meta.url);

/** One line of the table. */
export interface Row {
  /** Which bench it belongs to. */
  group: string;
  /** What is done, and to what. */
  work: string;
  /** What does it on our side, and its figures. */
  ours: Measured;
  /** Who does it there, null where only our own floors are told apart. */
  rival: Measured | null;
  /** How they compare. */
  comparison: Comparison | null;
  /** What the comparison is to reach, null where nothing is. */
  target: Target | null;
  /** Samples of each. */
  samples: number;
}

/** A line of the table that is no time. */
export interface Amount {
  /** Which bench it belongs to. */
  group: string;
  /** What is counted. */
  work: string;
  /** Who did it. */
  name: string;
  /** How many bytes the whole run took. */
  bytes: number;
  /** What the run consists of: `block`, for example. */
  unit: string;
  /** How many of them. */
  operations: number;
  /** What it is to reach, null where nothing is. */
  target: Target | null;
}

/** A line of the table that is one number. */
export interface Reading {
  /** Which bench. */
  group: string;
  /** What was found out. */
  work: string;
  /** The number. */
  value: number;
  /** Its unit; empty where it has none. */
  unit: string;
  /** What it is to reach, null where nothing is. */
  target: Target | null;
}

/** A contender with its figures. */
export interface Measured extends Figures {
  /** What it is. */
  name: string;
}

/** Something that was not measured. */
export interface Skipped {
  /** Which bench. */
  group: string;
  /** What is missing. */
  work: string;
  /** Why. */
  reason: string;
}

/** Where a run took place. */
export interface MachineFacts {
  /** Processor, by its own words, null where the system does not tell. */
  cpu: string | null;
  /** Logical processors. */
  cores: number;
  /** `linux x86_64`, for example. */
  platform: string;
  /** Deno's version. */
  deno: string;
  /** V8's version. */
  v8: string;
  /** First line of `cc --version`, null without a compiler. */
  cc: string | null;
}

/** `bench/results.json`. */
export interface Results {
  /** When, in ISO 8601. */
  date: string;
  /** Where. */
  machine: MachineFacts;
  /** How thoroughly. */
  effort: Effort;
  /** What was measured. */
  rows: Row[];
  /** What was counted. */
  amounts: Amount[];
  /** What was found out. */
  readings: Reading[];
  /** What was not, and why. */
  skipped: Skipped[];
}

/** What a bench reports to. */
export interface Report {
  /** How thorough to be. */
  readonly effort: Effort;
  /** Adds a line, and prints it. */
  row(row: Row): void;
  /** The same for a count. */
  amount(amount: Amount): void;
  /** The same for one number. */
  reading(reading: Reading): void;
  /** Says that something was not measured, and prints why. */
  skip(skipped: Skipped): void;
}

/** Whom ours is compared with. */
export interface Rival {
  readonly contender: Contender;
  /** What the comparison is to reach; left out: nothing. */
  readonly goal?: Goal;
}

/** What is to be measured: ours against each of the rivals, or alone. */
export interface Work {
  readonly group: string;
  readonly work: string;
  readonly ours: Contender;
  readonly rivals: readonly Rival[];
  /** What ours alone is to reach; left out: nothing. */
  readonly goal?: Goal;
  /** Operations in a cycle. */
  readonly operations: number;
}

/**
 * Measures all of `works` in turns with each other, and reports a line for each
 * comparison. A contender that stands in several works is measured once.
 */
export async function measureRows(
  report: Report,
  works: readonly Work[],
  effort: Effort = report.effort,
): Promise<void> {
  const [{ operations }] = works;
  const contenders = [
    ...new Set(
      works.flatMap(({ ours, rivals }) => [
        ours,
        ...rivals.map(({ contender }) => contender),
      ]),
    ),
  ];
  const figures = await measure(contenders, operations, effort);
  const of = (one: Contender): Measured => ({
    name: one.name,
    ...figures[contenders.indexOf(one)],
  });
  for (const { group, work, ours: own, rivals, goal: alone } of works) {
    const ours = of(own);
    const line = { group, work, ours, samples: effort.rounds * effort.samples };
    if (rivals.length === 0) {
      const target = alone === undefined ? null : judgeAlone(alone, ours);
      report.row({ ...line, rival: null, comparison: null, target });
    }
    for (const { contender, goal } of rivals) {
      const rival = of(contender);
      const comparison = compare(ours, rival);
      const target = goal === undefined
        ? null
        : judgeTimes(goal, ours, rival, comparison);
      report.row({ ...line, rival, comparison, target });
    }
  }
}

/** Facts about this machine. */
export function machineFacts(cc: string | null): MachineFacts {
  const { os, arch } = Deno.build;
  return {
    cpu: cpuModel(),
    cores: navigator.hardwareConcurrency,
    platform: `${os} ${arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    cc,
  };
}

function cpuModel(): string | null {
  try {
    const text = Deno.readTextFileSync("/proc/cpuinfo");
    return text.match(/^model name\s*:\s*(.+)$/m)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** A time with three digits and its unit. */
export function formatNs(ns: number): string {
  const [value, unit] = ns < 1e3
    ? [ns, "ns"]
    : ns < 1e6
    ? [ns / 1e3, "us"]
    : [ns / 1e6, "ms"];
  return `${digits(value)} ${unit}`;
}

/** Bytes of the whole run, and for each operation. */
export function formatAmount({ bytes, operations, unit }: Amount): string {
  const each = (bytes / operations).toFixed(3);
  return `${formatBytes(bytes)} (${each} a ${unit})`;
}

/** A number with three digits, and its unit. */
export function formatReading({ value, unit }: Reading): string {
  return `${Number(value.toPrecision(3))} ${unit}`.trimEnd();
}

/** A ratio, with the lowest and highest of the rounds. */
export function formatComparison({ ratio, spread }: Comparison): string {
  const [low, high] = spread.map(digits);
  return `${digits(ratio)} (${low} to ${high})`;
}

function digits(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(decimals);
}
