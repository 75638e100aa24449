/**
 * What pcscd looks at before it does something, one check each; commands do them in
 * different orders (resource manager reference 2.8).
 *
 * @module
 */

import {
  type Connection,
  ResourceManagerError,
  type ScardName,
} from "../../resource_manager/mod.ts";

/**
 * The error of a request.
 *
 * @param found what was found and what was expected, as messages end
 */
export function refusal(
  name: ScardName,
  attempt: string,
  found: string,
): ResourceManagerError {
  return new ResourceManagerError(name, `Cannot ${attempt}: ${found}`);
}

/**
 * Sharing check: no other connection runs a transaction.
 *
 * @throws {ResourceManagerError} SCARD_E_SHARING_VIOLATION
 */
export function assertNotLocked(connection: Connection, attempt: string): void {
  const { owner } = connection.reader.lock;
  if (owner === null || owner === connection) return;
  throw refusal(
    "SCARD_E_SHARING_VIOLATION",
    `${attempt} "${connection.reader.name}"`,
    "another connection runs a transaction, expected none",
  );
}

/**
 * Status check: the reader works.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE when it was removed,
 * SCARD_E_READER_UNAVAILABLE when it does not work
 */
export function assertReader({ reader }: Connection, attempt: string): void {
  if (reader.removed) {
    throw refusal(
      "SCARD_E_INVALID_VALUE",
      `${attempt} "${reader.name}"`,
      "the reader was removed, expected one that is there",
    );
  }
  reader.assertUsable(`${attempt} "${reader.name}"`);
}

/**
 * Event check: the card is the one that the connection was made with.
 *
 * @throws {ResourceManagerError} SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD
 */
export function assertCard(connection: Connection, attempt: string): void {
  connection.assertUsable(attempt);
}

/**
 * What the failure of a driver is called (3.2): what the table of a command does not
 * name is SCARD_E_NOT_TRANSACTED.
 *
 * @param named codes that stay as they are
 */
export function driverFailure(
  error: unknown,
  named: ReadonlySet<ScardName>,
): unknown {
  if (!(error instanceof ResourceManagerError) || error.status === null) {
    return error;
  }
  if (named.has(error.name)) return error;
  return new ResourceManagerError("SCARD_E_NOT_TRANSACTED", error.message, {
    status: error.status,
    cause: error,
  });
}
