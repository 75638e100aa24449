/**
 * The fault walk in full:
 *
 *     deno run tests/conformance/fault_walk_main.ts [--depth N] [SHAPE [DIGITS]]
 *
 * Without arguments every shape is walked, with both meanings of a duplicate and both
 * of what the reader does after RESYNCH, over every sequence of faults of the first
 * ten blocks. That takes about an hour; a line is printed after each shape. A shape such as
 * "2x3 ifs+wtx" is walked alone; with digits such as 0310 the transcript of that path
 * is printed. The exit code is 1 when an invariant is broken, and 2 when the command
 * line is wrong.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  TERMINAL,
  type Terminal,
  UsageError,
  wholeNumber,
  withUsage,
} from "./command_line.ts";
import { FaultWalk, replayPath, WALK_DEPTH } from "./fault_walk.ts";
import {
  allShapes,
  shapeName,
  shapeOf,
  type WalkShape,
} from "./fault_walk_shapes.ts";
import { BrokenInvariant } from "./t1_pair.ts";

/** What is walked in full. */
const ALL: readonly WalkShape[] = [
  ...allShapes("repeat", "joined"),
  ...allShapes("report", "joined"),
  ...allShapes("repeat", "apart"),
  ...allShapes("report", "apart"),
];

const USAGE = `Usage: deno task walk [--depth N] [SHAPE]
       deno task walk SHAPE DIGITS

  --depth N  blocks that are damaged, 1 to ${WALK_DEPTH}, default ${WALK_DEPTH}
  SHAPE      such as "2x3 ifs+wtx report apart"; default: all
  DIGITS     what happens to each block, such as 0310: print that path`;

interface Sum {
  paths: number;
  blocks: number;
  broken: number;
}

/** Walks a shape; returns a line about it. */
function walk(shape: WalkShape, depth: number, sum: Sum): string {
  const started = performance.now();
  using walk = new FaultWalk(shape);
  const { totals } = walk;
  let flaw = "";
  try {
    walk.all(depth);
  } catch (error) {
    if (!(error instanceof BrokenInvariant)) throw error;
    flaw = `  BROKEN: ${error.message}`;
    sum.broken++;
  }
  sum.paths += totals.paths;
  sum.blocks += totals.blocks;
  const errors = [...totals.errors].map(([name, count]) => `${name} ${count}`);
  const fewest = Number.isFinite(totals.fewestFaults)
    ? [`fewest faults to an error ${totals.fewestFaults}`]
    : [];
  return [
    shapeName(shape).padEnd(24),
    `${totals.paths} paths`,
    `right ${totals.right}`,
    ...errors,
    ...fewest,
    `longest ${totals.longest}`,
    `most runs ${totals.mostRuns}`,
    rate(totals.blocks, started),
  ].join("  ") + flaw;
}

function rate(blocks: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  return `${seconds.toFixed(1)} s, ${Math.round(blocks / seconds)} blocks/s`;
}

function walkAll(
  shapes: readonly WalkShape[],
  depth: number,
  { line }: Terminal,
): number {
  const sum: Sum = { paths: 0, blocks: 0, broken: 0 };
  const started = performance.now();
  shapes.forEach((shape, index) =>
    line(`${index + 1}/${shapes.length}  ${walk(shape, depth, sum)}`)
  );
  line(
    `${shapes.length} shapes, ${sum.paths} paths, ${sum.blocks} blocks, ` +
      `${rate(sum.blocks, started)}, ${sum.broken} shapes broken`,
  );
  return sum.broken === 0 && sum.paths > 0 ? 0 : 1;
}

function shapesOf(name: string | undefined): readonly WalkShape[] {
  if (name === undefined) return ALL;
  try {
    return [shapeOf(name)];
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Walks as `args` say; returns the exit code. */
export function main(
  args: string[],
  terminal: Terminal = TERMINAL,
): number {
  return withUsage(USAGE, terminal, () => {
    const { values: { depth }, positionals } = parseArgs({
      args,
      options: { depth: { type: "string" } },
      allowPositionals: true,
    });
    const [name, digits] = positionals;
    const shapes = shapesOf(name);
    if (positionals.length > 2) {
      throw new UsageError("more than a shape and its digits");
    }
    if (digits === undefined) {
      const blocks = depth === undefined
        ? WALK_DEPTH
        : wholeNumber("--depth", depth, 1, WALK_DEPTH);
      return walkAll(shapes, blocks, terminal);
    }
    if (depth !== undefined) {
      throw new UsageError("digits need no --depth");
    }
    if (!/^[0-3]+$/.test(digits)) {
      throw new UsageError(
        `digits are ${JSON.stringify(digits)}, expected 0 to 3`,
      );
    }
    terminal.line(replayPath(name, digits).join("\n"));
    return 0;
  });
}

if (import.meta.main) Deno.exit(main(Deno.args));
