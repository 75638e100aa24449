/**
 * The results as Markdown, and into README.md between the marks that
 * {@linkcode BEGIN} and {@linkcode END} name.
 *
 * @module
 */

import { formatComparison, formatNs, type Results } from "./results.ts";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";
const README = new URL("../README.md", import.meta.url);

/** The results as Markdown. */
export function markdown(results: Results): string {
  const { machine, effort, rows, skipped } = results;
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
  const lines = [
    `Measured ${results.date.slice(0, 10)} on ${where}. Medians of ${
      effort.rounds * effort.samples
    } samples of each side, taken in turns; the ratio is the rival's time divided by ours (above 1: ours is faster), in brackets the lowest and highest of ${
      count(effort.rounds, "round")
    }.`,
    "",
    "| work | ours | rival | rival / ours | the rival |",
    "| --- | ---: | ---: | ---: | --- |",
  ];
  for (const { work, ours, rival, comparison } of rows) {
    const cells = rival === null || comparison === null
      ? [work, formatNs(ours.ns), "", "", ""]
      : [
        work,
        formatNs(ours.ns),
        formatNs(rival.ns),
        formatComparison(comparison),
        rival.name,
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

/** Writes the table of `results` into README.md, formatted as the rest of it. */
export async function writeReadme(results: Results): Promise<void> {
  const text = Deno.readTextFileSync(README);
  Deno.writeTextFileSync(README, replaceBetweenMarks(text, markdown(results)));
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", README.pathname],
  }).output();
}
