/**
 * What the engine found, and which failures count as the same one.
 *
 * @module
 */

import { hashText } from "./random.ts";

/** An input that makes a target's run throw. */
export interface Finding {
  /** Name of the target. */
  readonly target: string;
  /** Seed of the run that found it. */
  readonly seed: number;
  /** The execution of this target that failed, counted from 1. */
  readonly exec: number;
  /** What was thrown, as text, for the input given here. */
  readonly error: string;
  /** Failures with this same text count as one finding. */
  readonly errorClass: string;
  /** The input, minimised. */
  readonly input: Uint8Array;
  /** Bytes of the input before it was minimised. */
  readonly foundBytes: number;
  /** Whether the input failed again by itself; else the target keeps state between runs. */
  readonly reproduces: boolean;
}

/** Longest error text kept, in characters. */
const MAX_ERROR_TEXT = 2000;

/** What was thrown, as text: name and message. */
export function errorText(thrown: unknown): string {
  return String(thrown).slice(0, MAX_ERROR_TEXT);
}

/** Numbers and bytes, decimal or hexadecimal; lower-case letters alone are a word. */
const NUMBER =
  /\b(?:0[xX][0-9a-fA-F]+|[0-9A-F]{2,}|[0-9a-fA-F]*\d[0-9a-fA-F]*)\b|\d+/g;
const NUMBERS_IN_A_ROW = /#(?:[\s,:]*#)+/g;
/** The innermost place in a stack that is code of the project. */
const PLACE = /([^/\s(]+\.ts:\d+):\d+\)?$|(wasm-function\[\d+\])/m;

/**
 * The class of what was thrown: the first line of its text, a "#" for its numbers. Where
 * the text is the same for every cause (an assertion without a message, a trap of WASM),
 * the place it came from besides.
 */
export function errorClass(thrown: unknown): string {
  const [firstLine] = errorText(thrown).split("\n", 1);
  const said = firstLine.replace(NUMBER, "#").replace(NUMBERS_IN_A_ROW, "#");
  if (!saysLittle(thrown)) return said;
  const place = thrown.stack?.match(PLACE);
  return place ? `${said} at ${place[1] ?? place[2]}` : said;
}

function saysLittle(thrown: unknown): thrown is Error {
  return thrown instanceof WebAssembly.RuntimeError ||
    (thrown instanceof Error && "generatedMessage" in thrown &&
      thrown.generatedMessage === true);
}

/** The name of a finding's reproducer: another run that finds the same writes the same file. */
export function reproducerName(finding: Finding): string {
  const hash = hashText(finding.errorClass).toString(16).padStart(8, "0");
  return `${finding.target}-${hash}.json`;
}
