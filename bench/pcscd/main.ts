/**
 * Measures `scard serve` beside pcscd with vsmartcard's driver: the same client program
 * in C against both in turns, with the same cards. Prints a table, and writes the
 * results of a full run to `bench/pcscd/results.json` and into README.md, or those of
 * any run to FILE.
 *
 * `deno run -A bench/pcscd/main.ts [--quick] [--json FILE]`. Needs Linux, root, pcscd,
 * vsmartcard-vpcd and a C compiler; without them it says so. Exit code 1 when a target
 * is missed, or nothing was measured, in a full run.
 *
 * @module
 */

import { pcscdMissing, PcscdTurn } from "../../tests/interop/pcscd_turn.ts";
import { PCSCD } from "../../tests/interop/pcscd_process.ts";
import { compiler, disposeNative } from "../native.ts";
import { machineFacts } from "../results.ts";
import { Client } from "./client.ts";
import { measureFootprint } from "./footprint.ts";
import { formatProcessors } from "./goals.ts";
import { compilerMissing, Programs } from "./programs.ts";
import { writeReadme } from "./readme.ts";
import {
  type Effort,
  formatRatio,
  formatSide,
  formatTarget,
  type Results,
  RESULTS_FILE,
} from "./results.ts";
import type { Bench } from "./rounds.ts";
import { plans } from "./services.ts";
import { measureTraffic } from "./traffic.ts";

const FULL: Effort = {
  rounds: 7,
  windowMs: 500,
  transactionMs: 2000,
  warmUpMs: 200,
  insertions: 5,
};
const QUICK: Effort = {
  rounds: 2,
  windowMs: 100,
  transactionMs: 1000,
  warmUpMs: 50,
  insertions: 1,
};
const USAGE = "usage: main.ts [--quick] [--json FILE]";
/** Columns of the table printed. */
const WIDTHS = [68, 8, 30, 30] as const;

interface Options {
  readonly quick: boolean;
  /** Where results go; null: to `bench/pcscd/results.json`, if the run is a full one. */
  readonly json: string | null;
}

function parseOptions(args: readonly string[]): Options {
  let quick = false;
  let json: string | null = null;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--quick") quick = true;
    else if (arg === "--json" && rest.length > 0) json = rest.shift()!;
    else throw new TypeError(`Cannot take "${arg}": ${USAGE}`);
  }
  return { quick, json };
}

function print(cells: readonly string[]): void {
  console.log(
    cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(" ").trimEnd(),
  );
}

/** Collects into `results`, and prints. */
function printing(
  { rows, skipped }: Results,
): Pick<Bench, "report" | "skip"> {
  return {
    report(row) {
      rows.push(row);
      const { work, processors, unit, ours, pcscd, ratio, target } = row;
      print([
        work,
        formatProcessors(processors),
        formatSide(ours, unit),
        formatSide(pcscd, unit),
        formatRatio(ratio),
      ]);
      if (target !== null) {
        console.log(`  target ${formatTarget(target, unit)}`);
      }
    },
    skip(what) {
      skipped.push(what);
      console.log(`skipped: ${what.work}: ${what.reason}`);
    },
  };
}

async function measureAll(results: Results): Promise<void> {
  const { effort } = results;
  const folder = Deno.makeTempDirSync({ prefix: "bench-pcscd-" });
  try {
    using turn = new PcscdTurn();
    await turn.take();
    using programs = new Programs();
    const bench: Bench = {
      client: new Client(programs.client),
      programs,
      plans: plans(folder),
      effort,
      ...printing(results),
    };
    print(["work", "CPUs", "ours", "pcscd", "ours / pcscd"]);
    await measureTraffic(bench, "one");
    await measureTraffic(bench, "free");
    await measureFootprint(bench);
  } finally {
    disposeNative();
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Prints how many targets were met, and those that were not; returns how many those are. */
function printVerdict({ rows }: Results): number {
  let met = 0;
  const missed: string[] = [];
  for (const { work, processors, unit, target } of rows) {
    if (target?.met) met++;
    else if (target !== null) {
      const where = formatProcessors(processors);
      missed.push(`${work} (${where}): ${formatTarget(target, unit)}`);
    }
  }
  console.log(`targets met: ${met}, missed: ${missed.length}`);
  for (const line of missed) console.log(`  ${line}`);
  return missed.length;
}

function pcscdVersion(): string {
  const { stdout } = new Deno.Command(PCSCD, { args: ["--version"] })
    .outputSync();
  return new TextDecoder().decode(stdout).split("\n")[0].replace(/\.$/, "");
}

/** Runs the bench that `args` ask for; returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { quick, json } = parseOptions(args);
  const missing = compilerMissing() ?? pcscdMissing();
  if (missing !== null) {
    console.log(`skipped: beside pcscd: ${missing}`);
    return quick ? 0 : 1;
  }
  const results: Results = {
    date: new Date().toISOString(),
    machine: machineFacts(compiler.version),
    pcscd: pcscdVersion(),
    effort: quick ? QUICK : FULL,
    rows: [],
    skipped: [],
  };
  await measureAll(results);
  const missed = printVerdict(results);
  const text = JSON.stringify(results, null, 2) + "\n";
  if (json !== null) Deno.writeTextFileSync(json, text);
  // A quick look must not pass for the measurement.
  else if (!quick) {
    Deno.writeTextFileSync(RESULTS_FILE, text);
    await writeReadme(results);
  }
  return quick || missed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
