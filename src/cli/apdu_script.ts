/**
 * Scripts of commands: `COMMAND`, `COMMAND=EXPECTED`, `reset`, and comments behind "#".
 *
 * @module
 */

import { fromHex, toHex } from "../bytes.ts";
import {
  MAX_COMMAND_BYTES,
  MIN_COMMAND_BYTES,
} from "../resource_manager/mod.ts";
import { CliError } from "./exit_codes.ts";

/** One step of a script. */
export type ScriptStep =
  | { readonly kind: "reset"; readonly place: string }
  | {
    readonly kind: "command";
    /** Where it stands. */
    readonly place: string;
    /** The C-APDU. */
    readonly command: Uint8Array;
    /** What the answer has to be; null: whatever is no error. */
    readonly expected: Expectation | null;
  };

/** What an answer has to be: one of some patterns. */
export interface Expectation {
  /** As it was written. */
  readonly text: string;
  /** Patterns of upper-case digits and "X", which stands for any digit; "*" for anything. */
  readonly patterns: readonly string[];
}

/** Digits of SW1 SW2. */
const STATUS_DIGITS = 4;

/** Whether a word of the command line is a step of a script, not a file with one. */
export function isStep(word: string): boolean {
  return word === "reset" || /^[0-9A-Fa-f\s:]+(=.*)?$/s.test(word);
}

/**
 * The step of one line; null for an empty one.
 *
 * @param place where it stands, for messages
 * @throws {CliError} when it is none
 */
export function parseStep(line: string, place: string): ScriptStep | null {
  const text = line.replace(/#.*$/s, "").trim();
  if (text === "") return null;
  if (text.toLowerCase() === "reset") return { kind: "reset", place };
  const equals = text.indexOf("=");
  const left = equals < 0 ? text : text.slice(0, equals);
  const right = equals < 0 ? null : text.slice(equals + 1);
  let command: Uint8Array;
  try {
    command = fromHex(left);
  } catch (error) {
    throw new CliError(
      "usage",
      `${place}: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
  if (
    command.length < MIN_COMMAND_BYTES || command.length > MAX_COMMAND_BYTES
  ) {
    throw new CliError(
      "usage",
      `${place}: Cannot read command: ${command.length} bytes found, expected ${MIN_COMMAND_BYTES} to ${MAX_COMMAND_BYTES}`,
    );
  }
  const expected = right === null ? null : parseExpectation(right, place);
  return { kind: "command", place, command, expected };
}

/**
 * What an answer has to be: SW1 SW2, or the whole answer; "X" for any digit, "|" between
 * alternatives, "*" for anything.
 */
function parseExpectation(text: string, place: string): Expectation {
  const patterns = text.split("|").map((part) => {
    const digits = part.replace(/[\s:]/g, "").toUpperCase();
    const isPattern = digits === "*" ||
      (/^[0-9A-FX]+$/.test(digits) && digits.length >= STATUS_DIGITS &&
        digits.length % 2 === 0);
    if (isPattern) return digits;
    throw new CliError(
      "usage",
      `${place}: Cannot read expected answer: ${
        JSON.stringify(part.trim())
      } found, expected SW1 SW2 or a whole answer in hexadecimal, with X for any digit`,
    );
  });
  return { text: text.trim(), patterns };
}

function fits(response: string, pattern: string): boolean {
  if (pattern === "*") return true;
  const shown = pattern.length === STATUS_DIGITS
    ? response.slice(-STATUS_DIGITS)
    : response;
  return shown.length === pattern.length &&
    [...pattern].every((digit, at) => digit === "X" || digit === shown[at]);
}

/** Status words that say neither yes nor no: data are waiting, or a warning (ISO/IEC 7816-4 5.6). */
const NO_ERROR = /^(9|61|62|63|6C)/;

/** Whether an answer is what was expected; without an expectation, whether it is no error. */
export function isExpected(
  response: Uint8Array,
  expected: Expectation | null,
): boolean {
  const digits = toHex(response);
  if (expected === null) return NO_ERROR.test(digits.slice(-STATUS_DIGITS));
  return expected.patterns.some((pattern) => fits(digits, pattern));
}
