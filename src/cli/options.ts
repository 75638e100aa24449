/**
 * Options of a verb: one table for parsing, help and completions.
 *
 * @module
 */

// @ts-types="./std_cli.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { CliError } from "./exit_codes.ts";

/** One option. */
export interface OptionRow {
  /** Long name, without dashes. */
  readonly name: string;
  /** Letter. */
  readonly short?: string;
  /**
   * "flag": given or not; "value": once, with a value; "list": as often as wanted;
   * "optional": as often as wanted, with or without `=VALUE`.
   */
  readonly kind: "flag" | "value" | "list" | "optional";
  /** What the value is called in the help. */
  readonly value?: string;
  /** What it does. */
  readonly words: string;
  /** How a shell completes the value; default not at all. */
  readonly completes?: "file" | readonly string[];
}

/** Prints JSON. Every verb that has it means the same by it. */
export const JSON_OPTION: OptionRow = {
  name: "json",
  kind: "flag",
  words: "one JSON object a line",
};

/** What was given on a command line. */
export class Options {
  readonly #verb: string;
  readonly #values: Record<string, unknown>;
  /** What stands beside options, in order. */
  readonly operands: readonly string[];

  /** Made by {@linkcode readOptions}. */
  constructor(
    verb: string,
    values: Record<string, unknown>,
    operands: readonly string[],
  ) {
    this.#verb = verb;
    this.#values = values;
    this.operands = operands;
  }

  /** Whether a flag was given. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value given last. */
  value(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  /** The values given, in order; empty text for an optional value that was left out. */
  list(name: string): string[] {
    const value = this.#values[name];
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map(String);
  }

  /** The value as a whole number in this range. @throws {CliError} when it is none */
  integer(name: string, low: number, high: number): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    return wholeNumber(`--${name}`, text, low, high);
  }

  /** Refuses operands. @throws {CliError} when there are some */
  noOperands(): void {
    if (this.operands.length === 0) return;
    throw new CliError(
      "usage",
      `Cannot run scard ${this.#verb}: ${
        JSON.stringify(this.operands[0])
      } found, expected no operand`,
    );
  }

  /** Refuses options that contradict each other. @throws {CliError} when more than one of them was given */
  atMostOne(...names: readonly string[]): void {
    const given = names.filter((name) =>
      this.has(name) || this.list(name).some((text) => text !== "false")
    );
    if (given.length < 2) return;
    throw new CliError(
      "usage",
      `Cannot run scard ${this.#verb}: ${
        given.map((name) => `--${name}`).join(" and ")
      } found, expected one of them`,
    );
  }
}

/** A whole number in this range. @throws {CliError} naming `what` */
export function wholeNumber(
  what: string,
  text: string,
  low: number,
  high: number,
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= low && number <= high) return number;
  throw new CliError(
    "usage",
    `Cannot use ${what}: ${
      JSON.stringify(text)
    } found, expected a whole number, ${low} to ${high}`,
  );
}

/** Reads a command line. @throws {CliError} for what the table does not have, and values that are missing */
export function readOptions(
  verb: string,
  rows: readonly OptionRow[],
  args: readonly string[],
): Options {
  const names = (...kinds: readonly OptionRow["kind"][]) =>
    rows.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  const alias: Record<string, string> = {};
  for (const { name, short } of rows) {
    if (short !== undefined) alias[name] = short;
  }
  const unknown: string[] = [];
  const parsed = parseArgs(withEmptyValues(args, names("optional")), {
    alias,
    boolean: names("flag"),
    collect: names("list", "optional", "value"),
    string: [...names("value", "list", "optional"), "_"],
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg);
      return key === undefined;
    },
  });
  if (unknown.length > 0) {
    throw new CliError(
      "usage",
      `Cannot run scard ${verb}: unknown option ${
        unknown[0]
      }, expected one of scard ${verb} --help`,
    );
  }
  const { _: operands, ...values } = parsed;
  for (const name of names("value", "list")) {
    if (([values[name] ?? []].flat()).includes("")) {
      throw new CliError(
        "usage",
        `Cannot run scard ${verb}: --${name} without a value found, expected one`,
      );
    }
  }
  return new Options(verb, values, operands.map(String));
}

/** An optional value comes behind "=" only: what stands next is something else. */
function withEmptyValues(
  args: readonly string[],
  optional: readonly string[],
): string[] {
  const end = args.indexOf("--");
  return args.map((arg, index) =>
    (end < 0 || index < end) && optional.some((name) => arg === `--${name}`)
      ? `${arg}=`
      : arg
  );
}
