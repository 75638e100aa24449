/**
 * GUIDs as text: of interfaces that a card supports, and of its primary provider.
 *
 * @module
 */

import { describe, misuse } from "./misuse.ts";

/** A GUID in the form `{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}`, upper case. */
export type Guid = string;

const GUID =
  /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/**
 * A GUID in its one form.
 *
 * @param value in either case, braces or not
 * @param attempt what the caller wanted, for the message
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER when it is no GUID
 */
export function normalizeGuid(value: unknown, attempt: string): Guid {
  const match = typeof value === "string" ? GUID.exec(value) : null;
  if (match === null || hasOneBrace(match[0])) {
    throw misuse(
      "SCARD_E_INVALID_PARAMETER",
      attempt,
      `a GUID is ${describe(value)}`,
      "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX} in hexadecimal",
    );
  }
  return `{${match[1].toUpperCase()}}`;
}

function hasOneBrace(text: string): boolean {
  return text.startsWith("{") !== text.endsWith("}");
}

/**
 * GUIDs in their one form, in order, each once.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER when one is no GUID
 */
export function normalizeGuids(values: unknown, attempt: string): Guid[] {
  if (!Array.isArray(values)) {
    throw misuse(
      "SCARD_E_INVALID_PARAMETER",
      attempt,
      `interfaces is ${describe(values)}`,
      "an array of GUIDs",
    );
  }
  const guids = new Set<Guid>();
  for (const value of values) guids.add(normalizeGuid(value, attempt));
  return [...guids];
}
