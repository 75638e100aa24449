/**
 * What a million T=1 blocks, in whole exchanges, take from the heap, in a process of
 * their own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runDeno } from "../scripts/run_program.ts";
import { goalOf } from "./goals.ts";
import type { Report } from "./results.ts";
import { judge } from "./targets.ts";

const GROUP = "heap";
const NAME =
  "T1Session, worst of LRC and CRC, 4 KiB each way at IFS 254 and 32, 32 bytes each way";
const CHILD = new URL("children/blocks.ts", import.meta.url);
/** So large a young generation, in MiB, that nothing is collected during a run. */
const YOUNG_MIB = 128;
/** Milliseconds that the child has: a hundred times what it takes. */
const DEADLINE_MS = 120_000;

/** What the child prints: bytes of each run. */
interface Found {
  blocks: number;
  usages: { allocated: number; left: number }[];
}

/** What the program `child`, which measures its own heap, prints as JSON. */
export async function heapOf<Printed>(child: URL): Promise<Printed> {
  const flags = [
    "--expose-gc",
    `--min-semi-space-size=${YOUNG_MIB}`,
    `--max-semi-space-size=${YOUNG_MIB}`,
  ];
  const { success, stdout, stderr } = await runDeno([
    "run",
    "--no-check",
    "--no-config",
    `--v8-flags=${flags}`,
    fileURLToPath(child),
  ], { deadlineMs: DEADLINE_MS });
  if (success) return JSON.parse(stdout) as Printed;
  throw new Error(`Cannot measure: ${child.pathname} failed: ${stderr}`);
}

/** Runs the bench. */
export async function benchHeap(report: Report): Promise<void> {
  const { blocks, usages } = await heapOf<Found>(CHILD);
  const amount = (what: string, each: number[]) => {
    const work = `a million T=1 blocks by begin, step, copyResponse: ${what}`;
    const goal = goalOf(GROUP, work, "amount");
    if (goal === undefined) throw new Error(`Cannot judge "${work}": no goal`);
    const bytes = Math.max(0, ...each);
    report.amount({
      group: GROUP,
      work,
      name: NAME,
      bytes,
      unit: "block",
      operations: blocks,
      target: judge(goal, bytes),
    });
  };
  amount("allocated", usages.map(({ allocated }) => allocated));
  amount("left after a collection", usages.map(({ left }) => left));
}
