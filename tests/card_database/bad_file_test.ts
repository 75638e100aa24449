import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { CardDatabase } from "../../src/card_database/mod.ts";
import { MIGRATIONS } from "../../src/card_database/schema.ts";
import { guardSqlite } from "../../src/card_database/sqlite_errors.ts";
import { assertScard } from "./scard_error.ts";
import { filledFile, TemporaryFile } from "./temporary_file.ts";

/** Changes the file behind the library's back. */
function tamper(file: TemporaryFile, sql: string): void {
  const raw = new DatabaseSync(file.path);
  try {
    raw.exec(sql);
  } finally {
    raw.close();
  }
}

Deno.test("a file that is no database is left as it is", () => {
  using file = new TemporaryFile();
  const text = "This is a letter, not a database. ".repeat(200);
  Deno.writeTextFileSync(file.path, text);
  assertScard(
    "SCARD_E_INVALID_TARGET",
    () => CardDatabase.open({ file: file.path }),
    /cards\.db.*not a database/,
  );
  assert.equal(Deno.readTextFileSync(file.path), text);
});

Deno.test("a database of another program is left as it is", () => {
  using file = new TemporaryFile();
  tamper(file, "CREATE TABLE bookmark (url TEXT)");
  const before = Deno.readFileSync(file.path);
  const open = () => CardDatabase.open({ file: file.path });
  assertScard("SCARD_E_INVALID_TARGET", open, /another program/);
  assert.deepEqual(Deno.readFileSync(file.path), before);
  tamper(file, "DROP TABLE bookmark; PRAGMA application_id = 7");
  assertScard("SCARD_E_INVALID_TARGET", open, /another program/);
});

Deno.test("a database of a newer version is left to the newer program", () => {
  using file = filledFile();
  tamper(file, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  assertScard(
    "SCARD_E_INVALID_TARGET",
    () => CardDatabase.open({ file: file.path }),
    new RegExp(`version is ${MIGRATIONS.length + 1}.*${MIGRATIONS.length} at`),
  );
});

Deno.test("tables that were changed from outside are refused", () => {
  for (
    const sql of [
      "DROP TABLE card_provider",
      "ALTER TABLE reader ADD COLUMN note TEXT",
      "DROP TRIGGER group_left",
      "CREATE TRIGGER mine AFTER INSERT ON reader BEGIN SELECT 1; END",
    ]
  ) {
    using file = filledFile();
    tamper(file, sql);
    assertScard(
      "SCARD_E_INVALID_TARGET",
      () => CardDatabase.open({ file: file.path }),
      /tables are not those/,
    );
  }
});

Deno.test("values that no table may hold are found when the file is opened", () => {
  using file = filledFile();
  tamper(
    file,
    "PRAGMA ignore_check_constraints = ON; UPDATE card_type SET atr = x''",
  );
  assertScard(
    "SCARD_E_INVALID_TARGET",
    () => CardDatabase.open({ file: file.path }),
    /damaged.*card_type/,
  );
});

Deno.test("a damaged file is an error with a code, wherever the damage is", () => {
  using file = filledFile();
  const whole = Deno.readFileSync(file.path);
  const pageBytes = 4096;
  for (let page = 0; page * pageBytes < whole.length; page++) {
    const bytes = whole.slice();
    bytes.fill(0xA5, page * pageBytes, (page + 1) * pageBytes);
    Deno.writeFileSync(file.path, bytes);
    assertScard(
      "SCARD_E_INVALID_TARGET",
      () => CardDatabase.open({ file: file.path }),
    );
  }
  Deno.writeFileSync(file.path, whole.slice(0, whole.length - pageBytes));
  assertScard(
    "SCARD_E_INVALID_TARGET",
    () => CardDatabase.open({ file: file.path }),
  );
  Deno.writeFileSync(file.path, whole);
  CardDatabase.open({ file: file.path }).close();
});

Deno.test("a change that was cut off half written is taken back by the next writer", () => {
  using file = filledFile();
  using copy = new TemporaryFile();
  const raw = new DatabaseSync(file.path);
  try {
    // A cache this small has to write into the file before the change is final.
    raw.exec("PRAGMA cache_size = 5; BEGIN IMMEDIATE");
    const insert = raw.prepare("INSERT INTO reader_group VALUES (?, ?)");
    for (let i = 0; i < 2000; i++) insert.run(`${i}`, "half".repeat(20));
    Deno.copyFileSync(file.path, copy.path);
    Deno.copyFileSync(`${file.path}-journal`, `${copy.path}-journal`);
    raw.exec("ROLLBACK");
  } finally {
    raw.close();
  }
  assert.ok(Deno.statSync(copy.path).size > Deno.statSync(file.path).size);
  assertScard(
    "SCARD_E_NO_ACCESS",
    () => CardDatabase.open({ file: copy.path, readOnly: true }),
  );
  using database = CardDatabase.open({ file: copy.path });
  assert.deepEqual(database.listReaders(), ["Desk"]);
  using reader = CardDatabase.open({ file: copy.path, readOnly: true });
  assert.deepEqual(reader.listReaderGroups(), ["SCard$DefaultReaders"]);
});

Deno.test("a full disk is SCARD_E_WRITE_TOO_MANY, what SQLite says else an internal error", () => {
  const raw = new DatabaseSync(":memory:");
  try {
    raw.exec("CREATE TABLE t (a); PRAGMA max_page_count = 2");
    assertScard(
      "SCARD_E_WRITE_TOO_MANY",
      () =>
        guardSqlite(() => raw.exec("INSERT INTO t VALUES (zeroblob(99999))")),
    );
    assertScard(
      "SCARD_F_INTERNAL_ERROR",
      () => guardSqlite(() => raw.exec("SELECT nothing FROM t")),
    );
    assert.throws(
      () =>
        guardSqlite(() => {
          throw new TypeError("not of SQLite's");
        }),
      TypeError,
    );
  } finally {
    raw.close();
  }
});
