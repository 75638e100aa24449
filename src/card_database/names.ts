/**
 * Names of readers, groups, devices and card types.
 *
 * @module
 */

import { PNP_NOTIFICATION } from "../resource_manager/mod.ts";
import { describe, misuse, quote } from "./misuse.ts";

/** Longest name, in UTF-16 units: that of a registry key, where Windows keeps names. */
export const MAX_NAME_LENGTH = 255;

/**
 * What two names have in common that differ in case alone. Windows keeps names as
 * registry keys, which are compared character by character in upper case.
 */
export function caseKey(name: string): string {
  let key = "";
  for (const character of name) {
    const upper = character.toUpperCase();
    // Only pairs: "ß" stays apart from "SS", the dotless i from "I".
    key += upper.toLowerCase() === character ? upper : character;
  }
  return key;
}

/**
 * Gives `name` back if it can be kept.
 *
 * @param attempt what the caller wanted, for the message
 * @param kind what the name is a name of, for the message
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER when it is no string,
 * SCARD_E_INVALID_VALUE when it is empty, too long, or no text that a multi-string holds
 */
export function checkName(
  name: unknown,
  kind: string,
  attempt: string,
): string {
  assertText(name, kind, attempt);
  const problem = nameProblem(name);
  if (problem === null) return name;
  throw misuse(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `the ${kind} ${quote(name)} ${problem}`,
    `1 to ${MAX_NAME_LENGTH} characters of well-formed text without NUL`,
  );
}

/** Whether something can have this name; what cannot is looked up in vain. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && nameProblem(name) === null;
}

/**
 * Checks that a name to look up is text.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function assertText(
  name: unknown,
  kind: string,
  attempt: string,
): asserts name is string {
  if (typeof name === "string") return;
  throw misuse(
    "SCARD_E_INVALID_PARAMETER",
    attempt,
    `the ${kind} is ${describe(name)}`,
    "a string",
  );
}

function nameProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (name.length > MAX_NAME_LENGTH) return `has ${name.length} characters`;
  if (name.includes("\0")) return "has a NUL in it";
  if (!name.isWellFormed()) return "has half a surrogate pair in it";
  return null;
}

/**
 * Gives `name` back if a reader can bear it: {@linkcode PNP_NOTIFICATION} is none.
 *
 * @throws {ResourceManagerError} as {@linkcode checkName}
 */
export function checkReaderName(name: unknown, attempt: string): string {
  const checked = checkName(name, "reader name", attempt);
  if (caseKey(checked) !== caseKey(PNP_NOTIFICATION)) return checked;
  throw misuse(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `the reader name ${quote(checked)} stands for the list of readers`,
    "another name",
  );
}
