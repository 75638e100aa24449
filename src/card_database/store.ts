/**
 * The SQLite file beneath the smart card database.
 *
 * A rollback journal, not a write-ahead log: one file that can be copied, and be read
 * where nobody may write beside it. `synchronous=EXTRA`: what was confirmed is on the
 * disk, whatever ends the process or the machine next.
 *
 * @module
 */

import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";
import { assertOurs, assertWhole } from "./file_check.ts";
import { quote } from "./misuse.ts";
import { migrate, MIGRATIONS, schemaVersion } from "./schema.ts";
import { guardSqlite } from "./sqlite_errors.ts";

/** Default of {@linkcode StoreOptions.busyTimeoutMs}, in milliseconds. */
export const DEFAULT_BUSY_TIMEOUT_MS = 5000;
const MAX_BUSY_TIMEOUT_MS = 0x7FFFFFFF;

/** Where the database is, and how it is used. */
export interface StoreOptions {
  /** Path of the file, made when missing; default: in memory, for this object alone. */
  readonly file?: string;
  /**
   * Open an existing file and change nothing in it; default false. A file whose last
   * writer was cut off in a change has to be opened by somebody who may write first.
   */
  readonly readOnly?: boolean;
  /**
   * Milliseconds that a call waits, and blocks this thread, while another process
   * writes; default {@linkcode DEFAULT_BUSY_TIMEOUT_MS}.
   */
  readonly busyTimeoutMs?: number;
}

/** One row of an answer. */
export type Row = Record<string, SQLOutputValue>;

/** SQL in, rows out; every failure is a `ResourceManagerError`. */
export class Store {
  #database: DatabaseSync;
  #statements = new Map<string, StatementSync>();
  #depth = 0;
  #ownChanges = 0;

  /**
   * Opens the file and brings its tables to the newest version.
   *
   * @throws {RangeError} when `busyTimeoutMs` is no delay or `file` is empty
   * @throws {ResourceManagerError} SCARD_E_INVALID_TARGET when the file is no smart card
   * database, damaged, or of a newer version, SCARD_E_NO_ACCESS when it would have to be
   * changed and may not, SCARD_E_SERVER_TOO_BUSY when others hold it too long
   */
  constructor(options: StoreOptions) {
    const { file, readOnly = false } = options;
    const timeout = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
    if (
      !Number.isInteger(timeout) || timeout < 0 || timeout > MAX_BUSY_TIMEOUT_MS
    ) {
      throw new RangeError(
        `Cannot open the smart card database: busyTimeoutMs is ${timeout}, expected 0 to ${MAX_BUSY_TIMEOUT_MS}`,
      );
    }
    if (file === "") {
      throw new RangeError(
        "Cannot open the smart card database: the file has no name, expected a path",
      );
    }
    const attempt = `open the smart card database ${
      quote(file ?? "in memory")
    }`;
    this.#database = guardSqlite(
      () => new DatabaseSync(file ?? ":memory:", { readOnly, timeout }),
      attempt,
    );
    try {
      guardSqlite(() => this.#prepareFile(attempt, readOnly), attempt);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Changes whenever the content may have changed, by whomever. */
  get revision(): string {
    const others = this.get("PRAGMA data_version")?.data_version;
    return `${others} ${this.#ownChanges}`;
  }

  /** Whether {@linkcode close} was not called yet. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** The first row, or undefined. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return guardSqlite(() => this.#statement(sql).get(...values));
  }

  /** All rows. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return guardSqlite(() => this.#statement(sql).all(...values));
  }

  /**
   * Changes something.
   *
   * @returns the number of rows that it concerned, and the id of the last one put in
   */
  run(
    sql: string,
    ...values: SQLInputValue[]
  ): { rows: number; lastId: number } {
    const { changes, lastInsertRowid } = guardSqlite(() =>
      this.#statement(sql).run(...values)
    );
    this.#ownChanges++;
    return { rows: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /**
   * Runs `action` as a whole: its changes are on the disk when this returns, and none
   * is kept when it throws. Inside another one it becomes final with that.
   *
   * @throws {TypeError} when `action` returns a promise: it must be done when it returns
   */
  atomically<R>(action: () => R): R {
    try {
      return this.#depth === 0
        ? this.#within("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", action)
        : this.#within(
          "SAVEPOINT part",
          "RELEASE part",
          "ROLLBACK TO part; RELEASE part",
          action,
        );
    } catch (error) {
      // What was taken back is a change, too.
      this.#ownChanges++;
      throw error;
    }
  }

  /** Runs `action` upon one state of the content, whatever others write meanwhile. */
  consistently<R>(action: () => R): R {
    return this.#depth === 0
      ? this.#within("BEGIN", "COMMIT", "ROLLBACK", action)
      : action();
  }

  /** Lets the file go; a second time nothing happens. */
  close(): void {
    if (!this.isOpen) return;
    this.#statements.clear();
    this.#database.close();
  }

  #within<R>(begin: string, end: string, undo: string, action: () => R): R {
    guardSqlite(() => this.#database.exec(begin));
    this.#depth++;
    try {
      const result = action();
      if (result instanceof Promise) {
        throw new TypeError(
          "Cannot use the smart card database as a whole: the action returned a promise, expected it to be done",
        );
      }
      guardSqlite(() => this.#database.exec(end));
      return result;
    } catch (error) {
      // SQLite itself takes everything back after some failures, such as a full disk.
      if (this.isOpen && this.#database.isTransaction) {
        this.#database.exec(undo);
      }
      throw error;
    } finally {
      this.#depth--;
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #prepareFile(attempt: string, readOnly: boolean): void {
    const database = this.#database;
    database.exec("PRAGMA trusted_schema = OFF");
    database.exec("PRAGMA foreign_keys = ON");
    database.exec("PRAGMA synchronous = EXTRA");
    // Another process may be making this very file: what is read must belong together.
    this.consistently(() => assertOurs(database, attempt, readOnly));
    if (schemaVersion(database) < MIGRATIONS.length) {
      // It may have been done while this one waited for its turn.
      this.atomically(() => {
        assertOurs(database, attempt, readOnly);
        migrate(database);
      });
    }
    this.consistently(() => assertWhole(database, attempt));
  }
}
