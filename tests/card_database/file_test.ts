import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fromHex } from "../../src/bytes.ts";
import { CardDatabase } from "../../src/card_database/mod.ts";
import {
  APPLICATION_ID,
  expectedSchemaText,
  migrate,
  MIGRATIONS,
  schemaText,
  schemaVersion,
} from "../../src/card_database/schema.ts";
import { assertScard } from "./scard_error.ts";
import { filledFile, TemporaryFile } from "./temporary_file.ts";

Deno.test("what one opening wrote the next one reads", () => {
  using file = filledFile();
  using database = CardDatabase.open({ file: file.path });
  assert.deepEqual(database.listReaders(), ["Desk"]);
  assert.deepEqual(database.listCards({ atr: fromHex("3B00") }), ["A"]);
});

Deno.test("an open database beside another sees its confirmed changes at once", () => {
  using file = filledFile();
  using one = CardDatabase.open({ file: file.path });
  using other = CardDatabase.open({ file: file.path });
  assert.deepEqual(other.listCards({ atr: fromHex("3B01") }), []);
  one.introduceCardType({ name: "B", atr: fromHex("3B01") });
  assert.deepEqual(other.listCards({ atr: fromHex("3B01") }), ["B"]);
  other.forgetCardType("B");
  assert.deepEqual(one.listCards({ atr: fromHex("3B01") }), []);
});

Deno.test("a database in memory is its own", () => {
  using one = CardDatabase.open();
  using other = CardDatabase.open();
  one.introduceReader("Desk", "Reader 0");
  assert.deepEqual(other.readers, []);
});

Deno.test("a read-only database is read, and changed by nothing", () => {
  using file = filledFile();
  const before = Deno.readFileSync(file.path);
  using database = CardDatabase.open({ file: file.path, readOnly: true });
  assert.deepEqual(database.listReaders(), ["Desk"]);
  assert.deepEqual(database.introduceDevice("Reader 0", "Reader 0"), ["Desk"]);
  for (
    const action of [
      () => database.introduceReader("Till", "Reader 0"),
      () => database.introduceDevice("Reader 1", "Reader 1"),
      () => database.forgetReader("Desk"),
      () => database.forgetReaderGroup("Home"),
      () => database.importJson(database.exportJson()),
    ]
  ) assertScard("SCARD_E_NO_ACCESS", action);
  assert.deepEqual(Deno.readFileSync(file.path), before);
});

Deno.test("a read-only database must be there, and be one", () => {
  using file = new TemporaryFile();
  const open = () => CardDatabase.open({ file: file.path, readOnly: true });
  assertScard("SCARD_E_INVALID_TARGET", open, /cards\.db/);
  Deno.writeFileSync(file.path, new Uint8Array());
  assertScard("SCARD_E_NO_ACCESS", open, /version is 0/);
});

Deno.test("an empty file becomes a database", () => {
  using file = new TemporaryFile();
  Deno.writeFileSync(file.path, new Uint8Array());
  using database = CardDatabase.open({ file: file.path });
  assert.deepEqual(database.readers, []);
});

Deno.test("a file that another holds too long is SCARD_E_SERVER_TOO_BUSY", () => {
  using file = filledFile();
  using database = CardDatabase.open({ file: file.path, busyTimeoutMs: 20 });
  const other = new DatabaseSync(file.path);
  try {
    other.exec("BEGIN EXCLUSIVE");
    assertScard("SCARD_E_SERVER_TOO_BUSY", () => database.listReaders());
    assertScard(
      "SCARD_E_SERVER_TOO_BUSY",
      () => database.introduceReader("Till", "Reader 1"),
    );
    assertScard(
      "SCARD_E_SERVER_TOO_BUSY",
      () => CardDatabase.open({ file: file.path, busyTimeoutMs: 0 }),
    );
    other.exec("ROLLBACK");
    database.introduceReader("Till", "Reader 1");
    assert.deepEqual(database.listReaders(), ["Desk", "Till"]);
  } finally {
    other.close();
  }
});

Deno.test("options that cannot be are a RangeError", () => {
  for (const busyTimeoutMs of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
    assert.throws(() => CardDatabase.open({ busyTimeoutMs }), RangeError);
  }
  assert.throws(() => CardDatabase.open({ file: "" }), RangeError);
});

Deno.test("a folder that is not there is told by its path", () => {
  using file = new TemporaryFile();
  assertScard(
    "SCARD_E_INVALID_TARGET",
    () => CardDatabase.open({ file: `${file.path}/none.db` }),
    /none\.db/,
  );
});

Deno.test("an older file gets the migrations that it lacks, and keeps what it holds", () => {
  const later = [...MIGRATIONS, "ALTER TABLE reader ADD COLUMN note TEXT"];
  using file = filledFile();
  const raw = new DatabaseSync(file.path);
  try {
    migrate(raw, later);
    assert.equal(schemaVersion(raw), later.length);
    assert.equal(schemaText(raw), expectedSchemaText(later));
    assert.notEqual(schemaText(raw), expectedSchemaText());
    const row = raw.prepare("SELECT name, note FROM reader").get();
    assert.deepEqual({ ...row }, { name: "Desk", note: null });
  } finally {
    raw.close();
  }
});

Deno.test("a file carries the mark and version of the database", () => {
  using file = filledFile();
  const raw = new DatabaseSync(file.path);
  try {
    assert.equal(schemaVersion(raw), MIGRATIONS.length);
    const row = raw.prepare("PRAGMA application_id").get();
    assert.equal(row?.application_id, APPLICATION_ID);
  } finally {
    raw.close();
  }
});
