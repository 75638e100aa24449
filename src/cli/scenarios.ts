/**
 * Runs scripted T=1 exchanges through the core and says which of them it follows:
 * those of the files named, or of all in `tests/data/`.
 *
 * @module
 */

import { runScenario, type Scenario } from "./scenario.ts";

export * from "./scenario.ts";

const DATA = new URL("../../tests/data/", import.meta.url);

/** `tests/data/t1-*scenarios.json`, by name. */
function allFiles(): URL[] {
  return Array.from(Deno.readDirSync(DATA), ({ name }) => name)
    .filter((name) => /^t1-.*scenarios\.json$/.test(name))
    .sort()
    .map((name) => new URL(name, DATA));
}

/** Runs the scenarios of `text`, the JSON of a scenario file; returns how many it ran and how many fail. */
export function runScenarioFile(
  text: string,
  print: (line: string) => void,
): { count: number; failed: number } {
  const { scenarios } = JSON.parse(text) as { scenarios?: Scenario[] };
  if (!Array.isArray(scenarios) || scenarios.length === 0) {
    throw new RangeError(
      'Cannot run scenarios: expected {"scenarios": [...]} with at least one entry',
    );
  }
  let failed = 0;
  for (const scenario of scenarios) {
    const problem = runScenario(scenario);
    if (problem !== null) failed++;
    print(`${scenario.id} ${problem === null ? "pass" : `FAIL ${problem}`}`);
  }
  return { count: scenarios.length, failed };
}

/** Runs all of `files` and prints; returns the exit code: 0, or 1 when a scenario fails. */
function runFiles(files: readonly (string | URL)[]): number {
  let count = 0;
  let failed = 0;
  for (const file of files) {
    const ran = runScenarioFile(Deno.readTextFileSync(file), console.log);
    count += ran.count;
    failed += ran.failed;
  }
  console.log(`${count} scenarios, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    Deno.exit(runFiles(Deno.args.length > 0 ? Deno.args : allFiles()));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(2);
  }
}
