/**
 * The results as Markdown, and into README.md between the marks that
 * {@linkcode BEGIN} and {@linkcode END} name.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runDeno } from "../scripts/run_program.ts";
import {
  formatAmount,
  formatComparison,
  formatNs,
  formatReading,
  type Results,
} from "./results.ts";
import { formatTarget } from "./targets.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";
const README = new URL("../README.md", import.meta.url);

/** The results as Markdown. */
export function markdown(results: Results): string {
  const { machine, effort, rows, amounts, readings, skipped } = results;
  const { cpu, cores, platform, deno, v8, cc } = machine;
  const count = (n: number, what: string) =>
    `${n} ${what}${n === 1 ? "" : "s"}`;
  const where = [
    cpu ?? "unknown processor",
    count(cores, "logical core"),
    platform,
    `Deno ${deno} (V8 ${v8})`,
    cc ?? "no C compiler",
  ].join(", ");
  const usual = effort.rounds * effort.samples;
  const lines = [
    `Measured ${
      results.date.slice(0, 10)
    } on ${where}. Medians of ${usual} samples of each side, taken in turns; the ratio is the rival's time divided by ours (above 1: ours is faster), in brackets the lowest and highest of ${
      count(effort.rounds, "round")
    }. A target says how ours is to stand to that rival, and in brackets how it does.`,
    "",
    "| work | ours | rival | rival / ours | target | the rival |",
    "| --- | ---: | ---: | ---: | --- | --- |",
  ];
  for (const row of rows) {
    const { ours, rival, comparison, target, samples } = row;
    const work = samples === usual ? row.work : `${row.work} (${samples} runs)`;
    const verdict = target === null ? "" : formatTarget(target);
    const cells = rival === null || comparison === null
      ? [work, formatNs(ours.ns), "", "", verdict, ""]
      : [
        work,
        formatNs(ours.ns),
        formatNs(rival.ns),
        formatComparison(comparison),
        verdict,
        rival.name,
      ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  for (const amount of amounts) {
    const { work, target } = amount;
    const cells = [
      work,
      formatAmount(amount),
      "",
      "",
      target === null ? "" : formatTarget(target),
      "",
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  for (const reading of readings) {
    const { work, target } = reading;
    const verdict = target === null ? "" : formatTarget(target);
    lines.push(`| ${work} | ${formatReading(reading)} | | | ${verdict} | |`);
  }
  if (skipped.length > 0) lines.push("");
  for (const { work, reason } of skipped) {
    lines.push(`Not measured: ${work} (${reason}).`);
  }
  return lines.join("\n");
}

/** `text` with `table` between the marks. @throws {Error} when they are not there, in order */
export function replaceBetweenMarks(text: string, table: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(
      `Cannot write the table: README.md has no ${BEGIN} with ${END} behind it`,
    );
  }
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${
    text.slice(end)
  }`;
}

/** Writes the table of `results` into README.md, formatted as the rest of it. @throws {Error} when it cannot be formatted */
export async function writeReadme(results: Results): Promise<void> {
  const text = Deno.readTextFileSync(README);
  Deno.writeTextFileSync(README, replaceBetweenMarks(text, markdown(results)));
  const { success, stderr } = await runDeno([
    "fmt",
    "--quiet",
    fileURLToPath(README),
  ]);
  if (!success) throw new Error(`Cannot format README.md: ${stderr}`);
}
