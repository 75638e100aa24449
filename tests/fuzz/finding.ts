/**
 * What the engine found, and which failures count as the same one.
 *
 * @module
 */

import { AssertionError } from "node:assert";
import { differenceOf, withoutNumbers } from "./difference.ts";
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

/** The innermost place in a stack that is code of the project. */
const PLACE = /([^/\s(]+\.ts:\d+):\d+\)?$|(wasm-function\[\d+\])/m;
/** Where a stack leads through the duels of core and oracle. */
const DUEL = /(duel_\w+\.ts:\d+):\d+\)?$/gm;

/** Assertions that compare two values. */
const COMPARISONS: ReadonlySet<string> = new Set([
  "strictEqual",
  "deepStrictEqual",
]);

/**
 * The class of what was thrown: in which way two values differ that should be the
 * same, or else the first line of its text with "#" for its numbers; and the way it
 * came through the duels. Where the text is the same for every cause (a trap of WASM,
 * an assertion without a message), the place besides.
 */
export function errorClass(thrown: unknown): string {
  const places = placesOf(thrown);
  const said = wordsOf(thrown);
  return places.length > 0 ? `${said} at ${places.join(" < ")}` : said;
}

function wordsOf(thrown: unknown): string {
  if (
    thrown instanceof AssertionError && COMPARISONS.has(thrown.operator)
  ) {
    return `${thrown.name}: ${differenceOf(thrown.actual, thrown.expected)}`;
  }
  const [firstLine] = errorText(thrown).split("\n", 1);
  return withoutNumbers(firstLine);
}

function placesOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [];
  const stack = thrown.stack ?? "";
  const duel = Array.from(stack.matchAll(DUEL), ([, place]) => place);
  const [, line, wasm] = PLACE.exec(stack) ?? [];
  const innermost = line ?? wasm;
  const isKnown = innermost === undefined || duel.includes(innermost);
  const tells = thrown instanceof AssertionError
    ? !thrown.generatedMessage && !COMPARISONS.has(thrown.operator)
    : !(thrown instanceof WebAssembly.RuntimeError);
  return isKnown || tells ? duel : [innermost, ...duel];
}

/** The name of a finding's reproducer: another run that finds the same writes the same file. */
export function reproducerName(finding: Finding): string {
  const hash = hashText(finding.errorClass).toString(16).padStart(8, "0");
  return `${finding.target}-${hash}.json`;
}
