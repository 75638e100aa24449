import assert from "node:assert/strict";
import {
  CardDatabase,
  SCARD_ALL_READERS,
  SCARD_DEFAULT_READERS,
  SCARD_LOCAL_READERS,
  SCARD_SYSTEM_READERS,
} from "../../src/card_database/mod.ts";
import { assertScard } from "./scard_error.ts";

Deno.test("a group is there as long as it has readers", () => {
  using database = CardDatabase.open();
  database.introduceReader("A", "a");
  database.introduceReaderGroup("Home");
  assert.deepEqual(database.listReaderGroups(), [SCARD_DEFAULT_READERS]);
  database.addReaderToGroup("A", "Home");
  database.addReaderToGroup("A", "HOME");
  assert.deepEqual(database.readerGroupsOf("A"), [
    "Home",
    SCARD_DEFAULT_READERS,
  ]);
  database.removeReaderFromGroup("A", "home");
  database.removeReaderFromGroup("A", "home");
  assert.deepEqual(database.listReaderGroups(), [SCARD_DEFAULT_READERS]);
  database.addReaderToGroup("A", "home");
  database.forgetReaderGroup("Home");
  database.forgetReaderGroup("Home");
  assert.deepEqual(database.listReaderGroups(), [SCARD_DEFAULT_READERS]);
  assert.equal(database.readers.length, 1);
});

Deno.test("SCard$DefaultReaders may be altered and comes back under its own name", () => {
  using database = CardDatabase.open();
  database.introduceReader("A", "a");
  database.introduceReaderGroup(SCARD_DEFAULT_READERS);
  database.removeReaderFromGroup("A", SCARD_DEFAULT_READERS);
  assert.deepEqual(database.listReaderGroups(), []);
  database.addReaderToGroup("A", "scard$defaultREADERS");
  assert.deepEqual(database.listReaderGroups(), [SCARD_DEFAULT_READERS]);
});

Deno.test("the other groups of the system cannot be altered, and none be forgotten", () => {
  using database = CardDatabase.open();
  database.introduceReader("A", "a");
  const managed = [
    SCARD_ALL_READERS,
    SCARD_LOCAL_READERS,
    SCARD_SYSTEM_READERS,
    "scard$allreaders",
  ];
  for (const group of managed) {
    for (
      const action of [
        () => database.introduceReaderGroup(group),
        () => database.forgetReaderGroup(group),
        () => database.addReaderToGroup("A", group),
        () => database.removeReaderFromGroup("A", group),
      ]
    ) assertScard("SCARD_E_INVALID_VALUE", action, /belongs to the system/);
  }
  assertScard(
    "SCARD_E_INVALID_VALUE",
    () => database.forgetReaderGroup(SCARD_DEFAULT_READERS),
    /cannot be forgotten/,
  );
  assert.deepEqual(database.readerGroupsOf("A"), [SCARD_DEFAULT_READERS]);
});

Deno.test("readers are listed by group, each once, in order of introduction", () => {
  using database = CardDatabase.open();
  for (const name of ["C", "A", "B"]) database.introduceReader(name, name);
  database.addReaderToGroup("B", "Home");
  database.addReaderToGroup("C", "Home");
  database.addReaderToGroup("C", "Work");
  const everyone = ["C", "A", "B"];
  assert.deepEqual(database.listReaders(), everyone);
  assert.deepEqual(database.listReaders([]), everyone);
  assert.deepEqual(database.listReaders(["work", "HOME", "home"]), ["C", "B"]);
  assert.deepEqual(
    database.listReaders(["x", SCARD_DEFAULT_READERS]),
    everyone,
  );
  for (
    const group of [
      SCARD_ALL_READERS,
      SCARD_LOCAL_READERS,
      "scard$systemreaders",
    ]
  ) assert.deepEqual(database.listReaders(["Work", group]), everyone);
});

Deno.test("only attached readers are listed, and none is an error", () => {
  using database = CardDatabase.open();
  assertScard(
    "SCARD_E_NO_READERS_AVAILABLE",
    () => database.listReaders(),
  );
  database.introduceReader("A", "a");
  database.introduceReader("B", "b");
  database.introduceReader("B too", "b");
  assert.deepEqual(
    database.listReaders(null, ({ device }) => device === "b"),
    ["B", "B too"],
  );
  assertScard(
    "SCARD_E_NO_READERS_AVAILABLE",
    () => database.listReaders(["unknown", "", "a\0b"]),
  );
  assertScard(
    "SCARD_E_NO_READERS_AVAILABLE",
    () => database.listReaders(null, () => false),
  );
});
