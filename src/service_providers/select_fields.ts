/**
 * P1, P2 and data of SELECT (ISO/IEC 7816-4 11.2.2).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import { assertRange } from "./command_apdu.ts";

/** How a file is named. */
export type SelectBy =
  | "file-id"
  | "child-df"
  | "child-ef"
  | "parent"
  | "name"
  | "path-from-mf"
  | "path-from-df";

/** What SELECT answers with. */
export type SelectAnswer = "fci" | "fcp" | "fmd" | "none";

/** What to select. */
export interface SelectTarget {
  /** How `value` names the file. */
  readonly by: SelectBy;
  /**
   * File identifier (2 bytes, none for the MF), DF name (1 to 16), or path (2 bytes each,
   * without the file that it starts from); nothing for the parent.
   */
  readonly value?: Uint8Array;
  /** Default `fci`. */
  readonly answer?: SelectAnswer;
  /** Which of several files with this name; default the first. */
  readonly occurrence?: "first" | "last" | "next" | "previous";
}

/** Fields of SELECT. */
export interface SelectFields {
  /** How the file is named. */
  readonly p1: number;
  /** Which occurrence, and what it answers with. */
  readonly p2: number;
  /** The name. */
  readonly data: Uint8Array;
  /** Whether response data are wanted. */
  readonly wantsAnswer: boolean;
}

interface NameRule {
  readonly p1: number;
  readonly fewest: number;
  readonly most: number;
  /** Bytes come in units of so many. */
  readonly unit: number;
}

const RULES: Readonly<Record<SelectBy, NameRule>> = {
  "file-id": { p1: 0x00, fewest: 0, most: 2, unit: 2 },
  "child-df": { p1: 0x01, fewest: 2, most: 2, unit: 2 },
  "child-ef": { p1: 0x02, fewest: 2, most: 2, unit: 2 },
  "parent": { p1: 0x03, fewest: 0, most: 0, unit: 1 },
  "name": { p1: 0x04, fewest: 1, most: 16, unit: 1 },
  "path-from-mf": { p1: 0x08, fewest: 2, most: 254, unit: 2 },
  "path-from-df": { p1: 0x09, fewest: 2, most: 254, unit: 2 },
};

const ANSWERS: Readonly<Record<SelectAnswer, number>> = {
  fci: 0x00,
  fcp: 0x04,
  fmd: 0x08,
  none: 0x0c,
};

const OCCURRENCES = { first: 0, last: 1, next: 2, previous: 3 } as const;

/**
 * P1, P2 and data of SELECT.
 *
 * @throws {RangeError} when the name has an impossible length, or a word is none of those
 */
export function selectFields(target: SelectTarget): SelectFields {
  const {
    by,
    value = NO_BYTES,
    answer = "fci",
    occurrence = "first",
  } = target;
  const rule = pick(RULES, by, "way to name a file");
  const answerBits = pick(ANSWERS, answer, "answer of SELECT");
  const occurrenceBits = pick(OCCURRENCES, occurrence, "occurrence");
  assertRange(value.length, rule.fewest, rule.most, `the length of the ${by}`);
  if (value.length % rule.unit !== 0) {
    throw new RangeError(
      `Cannot build a command: the ${by} has ${value.length} bytes, expected two for each file`,
    );
  }
  return {
    p1: rule.p1,
    p2: answerBits | occurrenceBits,
    data: value,
    wantsAnswer: answer !== "none",
  };
}

function pick<T>(
  table: Readonly<Record<string, T>>,
  word: string,
  what: string,
): T {
  if (Object.hasOwn(table, word)) return table[word];
  throw new RangeError(
    `Cannot build a command: the ${what} is ${
      JSON.stringify(word)
    }, expected one of ${Object.keys(table).join(", ")}`,
  );
}
