/**
 * Errors of this folder's making, and how found values are named in them.
 *
 * @module
 */

import {
  ResourceManagerError,
  type ScardName,
} from "../resource_manager/mod.ts";

/** Longest piece of a caller's text that a message quotes, in UTF-16 units. */
const MAX_QUOTED_LENGTH = 60;

/** An error in the form `Cannot <attempt>: <found>, expected <expected>`. */
export function misuse(
  name: ScardName,
  attempt: string,
  found: string,
  expected: string,
): ResourceManagerError {
  return new ResourceManagerError(
    name,
    `Cannot ${attempt}: ${found}, expected ${expected}`,
  );
}

/** What a value is, in a few words whatever its size. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
    case "boolean":
      return String(value);
    case "undefined":
      return "nothing";
    default:
      return `a value of type ${typeof value}`;
  }
}

/** A text in quotation marks, shortened where it is long. */
export function quote(text: string): string {
  return text.length <= MAX_QUOTED_LENGTH
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, MAX_QUOTED_LENGTH))}...`;
}
