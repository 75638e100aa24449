/**
 * Prints `bench/results.json` as Markdown; with `--write` puts it into README.md
 * between the marks that {@linkcode BEGIN} and {@linkcode END} name.
 *
 * `deno run --allow-read --allow-write bench/readme_table.ts [--write]`
 *
 * @module
 */

import {
  formatComparison,
  formatNs,
  type Results,
  RESULTS_FILE,
} from "./results.ts";

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

if (import.meta.main) {
  const results = JSON.parse(Deno.readTextFileSync(RESULTS_FILE)) as Results;
  const table = markdown(results);
  if (Deno.args.includes("--write")) {
    const text = Deno.readTextFileSync(README);
    Deno.writeTextFileSync(README, replaceBetweenMarks(text, table));
  } else {
    console.log(table);
  }
}
