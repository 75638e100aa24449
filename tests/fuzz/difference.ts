/**
 * In which way something differs from what was expected, in few words: two inputs
 * that meet the same mistake are to give the same words, two mistakes different ones.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";

/** Numbers and bytes, decimal or hexadecimal; lower-case letters alone are a word. */
const NUMBER =
  /\b(?:0[xX][0-9a-fA-F]+|[0-9A-F]{2,}|[0-9a-fA-F]*\d[0-9a-fA-F]*)\b|\d+/g;
const NUMBERS_IN_A_ROW = /#(?:[\s,:]*#)+/g;

/** A text with "#" for its numbers. */
export function withoutNumbers(text: string): string {
  return text.replace(NUMBER, "#").replace(NUMBERS_IN_A_ROW, "#");
}

/** Most fields named; what many fields have in common shows in the first of them. */
const MAX_FIELDS = 3;

/** How `actual` differs from `expected`: which fields, which entries, or where in a text. */
export function differenceOf(actual: unknown, expected: unknown): string {
  if (typeof actual === "string" && typeof expected === "string") {
    return textDifference(actual, expected);
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return listDifference(actual, expected);
  }
  if (isRecord(actual) && isRecord(expected)) {
    return fieldDifference(actual, expected);
  }
  return `${sortOf(actual)}, expected ${sortOf(expected)}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortOf(value: unknown): string {
  return value === null || typeof value === "boolean"
    ? String(value)
    : typeof value;
}

function fieldDifference(
  actual: Record<string, unknown>,
  expected: Record<string, unknown>,
): string {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const differing = [...names].filter((name) =>
    !isDeepStrictEqual(actual[name], expected[name])
  );
  return differing.slice(0, MAX_FIELDS).map((name) => {
    const [found, wanted] = [actual[name], expected[name]];
    if (Array.isArray(found) && Array.isArray(wanted)) {
      return `${name} ${listDifference(found, wanted)}`;
    }
    return typeof found === "boolean" ? `${name} ${found}` : name;
  }).join(", ");
}

/** Of names the first that is missing (-) or too much (+), of other things the first place. */
function listDifference(
  actual: readonly unknown[],
  expected: readonly unknown[],
): string {
  if ([...actual, ...expected].every((entry) => typeof entry === "string")) {
    const names = [
      ...expected.filter((name) => !actual.includes(name)).map((name) =>
        `-${name}`
      ),
      ...actual.filter((name) => !expected.includes(name)).map((name) =>
        `+${name}`
      ),
    ].sort();
    // A number in a name belongs to it, but for a count behind it.
    if (names.length > 0) return names[0].replace(/_\d+$/, "_#");
  }
  const place = expected.findIndex((entry, index) =>
    !isDeepStrictEqual(entry, actual[index])
  );
  return place < 0 ? "[too long]" : `[${place}]`;
}

/** The first lines where they differ in words or in the kind of block, else the first number that differs. */
function textDifference(actual: string, expected: string): string {
  const [found] = actual.split("\n", 1);
  const [wanted] = expected.split("\n", 1);
  const [foundKind, wantedKind] = [kindOf(found), kindOf(wanted)];
  if (foundKind !== wantedKind) return `${foundKind}, expected ${wantedKind}`;
  const foundNumbers: string[] = found.match(NUMBER) ?? [];
  const wantedNumbers: string[] = wanted.match(NUMBER) ?? [];
  const index = foundNumbers.findIndex((each, i) => each !== wantedNumbers[i]);
  if (index < 0) return foundKind;
  // Bytes come first in a line, then counts.
  const how = index === 0
    ? placeOf(foundNumbers[0], wantedNumbers[0] ?? "")
    : "differs";
  return `${foundKind}: number ${index} ${how}`;
}

/** The kinds of T=1 block by the first bits of PCB (ISO/IEC 7816-3 11.3.2.2); of a TPDU it is INS that falls into classes. */
const BLOCKS = ["I", "R", "S request", "S response"];

/** A line without its numbers; of a block sent ("> HEX ...") what kind it is besides. */
function kindOf(line: string): string {
  const words = withoutNumbers(line);
  const [, second] = /^> [0-9A-F]{2}([0-9A-F]{2})/.exec(line) ?? [];
  if (second === undefined) return words;
  const ones = Math.clz32(~(parseInt(second, 16) << 24));
  return `${BLOCKS[Math.min(ones, BLOCKS.length - 1)]} ${words}`;
}

/** Where two strings of bytes differ first; the last two bytes are the check or the status. */
function placeOf(found: string, wanted: string): string {
  if (found.length !== wanted.length) {
    return found.length < wanted.length ? "is too short" : "is too long";
  }
  const bytes = wanted.length >> 1;
  let byte = 0;
  while (
    found.slice(2 * byte, 2 * byte + 2) === wanted.slice(2 * byte, 2 * byte + 2)
  ) byte++;
  if (byte < 3) return `differs in byte ${byte}`;
  return byte < bytes - 2 ? "differs within" : "differs at its end";
}
