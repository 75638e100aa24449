/**
 * What a million T=1 blocks take from the heap, in a process of their own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Report } from "./results.ts";
import { judge } from "./targets.ts";

const GROUP = "heap";
const CHILD = new URL("children/blocks.ts", import.meta.url);
/** So large a young generation, in MiB, that nothing is collected during a run. */
const YOUNG_MIB = 128;

/** What the child prints. */
interface Found {
  usages: { allocated: number; left: number }[];
}

/** Runs the bench. */
export async function benchHeap(report: Report): Promise<void> {
  const flags = [
    "--expose-gc",
    `--min-semi-space-size=${YOUNG_MIB}`,
    `--max-semi-space-size=${YOUNG_MIB}`,
  ];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-config",
      `--v8-flags=${flags}`,
      fileURLToPath(CHILD),
    ],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot measure: the run of blocks failed");
  const { usages } = JSON.parse(new TextDecoder().decode(stdout)) as Found;
  const amount = (what: string, each: number[]) => {
    const bytes = Math.max(0, ...each);
    report.amount({
      group: GROUP,
      work: `T=1, a million blocks by begin and step: ${what} per block`,
      name: "T1Session, worst of LRC and CRC at IFS 254 and 32",
      bytes,
      target: judge({ measure: "amount", limit: 0 }, bytes),
    });
  };
  amount("allocated", usages.map(({ allocated }) => allocated));
  amount("left after a collection", usages.map(({ left }) => left));
}
