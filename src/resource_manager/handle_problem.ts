/**
 * What can be wrong with a connection.
 *
 * @module
 */

import { ResourceManagerError } from "./errors.ts";
import type { ScardName } from "./scard_codes.ts";

/** Why a connection cannot be used. */
export type HandleProblem =
  | "closed"
  | "reader-unavailable"
  | "card-removed"
  | "card-reset";

const PROBLEMS: Readonly<
  Record<HandleProblem, { code: ScardName; found: string; expected: string }>
> = {
  closed: {
    code: "SCARD_E_INVALID_HANDLE",
    found: "the connection was closed",
    expected: "an open one",
  },
  "reader-unavailable": {
    code: "SCARD_E_READER_UNAVAILABLE",
    found: "the reader was removed or does not work",
    expected: "a working reader",
  },
  "card-removed": {
    code: "SCARD_W_REMOVED_CARD",
    found: "the card was removed",
    expected: "a reconnect first",
  },
  "card-reset": {
    code: "SCARD_W_RESET_CARD",
    found: "the card was reset or powered down",
    expected: "a reconnect first",
  },
};

/**
 * The error for a problem.
 *
 * @param attempt for the message: `transmit to "Reader 0"`
 */
export function handleError(
  problem: HandleProblem,
  attempt: string,
): ResourceManagerError {
  const { code, found, expected } = PROBLEMS[problem];
  return new ResourceManagerError(
    code,
    `Cannot ${attempt}: ${found}, expected ${expected}`,
  );
}
