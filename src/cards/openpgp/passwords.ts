/**
 * Comparing and changing passwords (specification 3.4, 4.3).
 *
 * @module
 */

import { equalBytes } from "../../bytes.ts";
import { fail } from "../file_system/status_words.ts";
import type { OpenPgpMemory } from "./memory.ts";
import type { PasswordReference } from "./session.ts";
import { PASSWORD_TRIES, type PasswordName } from "./state.ts";
import { SW } from "./status_words.ts";

/** Bytes of the longest password. */
export const LONGEST_PASSWORD_BYTES: number = 127;

const SHORTEST_BYTES: Record<PasswordName, number> = {
  pw1: 6,
  pw3: 8,
  resetCode: 8,
};

/** The password behind a reference of VERIFY. */
export function passwordOf(reference: PasswordReference): PasswordName {
  return reference === 0x83 ? "pw3" : "pw1";
}

/**
 * Compares, and counts: a wrong try of any length takes one away, the right one gives all back.
 * Ends the command with 6983 when none is left.
 */
export function isPassword(
  memory: OpenPgpMemory,
  name: PasswordName,
  given: Uint8Array,
): boolean {
  const { value, triesLeft } = memory.state.passwords[name];
  if (triesLeft === 0) fail(SW.AUTHENTICATION_METHOD_BLOCKED);
  const isRight = equalBytes(given, value);
  const left = isRight ? PASSWORD_TRIES : triesLeft - 1;
  if (left !== triesLeft) memory.edit().passwords[name].triesLeft = left;
  return isRight;
}

/** Sets a new value with all its tries; ends the command with 6A80 when its length is not allowed. */
export function setPassword(
  memory: OpenPgpMemory,
  name: PasswordName,
  value: Uint8Array,
): void {
  const { length } = value;
  if (length < SHORTEST_BYTES[name] || length > LONGEST_PASSWORD_BYTES) {
    fail(SW.INCORRECT_DATA);
  }
  memory.edit().passwords[name] = {
    value: value.slice(),
    triesLeft: PASSWORD_TRIES,
  };
}
