/**
 * What the rows of the bench are to reach, and whether they do.
 *
 * @module
 */

import type { Comparison, Figures } from "./harness.ts";

/**
 * What a goal looks at: `share`, our time divided by the rival's; `speedup`, the
 * rival's divided by ours; `excess`, our time less the rival's in milliseconds;
 * `amount`, bytes of a whole run; `time`, our time in microseconds; `ratio`, a
 * number without unit.
 */
export type Measure =
  | "share"
  | "speedup"
  | "excess"
  | "amount"
  | "time"
  | "ratio";

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
    case "time":
      return judgeAlone(goal, ours);
    case "amount":
    case "ratio":
      throw new TypeError(`Cannot judge times by: ${goal.measure}`);
  }
}

/** A goal for our own time, without a rival. */
export function judgeAlone(goal: Goal, ours: Figures): Target {
  return judge(goal, ours.ns / 1e3);
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
    case "time":
      return `${verdict}: at most ${limit} us (${found.toPrecision(3)} us)`;
    case "ratio":
      return `${verdict}: at most ${limit} (${found.toFixed(2)})`;
  }
}
