/**
 * The fault walk in full:
 *
 *     deno run tests/conformance/fault_walk_main.ts [--depth N] [SHAPE [DIGITS]]
 *
 * Without arguments every shape is walked, to a depth of 10 blocks, or 8 where
 * duplicates arrive apart. A shape such as "2x3 ifs+wtx" is walked alone; with digits such as 0310 the transcript of that path is printed. The exit
 * code is 1 when an invariant is broken.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { FaultWalk, replayPath, WALK_DEPTH } from "./fault_walk.ts";
import {
  allShapes,
  shapeName,
  shapeOf,
  type WalkShape,
} from "./fault_walk_shapes.ts";
import { BrokenInvariant } from "./t1_pair.ts";

/** Duplicates that arrive apart keep more exchanges going; each block less takes a quarter of the time. */
const DEPTH_APART = WALK_DEPTH - 2;

/** What is walked in full. Where RESYNCH is reported paths end early, so small shapes do. */
const ALL: readonly WalkShape[] = [
  ...allShapes("repeat", "joined"),
  ...allShapes("report", "joined", 2),
  ...allShapes("repeat", "apart"),
  ...allShapes("report", "apart", 2),
];

interface Sum {
  paths: number;
  blocks: number;
  broken: number;
}

/** Walks a shape and prints a line about it. */
function walk(shape: WalkShape, depth: number | null, sum: Sum): void {
  const started = performance.now();
  using walk = new FaultWalk(shape);
  const { totals } = walk;
  let flaw = "";
  try {
    walk.all(depth ?? (shape.duplicate === "apart" ? DEPTH_APART : WALK_DEPTH));
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    flaw = `  BROKEN: ${error.message}`;
    sum.broken++;
  }
  sum.paths += totals.paths;
  sum.blocks += totals.blocks;
  const errors = [...totals.errors].map(([name, count]) => `${name} ${count}`);
  console.log(
    [
      shapeName(shape).padEnd(24),
      `${totals.paths} paths`,
      `right ${totals.right}`,
      ...errors,
      `fewest faults to an error ${totals.fewestFaults}`,
      `longest ${totals.longest}`,
      `most runs ${totals.mostRuns}`,
      rate(totals.blocks, started),
    ].join("  ") + flaw,
  );
}

function rate(blocks: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  return `${seconds.toFixed(1)} s, ${Math.round(blocks / seconds)} blocks/s`;
}

function main(args: string[]): number {
  const { _: [name, digits], depth } = parseArgs(args, {
    string: ["depth", "_"],
  });
  if (digits !== undefined) {
    console.log(replayPath(String(name), String(digits)).join("\n"));
    return 0;
  }
  const sum: Sum = { paths: 0, blocks: 0, broken: 0 };
  const started = performance.now();
  const shapes = name === undefined ? ALL : [shapeOf(String(name))];
  for (const shape of shapes) {
    walk(shape, depth === undefined ? null : Number(depth), sum);
  }
  console.log(
    `${shapes.length} shapes, ${sum.paths} paths, ${sum.blocks} blocks, ` +
      `${rate(sum.blocks, started)}, ${sum.broken} shapes broken`,
  );
  return sum.broken === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main(Deno.args));
