/**
 * What a verb of the command is, and its help.
 *
 * @module
 */

import { exitCodeTable, type ExitName } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import type { OptionRow, Options } from "./options.ts";

/** One verb of `scard`. */
export interface Verb {
  /** As it is typed. */
  readonly name: string;
  /** How it is called, behind its name; one entry a way. */
  readonly usage: readonly string[];
  /** What it does; the help breaks its lines. */
  readonly about: string;
  /** Its options. */
  readonly options: readonly OptionRow[];
  /** What operands are, for completions; default none. */
  readonly operands?: "file" | "none";
  /** What it may end with, besides wrong usage and a defect. */
  readonly exits: readonly ExitName[];
  /** A command line that works as it stands. */
  readonly example: string;
  /** Runs the verb; returns the exit code. */
  run(options: Options, io: Io): number | Promise<number>;
}

/** Longest line of running text, in characters. */
const WIDTH = 80;

/** A paragraph in lines. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1];
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** Column at which the words of an option begin. */
const WORDS_AT = 24;

function optionLine({ name, short, kind, value, words }: OptionRow): string {
  const dash = short === undefined ? "    " : `-${short}, `;
  const argument = kind === "flag"
    ? ""
    : kind === "optional"
    ? `[=${value}]`
    : ` ${value}`;
  const left = `  ${dash}--${name}${argument}`;
  const margin = " ".repeat(WORDS_AT);
  const [first, ...rest] = words.split("\n");
  const start = left.length < WORDS_AT - 1
    ? left.padEnd(WORDS_AT)
    : `${left}\n${margin}`;
  return [`${start}${first}`, ...rest.map((line) => `${margin}${line}`)]
    .join("\n");
}

/** The text of `scard VERB --help`. */
export function verbHelp(verb: Verb): string {
  const { name, usage, about, options, exits, example } = verb;
  const ways = usage.map((way, index) =>
    `${index === 0 ? "Usage:" : "      "} scard ${name} ${way}`.trimEnd()
  );
  const codes = new Set<ExitName>(["done", ...exits, "usage"]);
  return [
    ways.join("\n"),
    wrapped(about),
    options.length === 0
      ? ""
      : `Options:\n${options.map(optionLine).join("\n")}`,
    `Exit codes:\n${exitCodeTable([...codes])}`,
    `Example:\n  ${example}`,
  ].filter((part) => part !== "").join("\n\n");
}
