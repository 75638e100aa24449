/**
 * The start: a fresh process that loads the core, parses its first ATR and does its
 * first T=1 exchange, against one that does nothing. Whole processes are measured,
 * from here, once their caches are filled.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
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
  const works = [
    work("from its modules", processContender("src/core/mod.ts", source)),
  ];
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    try {
      const bundled = await bundle(source, folder);
      works.push(
        work("from one file", processContender("the bundle", bundled)),
      );
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const reason = error.message;
      report.skip({ group: GROUP, work: "start from the bundle", reason });
    }
    await measureRows(report, works, effort);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts the bundle into `folder`, and beside it the module `source` that uses it instead of the core's modules. */
async function bundle(source: URL, folder: string): Promise<string> {
  // Not everybody who runs a bench has the bundler.
  const { bundleCore, CORE_FILE } = await import("../scripts/bundle.ts");
  await Deno.writeFile(`${folder}/${CORE_FILE}`, await bundleCore());
  const text = await Deno.readTextFile(source);
  const target = `${folder}/first_use.ts`;
  await Deno.writeTextFile(target, text.replace(CORE, `./${CORE_FILE}`));
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
