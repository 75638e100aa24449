/**
 * The results as Markdown, and into README.md between the marks that
 * {@linkcode BEGIN} and {@linkcode END} name.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runDeno } from "../../scripts/run_program.ts";
import { formatProcessors } from "./goals.ts";
import {
  formatRatio,
  formatSide,
  formatTarget,
  type Results,
} from "./results.ts";

/** Where the table begins. */
export const BEGIN = "<!-- pcscd:begin -->";
/** Where it ends. */
export const END = "<!-- pcscd:end -->";
const README = new URL("../../README.md", import.meta.url);

/** The results as Markdown. */
export function markdown(results: Results): string {
  const { machine, effort, rows, skipped, pcscd } = results;
  const { cpu, cores, platform, deno, cc } = machine;
  const where = [
    cpu ?? "unknown processor",
    `${cores} logical core${cores === 1 ? "" : "s"}`,
    platform,
    `Deno ${deno}`,
    pcscd,
    cc ?? "no C compiler",
  ].join(", ");
  const lines = [
    `Measured ${
      results.date.slice(0, 10)
    } on ${where}. One client program in C, by libpcsclite, against both services in turns; medians of ${effort.rounds} rounds, and of the rounds' ratios, in brackets the lowest and highest. Rates come with the median time of one operation and the 99th percentile. "One CPU": service, cards and clients bound to one processor.`,
    "",
    "| work | CPUs | ours | pcscd | ours / pcscd | target |",
    "| --- | --- | ---: | ---: | ---: | --- |",
  ];
  for (const row of rows) {
    const { work, processors, unit, ours, pcscd, ratio, target } = row;
    const cells = [
      work,
      formatProcessors(processors),
      formatSide(ours, unit),
      formatSide(pcscd, unit),
      formatRatio(ratio),
      target === null ? "" : formatTarget(target, unit),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
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
  const path = fileURLToPath(README);
  const { success, stderr } = await runDeno(["fmt", "--quiet", path]);
  if (!success) throw new Error(`Cannot format README.md: ${stderr}`);
}
