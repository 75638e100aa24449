/**
 * Outputs of variable length: how long they are, and whether the caller has room.
 *
 * @module
 */

import { type Outcome, refusal } from "./answer.ts";
import { checkDword } from "./checks.ts";
import { SCARD_E_INSUFFICIENT_BUFFER } from "./codes.ts";
import { SCARD_AUTOALLOCATE } from "./constants.ts";

/**
 * Room that a caller has for an output: bytes, characters (UTF-16 units with all NULs)
 * or elements, SCARD_AUTOALLOCATE for any length; null when the length alone is asked for.
 */
export type MaxLength = number | null;

/**
 * Checks the room that a caller has; nothing is {@linkcode SCARD_AUTOALLOCATE}.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkMaxLength(
  value: MaxLength | undefined,
  attempt: string,
): MaxLength {
  if (value === undefined) return SCARD_AUTOALLOCATE;
  return value === null ? null : checkDword(value, "length", attempt);
}

/** Characters of a text with the NUL at its end. */
export function textLength(text: string): number {
  return text.length + 1;
}

/** Characters of a multi-string: each text with its NUL, and one more at the end. */
export function multiStringLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + textLength(text), 1);
}

/** Whether there is room for an output of this length, and it is wanted. */
export function isRoom(length: number, maxLength: MaxLength): boolean {
  return maxLength !== null &&
    (maxLength === SCARD_AUTOALLOCATE || length <= maxLength);
}

/**
 * Gives an output to a caller who has room for it; otherwise its length alone, which is
 * a failure unless nothing else was asked for.
 *
 * @param full the outputs, among them `length`
 * @param empty the same without what has no room
 */
export function fit<Outputs extends { readonly length: number }>(
  full: Outputs,
  empty: Outputs,
  maxLength: MaxLength,
  attempt: string,
): Outcome<Outputs> {
  const { length } = full;
  if (isRoom(length, maxLength)) return full;
  const lengthAlone = { ...empty, length };
  return maxLength === null
    ? lengthAlone
    : { ...lengthAlone, ...tooSmall(attempt, length, maxLength) };
}

/** SCARD_E_INSUFFICIENT_BUFFER. */
export function tooSmall(
  attempt: string,
  length: number,
  maxLength: number,
): { code: number; error: Error } {
  return {
    code: SCARD_E_INSUFFICIENT_BUFFER,
    error: refusal(
      "SCARD_E_INSUFFICIENT_BUFFER",
      attempt,
      `there is room for ${maxLength}`,
      `${length} at least`,
    ),
  };
}
