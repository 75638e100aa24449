/**
 * The tables of the database, and how an older file becomes a newer one.
 *
 * Whoever changes a table appends a migration; those that are here stay as they are.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

/** `PRAGMA application_id` of the files: "SCDB". */
export const APPLICATION_ID = 0x53434442;

/** `MIGRATIONS[n]` leads from `PRAGMA user_version` n to n + 1. */
export const MIGRATIONS: readonly string[] = [
  `
  -- A name of a device; a device may have several. The keys are names without case.
  CREATE TABLE reader (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    device TEXT NOT NULL,
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1))
  ) STRICT;
  CREATE INDEX reader_device ON reader (device);

  CREATE TABLE reader_group (
    key TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE membership (
    reader INTEGER NOT NULL REFERENCES reader ON DELETE CASCADE,
    reader_group TEXT NOT NULL REFERENCES reader_group,
    PRIMARY KEY (reader, reader_group)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX membership_group ON membership (reader_group);

  -- A group without readers vanishes.
  CREATE TRIGGER group_left AFTER DELETE ON membership
  BEGIN
    DELETE FROM reader_group WHERE key = old.reader_group AND NOT EXISTS (
      SELECT 1 FROM membership WHERE reader_group = old.reader_group);
  END;

  CREATE TABLE card_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    atr BLOB NOT NULL CHECK (length(atr) BETWEEN 1 AND 36),
    mask BLOB CHECK (mask IS NULL OR length(mask) = length(atr)),
    primary_provider TEXT
  ) STRICT;

  CREATE TABLE card_interface (
    card_type INTEGER NOT NULL REFERENCES card_type ON DELETE CASCADE,
    position INTEGER NOT NULL,
    guid TEXT NOT NULL,
    PRIMARY KEY (card_type, position),
    UNIQUE (card_type, guid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE card_provider (
    card_type INTEGER NOT NULL REFERENCES card_type ON DELETE CASCADE,
    provider INTEGER NOT NULL CHECK (provider BETWEEN 2 AND 4294967295),
    name TEXT NOT NULL,
    PRIMARY KEY (card_type, provider)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** The version of a file, `PRAGMA user_version`. */
export function schemaVersion(database: DatabaseSync): number {
  return Number(pragma(database, "user_version"));
}

/** Value of a pragma that takes none. */
export function pragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

/**
 * Brings the tables to the newest version; belongs into a transaction.
 *
 * @param migrations default {@linkcode MIGRATIONS}
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly string[] = MIGRATIONS,
): void {
  for (const migration of migrations.slice(schemaVersion(database))) {
    database.exec(migration);
  }
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
}

/** What the tables look like, as one text that is equal for equal tables. */
export function schemaText(database: DatabaseSync): string {
  const rows = database.prepare(
    "SELECT type, name, sql FROM sqlite_schema " +
      "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name",
  ).all();
  return JSON.stringify(rows.map((row) => Object.values(row)));
}

/** {@linkcode schemaText} of a file that `migrations` have made. */
export function expectedSchemaText(
  migrations: readonly string[] = MIGRATIONS,
): string {
  const scratch = new DatabaseSync(":memory:");
  try {
    migrate(scratch, migrations);
    return schemaText(scratch);
  } finally {
    scratch.close();
  }
}
