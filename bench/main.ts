/**
 * Measures this library against what else there is. Prints a table, and writes the
 * results of a full run to `bench/results.json` and into README.md, or those of any
 * run to FILE. A full run that has no verdict on every goal (there is no C compiler,
 * for example) is written to FILE only.
 *
 * `deno run -A bench/main.ts [--quick] [--only NAME] [--json FILE]`, NAME one of atr,
 * edc, t1, heap, start, library, manager,
 * transmit. Exit code 1 when a target is missed, which a quick
 * look is too short to say, or when a full run is not written.
 *
 * @module
 */

import { benchAtr } from "./atr.ts";
import { benchEdc } from "./edc.ts";
import { goalKey, goalsWithoutVerdict } from "./goals.ts";
import { FULL, QUICK } from "./harness.ts";
import { benchHeap } from "./heap.ts";
import { compiler, disposeNative } from "./native.ts";
import {
  formatAmount,
  formatComparison,
  formatNs,
  formatReading,
  machineFacts,
  type Report,
  type Results,
  RESULTS_FILE,
} from "./results.ts";
import { writeReadme } from "./readme_table.ts";
import { benchLibrary } from "./library.ts";
import { benchManager } from "./manager.ts";
import { benchStart } from "./start.ts";
import { benchT1 } from "./t1.ts";
import { formatTarget, type Target } from "./targets.ts";
import { benchTransmit } from "./transmit.ts";

const BENCHES = {
  atr: benchAtr,
  edc: benchEdc,
  t1: benchT1,
  heap: benchHeap,
  start: benchStart,
  library: benchLibrary,
  manager: benchManager,
  transmit: benchTransmit,
};
/** Columns of the work in the table printed. */
const WIDTH = 82;
const USAGE = `usage: main.ts [--quick] [--json FILE] [--only ${
  Object.keys(BENCHES).join("|")
}]`;

interface Options {
  quick: boolean;
  /** Where results go; null: to `bench/results.json`, if the run is a full one. */
  json: string | null;
  only: string | null;
}

function parseOptions(args: readonly string[]): Options {
  const options: Options = {
    quick: false,
    json: null,
    only: null,
  };
  const rest = [...args];
  for (;;) {
    const arg = rest.shift();
    if (arg === undefined) return options;
    const value = arg === "--quick" ? "" : rest.shift();
    if (value === undefined) throw new TypeError(`Cannot run: ${USAGE}`);
    if (arg === "--quick") options.quick = true;
    else if (arg === "--json") options.json = value;
    else if (arg === "--only" && Object.hasOwn(BENCHES, value)) {
      options.only = value;
    } else throw new TypeError(`Cannot take "${arg} ${value}": ${USAGE}`);
  }
}

/** Collects into `results`, and prints. */
function printing(results: Results): Report {
  const target = (target: Target | null) => {
    if (target !== null) console.log(`  target ${formatTarget(target)}`);
  };
  return {
    effort: results.effort,
    row(row) {
      results.rows.push(row);
      const { work, ours, rival, comparison } = row;
      const alone = `${work.padEnd(WIDTH)} ${formatNs(ours.ns).padStart(9)}`;
      if (rival === null || comparison === null) {
        console.log(alone);
        return target(row.target);
      }
      const against = formatComparison(comparison).padEnd(22);
      console.log(
        `${alone} ${formatNs(rival.ns).padStart(9)}  ${against} ${rival.name}`,
      );
      target(row.target);
    },
    amount(amount) {
      results.amounts.push(amount);
      console.log(`${amount.work.padEnd(WIDTH)} ${formatAmount(amount)}`);
      target(amount.target);
    },
    reading(reading) {
      results.readings.push(reading);
      console.log(`${reading.work.padEnd(WIDTH)} ${formatReading(reading)}`);
      target(reading.target);
    },
    skip(skipped) {
      results.skipped.push(skipped);
      console.log(`skipped: ${skipped.work}: ${skipped.reason}`);
    },
  };
}

/** Prints how many targets were met, and those that were not; returns how many those are. */
function printVerdict({ rows, amounts, readings }: Results): number {
  let met = 0;
  const missed: string[] = [];
  for (const { work, target } of [...rows, ...amounts, ...readings]) {
    if (target?.met) met++;
    else if (target !== null) missed.push(`${work}: ${formatTarget(target)}`);
  }
  console.log(`targets met: ${met}, missed: ${missed.length}`);
  for (const line of missed) console.log(`  ${line}`);
  return missed.length;
}

/** Writes a full run where the table of the README comes from; returns whether it could be. */
async function writeFullRun(results: Results): Promise<boolean> {
  const open = goalsWithoutVerdict(results);
  if (open.length > 0) {
    console.error(
      "Cannot write bench/results.json and README.md: nothing was measured for",
    );
    for (const goal of open) console.error(`  ${goalKey(goal)}`);
    console.error("Use --json FILE to keep the results of this run.");
    return false;
  }
  writeResults(RESULTS_FILE, results);
  await writeReadme(results);
  return true;
}

function writeResults(file: string | URL, results: Results): void {
  Deno.writeTextFileSync(file, JSON.stringify(results, null, 2) + "\n");
}

/** Runs the benches that `args` ask for; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const results: Results = {
    date: new Date().toISOString(),
    machine: machineFacts(compiler.version),
    effort: options.quick ? QUICK : FULL,
    rows: [],
    amounts: [],
    readings: [],
    skipped: [],
  };
  const report = printing(results);
  console.log(
    `${"work".padEnd(WIDTH)} ${"ours".padStart(9)} ${"rival".padStart(9)}  ${
      "rival / ours".padEnd(22)
    } rival is`,
  );
  try {
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (options.only === null || options.only === name) await bench(report);
    }
  } finally {
    disposeNative();
  }
  const missed = printVerdict(results);
  let isWritten = true;
  if (options.json !== null) writeResults(options.json, results);
  // A quick look, or a part, must not pass for the measurement.
  else if (!options.quick && options.only === null) {
    isWritten = await writeFullRun(results);
  }
  return isWritten && (options.quick || missed === 0) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
