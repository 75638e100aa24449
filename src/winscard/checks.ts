/**
 * Checks of what callers pass.
 *
 * @module
 */

import { refusal } from "./answer.ts";

const MAX_UINT32 = 0xFFFFFFFF;

/**
 * An unsigned 32-bit number (DWORD).
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkDword(
  value: unknown,
  what: string,
  attempt: string,
): number {
  if (isDword(value)) return value;
  throw invalid(attempt, what, value, "an integer of 32 bits, unsigned");
}

/** Whether a value is an unsigned 32-bit number. */
export function isDword(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 &&
    value <= MAX_UINT32;
}

/**
 * A text.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkText(
  value: unknown,
  what: string,
  attempt: string,
): string {
  if (typeof value === "string") return value;
  throw invalid(attempt, what, value, "a string");
}

/**
 * Bytes.
 *
 * @param length how many, when it matters
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkBytes(
  value: unknown,
  what: string,
  attempt: string,
  length?: number,
): Uint8Array {
  if (value instanceof Uint8Array) {
    if (length === undefined || value.length === length) return value;
    throw invalid(attempt, what, value, `${length} bytes`);
  }
  throw invalid(attempt, what, value, "a Uint8Array");
}

/**
 * A list; its members are checked one by one.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
function checkList<T>(
  value: readonly T[],
  what: string,
  attempt: string,
): readonly T[] {
  if (Array.isArray(value)) return value;
  throw invalid(attempt, what, value, "an array");
}

/**
 * Texts; null is kept.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkTexts(
  value: readonly string[] | null,
  what: string,
  attempt: string,
): readonly string[] | null {
  if (value === null) return null;
  const list = checkList(value, `list of ${what}s`, attempt);
  return list.map((text) => checkText(text, what, attempt));
}

/**
 * Objects; their members are checked where they are used.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function checkObjects<T extends object>(
  value: readonly T[],
  what: string,
  attempt: string,
): readonly T[] {
  for (const item of checkList(value, `list of ${what}s`, attempt)) {
    if (typeof item === "object" && item !== null) continue;
    throw invalid(attempt, what, item, "an object");
  }
  return value;
}

/** SCARD_E_INVALID_PARAMETER for a value of the wrong kind. */
export function invalid(
  attempt: string,
  what: string,
  value: unknown,
  expected: string,
): Error {
  return refusal(
    "SCARD_E_INVALID_PARAMETER",
    attempt,
    `the ${what} is ${describe(value)}`,
    expected,
  );
}

/** What a value is, in a few words whatever its size. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "number" ? String(value) : `a ${typeof value}`;
}
