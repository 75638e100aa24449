/**
 * What the rows of the bench are to reach, and whether they do.
 *
 * @module
 */

import type { Comparison, Figures } from "./harness.ts";

/**
 * What a goal looks at: `share`, our time divided by the rival's; `speedup`, the
 * rival's divided by ours; `excess`, our time less the rival's in milliseconds;
 * `amount`, bytes of a whole run.
 */
export type Measure = "share" | "speedup" | "excess" | "amount";

/** What is to be reached: `speedup` at least, everything else at most `limit`. */
export interface Goal {
  readonly measure: Measure;
  readonly limit: number;
}

/** A goal with what was found. */
export interface Target extends Goal {
  /** In the unit of the measure. */
  readonly found: number;
  readonly met: boolean;
}

/** A goal met or missed by `found`. */
export function judge({ measure, limit }: Goal, found: number): Target {
  const met = measure === "speedup" ? found >= limit : found <= limit;
  return { measure, limit, found, met };
}

/** The goal of a comparison, judged by the median of its rounds. */
export function judgeTimes(
  goal: Goal,
  ours: Figures,
  rival: Figures,
  { ratio }: Comparison,
): Target {
  switch (goal.measure) {
    case "share":
      return judge(goal, 1 / ratio);
    case "speedup":
      return judge(goal, ratio);
    case "excess":
      return judge(goal, (ours.ns - rival.ns) / 1e6);
    case "amount":
      throw new TypeError("Cannot judge times by an amount of bytes");
  }
}

const KIB = 1024;

/** Bytes, from a KiB on with three digits. */
export function formatBytes(bytes: number): string {
  if (bytes < KIB) return `${Math.round(bytes)} bytes`;
  const isLarge = bytes >= KIB * KIB;
  const value = bytes / (isLarge ? KIB * KIB : KIB);
  return `${Number(value.toPrecision(3))} ${isLarge ? "MiB" : "KiB"}`;
}

/** A target in words, the verdict first. */
export function formatTarget({ measure, limit, found, met }: Target): string {
  const verdict = met ? "met" : "missed";
  switch (measure) {
    case "share":
      return `${verdict}: at most ${limit} of its time (${found.toFixed(2)})`;
    case "speedup":
      return `${verdict}: at least ${limit} times faster (${found.toFixed(2)})`;
    case "excess":
      return `${verdict}: at most ${limit} ms more (${found.toFixed(1)} ms)`;
    case "amount":
      return `${verdict}: at most ${formatBytes(limit)} (${
        formatBytes(found)
      })`;
  }
}
