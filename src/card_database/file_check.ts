/**
 * Whether a file is a smart card database, and whole.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { misuse } from "./misuse.ts";
import {
  APPLICATION_ID,
  expectedSchemaText,
  MIGRATIONS,
  pragma,
  schemaText,
  schemaVersion,
} from "./schema.ts";

/**
 * Accepts a file of ours of a version that is known here, or one with nothing in it.
 *
 * @param attempt what the caller wanted, for the message
 * @throws {ResourceManagerError} SCARD_E_INVALID_TARGET, or SCARD_E_NO_ACCESS when the
 * file is of an older version and read-only
 */
export function assertOurs(
  database: DatabaseSync,
  attempt: string,
  readOnly: boolean,
): void {
  const version = schemaVersion(database);
  const application = Number(pragma(database, "application_id"));
  const empty = version === 0 && application === 0 &&
    schemaText(database) === "[]";
  if (!empty && application !== APPLICATION_ID) {
    throw invalidFile(attempt, "it holds the tables of another program");
  }
  if (version > MIGRATIONS.length) {
    throw misuse(
      "SCARD_E_INVALID_TARGET",
      attempt,
      `its version is ${version}`,
      `${MIGRATIONS.length} at most`,
    );
  }
  if (readOnly && version < MIGRATIONS.length) {
    throw misuse(
      "SCARD_E_NO_ACCESS",
      attempt,
      `its version is ${version} and it was opened read-only`,
      `version ${MIGRATIONS.length}`,
    );
  }
}

/**
 * Accepts a file of the newest version with all its tables, undamaged.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_TARGET
 */
export function assertWhole(database: DatabaseSync, attempt: string): void {
  if (schemaText(database) !== expectedSchemaText()) {
    throw invalidFile(attempt, "its tables are not those of its version");
  }
  const verdict = pragma(database, "quick_check");
  if (verdict !== "ok") {
    throw invalidFile(attempt, `SQLite finds it damaged (${verdict})`);
  }
}

function invalidFile(attempt: string, found: string): Error {
  return misuse(
    "SCARD_E_INVALID_TARGET",
    attempt,
    found,
    "a smart card database, whole, or an empty file",
  );
}
