/**
 * What the benches are to reach. Each bench takes the goals of its lines from here,
 * and results are complete only with a verdict on every one.
 *
 * @module
 */

import type { Results } from "./results.ts";
import type { Goal, Measure } from "./targets.ts";

/** A goal, and the line of the table that it belongs to. */
export interface LineGoal extends Goal {
  /** Which bench. */
  readonly group: string;
  /** What is done there. */
  readonly work: string;
}

/**
 * Bytes that the heap may grow by in a run of a million T=1 blocks. V8 takes some for
 * what it learns of code while that runs, a few KiB at a time, more where it compiles
 * once again; that does not grow with the blocks. The smallest object for each block
 * would take a hundred times the allowance, one for each exchange of two blocks fifty
 * times.
 */
const HEAP_BYTES = 64 * 1024;

const ATR = "ATR";
const EDC = "EDC";
const T1 = "T=1";
const START = "start";
const HEAP = "heap";
const MANAGER = "resource manager";

/** Every goal, in the order of the benches. */
export const GOALS: readonly LineGoal[] = [
  goal(ATR, "read 300 real ATRs at once, per ATR", "share", 1.3),
  goal(ATR, "read an ATR, mean of 300 real ones", "share", 2),
  goal(EDC, "LRC of 254 bytes in memory", "share", 0.25),
  goal(EDC, "CRC of 254 bytes in memory", "share", 0.3),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 254, LRC", "share", 0.6),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 254, LRC", "speedup", 4),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 32, LRC", "share", 1.3),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 254, CRC", "share", 0.4),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 254, CRC", "speedup", 4),
  goal(T1, "T=1 per block, 4 KiB each way, IFS 32, CRC", "share", 1.3),
  goal(
    START,
    "fresh process, caches warm, first ATR, first T=1 exchange: core of the npm package",
    "excess",
    8,
  ),
  goal(
    HEAP,
    "a million T=1 blocks by begin, step, copyResponse: allocated",
    "amount",
    HEAP_BYTES,
  ),
  goal(
    HEAP,
    "a million T=1 blocks by begin, step, copyResponse: left after a collection",
    "amount",
    HEAP_BYTES,
  ),
  // 150 000 a second.
  goal(
    MANAGER,
    "transmit through every floor to a virtual T=1 card that answers at once",
    "time",
    6.66,
  ),
  goal(MANAGER, "a transaction handed over to the next waiter", "time", 20),
  goal(
    MANAGER,
    "16 contenders for one reader, begin, transmit, end: most served by least served",
    "ratio",
    1.2,
  ),
  ...[1, 10, 100, 1000].map((readers) =>
    goal(
      MANAGER,
      `a card's insertion reaches getStatusChange, ${readers} readers, ${
        readers === 1 ? 0 : readers === 1000 ? 5000 : 1
      } contexts waiting for others`,
      "time",
      100,
    )
  ),
];

function goal(
  group: string,
  work: string,
  measure: Measure,
  limit: number,
): LineGoal {
  return { group, work, measure, limit };
}

/** The goal of a line; undefined where nothing is to be reached. */
export function goalOf(
  group: string,
  work: string,
  measure: Measure,
): LineGoal | undefined {
  return GOALS.find((goal) =>
    goal.group === group && goal.work === work && goal.measure === measure
  );
}

/** A goal in one line, to compare and to print. */
export function goalKey({ group, work, measure, limit }: LineGoal): string {
  return `${group}: ${work}: ${measure} ${limit}`;
}

/** The goals that `results` hold a verdict on, once for each. */
export function judgedGoals({ rows, amounts, readings }: Results): LineGoal[] {
  return [...rows, ...amounts, ...readings].flatMap(({ group, work, target }) =>
    target === null
      ? []
      : [{ group, work, measure: target.measure, limit: target.limit }]
  );
}

/** The goals that `results` hold no verdict on. */
export function goalsWithoutVerdict(results: Results): LineGoal[] {
  const judged = new Set(judgedGoals(results).map(goalKey));
  return GOALS.filter((goal) => !judged.has(goalKey(goal)));
}
