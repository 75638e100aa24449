/**
 * How far a run is, as values and as lines of text.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import type { Finding } from "./finding.ts";

/** How far one target is. */
export interface TargetReport {
  readonly name: string;
  /** Inputs run. */
  readonly executions: number;
  /** Time it had, in seconds. */
  readonly seconds: number;
  /** Inputs kept. */
  readonly corpus: number;
  /** Different features shown. */
  readonly features: number;
  /** One of each class. */
  readonly findings: readonly Finding[];
}

/** How far all targets are. */
export interface Report {
  readonly seed: number;
  /** Since the start, in seconds. */
  readonly seconds: number;
  readonly targets: readonly TargetReport[];
}

/** What the numbers of a progress line are. */
export const PROGRESS_LEGEND =
  "target: executions, executions/s, corpus/features/findings";

/** A count in few characters: `999`, `12.3k`, `4.6M`. */
export function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [unit, name] = count < 1e6
    ? [1e3, "k"]
    : count < 1e9
    ? [1e6, "M"]
    : [1e9, "G"];
  const value = count / unit;
  return `${value < 100 ? value.toFixed(1) : Math.floor(value)}${name}`;
}

/** Executions a second while it was the target's turn. */
function rate({ executions, seconds }: TargetReport): string {
  return shortCount(seconds > 0 ? executions / seconds : 0);
}

/** One line for all targets, read as `PROGRESS_LEGEND` says. */
export function progressLine(report: Report): string {
  const parts = report.targets.map((target) =>
    `${target.name}: ${shortCount(target.executions)} ${rate(target)}/s ` +
    `${target.corpus}/${target.features}/${target.findings.length}`
  );
  return `${Math.floor(report.seconds)} s  ${parts.join("  ")}`;
}

/** The line of one target at the end. */
export function totalLine(target: TargetReport): string {
  return `${target.name.padEnd(5)} ${target.executions} executions in ` +
    `${target.seconds.toFixed(1)} s (${rate(target)}/s), corpus ` +
    `${target.corpus}, features ${target.features}, findings ` +
    `${target.findings.length}`;
}

/** Inputs up to this length are printed whole. */
const MAX_PRINTED_BYTES = 64;

/** What to print of a finding whose reproducer was written to `path`. */
export function findingLines(finding: Finding, path: string): string {
  const { target, exec, input, foundBytes } = finding;
  const hex = toHex(input.subarray(0, MAX_PRINTED_BYTES));
  const lines = [
    `FINDING ${target}, execution ${exec}: ${finding.error}`,
    `  input, ${input.length} bytes (found with ${foundBytes}): ` +
    `${hex}${input.length > MAX_PRINTED_BYTES ? "..." : ""}`,
  ];
  if (!finding.reproduces) {
    lines.push(
      "  did not fail when run once more: the target keeps state, or changed its input",
    );
  }
  lines.push(`  deno task fuzz --reproduce ${path}`);
  return lines.join("\n");
}
