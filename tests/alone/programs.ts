/**
 * Finds the programs that run the core outside Deno, and makes tests of them.
 *
 * @module
 */

import { type ProgramRun, runProgram } from "../../scripts/run_program.ts";

const MIN_NODE = 20;
const CHROMIUM_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** Either the program's path, or why there is none and how to get it. */
export type ProgramSearch =
  | { readonly path: string; readonly missing: null }
  | { readonly path: null; readonly missing: string };

/** Runs a program to its end; null when there is no such program. @throws {Error} at the deadline, naming what ran */
export async function runIfThere(
  program: string,
  args: string[],
  cwd?: URL,
): Promise<ProgramRun | null> {
  try {
    return await runProgram(program, args, { cwd });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Looks for Node in `PATH`. */
export async function findNode(): Promise<ProgramSearch> {
  const run = await runIfThere("node", ["--version"]);
  if (run === null || !run.success) {
    return absent(`node: not installed; install Node ${MIN_NODE} or later`);
  }
  // Without Node, Deno answers to its name.
  const version = run.stdout.split("\n")[0];
  const major = Number(version.match(/^v(\d+)/)?.[1] ?? 0);
  if (major < MIN_NODE) {
    return absent(`node: ${version} found, expected v${MIN_NODE} or later`);
  }
  return { path: "node", missing: null };
}

/** Looks for Chromium (`CHROMIUM` in the environment, then the usual places). */
export async function findChromium(): Promise<ProgramSearch> {
  const wished = Deno.env.get("CHROMIUM");
  for (const path of wished === undefined ? CHROMIUM_PATHS : [wished]) {
    const run = await runIfThere(path, ["--version"]);
    if (run?.success) return { path, missing: null };
  }
  return absent("chromium: not installed; try: apt-get install chromium");
}

function absent(missing: string): ProgramSearch {
  return { path: null, missing };
}

/** Whether a missing program is a failure: `SMARTCARD_REQUIRE_PROGRAMS` in the environment is 1. */
export const PROGRAMS_REQUIRED: boolean =
  Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";

/** A test that needs a program: without it, it is ignored, or fails where programs are required. */
export function programTest(
  name: string,
  { path, missing }: ProgramSearch,
  run: (path: string) => Promise<void>,
): void {
  const isSkipped = missing !== null && !PROGRAMS_REQUIRED;
  if (isSkipped) console.warn(`skipped: ${name}: ${missing}`);
  Deno.test({
    name,
    ignore: isSkipped,
    fn: async () => {
      if (path === null) throw new Error(missing);
      await run(path);
    },
  });
}
