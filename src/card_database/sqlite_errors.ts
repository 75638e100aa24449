/**
 * What SQLite says, in SCARD_* codes.
 *
 * @module
 */

import {
  ResourceManagerError,
  type ScardName,
} from "../resource_manager/mod.ts";

/** A cause by the text of SQLite's message; `node:sqlite` hands out no number. */
interface Cause {
  readonly text: RegExp;
  readonly name: ScardName;
  readonly expected: string;
}

const CAUSES: readonly Cause[] = [
  {
    text: /database (table )?is locked/,
    name: "SCARD_E_SERVER_TOO_BUSY",
    expected: "other processes to be done with the file sooner",
  },
  {
    text: /readonly database/,
    name: "SCARD_E_NO_ACCESS",
    expected: "a file that may be written",
  },
  {
    text: /not a database|malformed|unable to open|disk image/,
    name: "SCARD_E_INVALID_TARGET",
    expected: "a smart card database, whole and within reach",
  },
  {
    text: /is full/,
    name: "SCARD_E_WRITE_TOO_MANY",
    expected: "room on the disk",
  },
  {
    text: /is not open/,
    name: "SCARD_E_NO_SERVICE",
    expected: "an open one",
  },
];

const OTHER: Omit<Cause, "text"> = {
  name: "SCARD_F_INTERNAL_ERROR",
  expected: "SQLite to do it",
};

/**
 * Runs `action`; what SQLite throws comes out as a `ResourceManagerError`.
 *
 * @param attempt what the caller wanted, for the message
 */
export function guardSqlite<R>(
  action: () => R,
  attempt = "use the smart card database",
): R {
  try {
    return action();
  } catch (error) {
    throw isSqliteError(error) ? fromSqlite(error, attempt) : error;
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && error.name === "Error" && "code" in error &&
    typeof error.code === "string" &&
    /^ERR_(SQLITE_ERROR|INVALID_STATE)$/.test(error.code);
}

function fromSqlite(error: Error, attempt: string): ResourceManagerError {
  const { name, expected } =
    CAUSES.find(({ text }) => text.test(error.message)) ?? OTHER;
  return new ResourceManagerError(
    name,
    `Cannot ${attempt}: ${error.message}, expected ${expected}`,
    { cause: error },
  );
}
