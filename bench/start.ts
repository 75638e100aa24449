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

/** What a fresh process does, and what it loads for that: in the source tree, seen from the child, and in the package. */
const FIRSTS = [
  {
    what: "first ATR, first T=1 exchange: core",
    child: "first_use.ts",
    source: "../../src/core/mod.ts",
    packed: "./package/src/core/mod.js",
  },
  {
    what: "first APDU through every floor: library",
    child: "first_apdu.ts",
    source: "../../mod.ts",
    packed: "./package/mod.js",
  },
] as const;
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
  const work = (what: string, how: string, ours: Contender): Work => {
    const work = `fresh process, caches warm, ${what} ${how}`;
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
    const reason = await unpackPackage(folder);
    if (reason !== null) {
      report.skip({ group: GROUP, work: "start from the npm package", reason });
    }
    for (const { what, child, source, packed } of FIRSTS) {
      const module = new URL(child, CHILDREN);
      if (reason === null) {
        const file = `${folder}/${child}`;
        const text = await Deno.readTextFile(module);
        await Deno.writeTextFile(file, text.replace(source, packed));
        works.push(
          work(what, "of the npm package", processContender("package", file)),
        );
      }
      works.push(
        work(what, "of the source tree", processContender("sources", module)),
      );
    }
    await measureRows(report, works, effort);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Unpacks the npm package into `folder`. @returns why there is none, or null */
async function unpackPackage(folder: string): Promise<string | null> {
  try {
    // Not everybody who runs a bench has the bundler.
    const { makePackage } = await import("../scripts/npm_package.ts");
    const file = await makePackage(pathToFileURL(`${folder}/`));
    const args = ["-xzf", fileURLToPath(file), "-C", folder];
    const { success, stderr } = await runProgram("tar", args);
    return success ? null : stderr;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
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
