/**
 * The start: a fresh process that loads the core, parses its first ATR and does its
 * first T=1 exchange, against one that does nothing. Whole processes are measured,
 * from here, once their caches are filled.
 *
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { runProgram } from "../scripts/run_program.ts";
import { goalOf } from "./goals.ts";
import { type Contender, type Effort, FULL } from "./harness.ts";
import { measureRows, type Report, type Work } from "./results.ts";

const GROUP = "start";
const CHILDREN = new URL("children/", import.meta.url);
const CORE = "../../src/core/mod.ts";
/** Milliseconds that a process has: more than a hundred times what it takes. */
const DEADLINE_MS = 10_000;

/** A process takes a hundred times as long as a sample of the other benches: fewer of them. */
const FULL_START: Effort = { rounds: 5, samples: 21 };
const QUICK_START: Effort = { rounds: 3, samples: 17 };

/** Runs the bench. */
export async function benchStart(report: Report): Promise<void> {
  const effort = report.effort === FULL ? FULL_START : QUICK_START;
  const empty = processContender(
    "an empty module",
    new URL("empty.ts", CHILDREN),
  );
  const source = new URL("first_use.ts", CHILDREN);
  const work = (how: string, ours: Contender): Work => {
    const work =
      `fresh process, caches warm, first ATR, first T=1 exchange: core ${how}`;
    return {
      group: GROUP,
      work,
      ours,
      rivals: [{ contender: empty, goal: goalOf(GROUP, work, "excess") }],
      operations: 1,
    };
  };
  const works: Work[] = [];
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    try {
      const installed = await unpackPackage(source, folder);
      works.push(
        work("of the npm package", processContender("the package", installed)),
      );
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const reason = error.message;
      report.skip({ group: GROUP, work: "start from the npm package", reason });
    }
    works.push(
      work("of the source tree", processContender("src/core/mod.ts", source)),
    );
    await measureRows(report, works, effort);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Unpacks the npm package into `folder`, and puts beside it the module `source` that uses its core instead of the source tree's. */
async function unpackPackage(source: URL, folder: string): Promise<string> {
  // Not everybody who runs a bench has the bundler.
  const { makePackage } = await import("../scripts/npm_package.ts");
  const file = await makePackage(pathToFileURL(`${folder}/`));
  const args = ["-xzf", fileURLToPath(file), "-C", folder];
  const { success, stderr } = await runProgram("tar", args);
  if (!success) throw new Error(`Cannot unpack the npm package: ${stderr}`);
  const text = await Deno.readTextFile(source);
  const target = `${folder}/first_use.ts`;
  await Deno.writeTextFile(
    target,
    text.replace(CORE, "./package/src/core/mod.js"),
  );
  return target;
}

function processContender(name: string, module: URL | string): Contender {
  const file = module instanceof URL ? fileURLToPath(module) : module;
  return {
    name,
    async run(cycles) {
      const start = performance.now();
      for (let i = 0; i < cycles; i++) await runToEnd(file);
      return (performance.now() - start) * 1e6;
    },
  };
}

/** With nothing between the processes that would count. @throws {Error} when it fails, or is killed at the deadline */
async function runToEnd(file: string): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-config", file],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
    signal,
  }).spawn().status;
  if (success) return;
  const what = signal.aborted
    ? `was not over after ${DEADLINE_MS} ms`
    : "failed";
  throw new Error(`Cannot measure: ${file} ${what}`);
}
