import assert from "node:assert/strict";
import {
  CardDatabase,
  SCARD_DEFAULT_READERS,
} from "../../src/card_database/mod.ts";
import { assertScard } from "./scard_error.ts";

Deno.test("a part that fails leaves nothing behind, and the whole goes on", () => {
  using database = CardDatabase.open();
  database.atomically(() => {
    database.introduceReader("A", "a");
    assert.throws(() =>
      database.atomically(() => {
        database.introduceReader("B", "b");
        throw new Error("changed my mind");
      }), /changed my mind/);
    database.addReaderToGroup("A", "Home");
  });
  assert.deepEqual(database.listReaders(), ["A"]);
  assert.throws(() =>
    database.atomically(() => {
      database.forgetReader("A");
      throw new Error("no");
    }), /no/);
  assert.deepEqual(database.readerGroupsOf("A"), [
    "Home",
    SCARD_DEFAULT_READERS,
  ]);
});

Deno.test("a change that is not done when its function returns is taken back", () => {
  using database = CardDatabase.open();
  assert.throws(
    () =>
      database.atomically(() => {
        database.introduceReader("A", "a");
        return Promise.resolve();
      }),
    TypeError,
  );
  assert.deepEqual(database.readers, []);
});

Deno.test("a closed database says so", () => {
  const database = CardDatabase.open();
  assert.equal(database.closed, false);
  database.close();
  database.close();
  assert.equal(database.closed, true);
  assertScard("SCARD_E_NO_SERVICE", () => database.readers);
  assertScard("SCARD_E_NO_SERVICE", () => database.listCards());
  assertScard("SCARD_E_NO_SERVICE", () => database.introduceReader("A", "a"));
  assertScard("SCARD_E_NO_SERVICE", () => database.atomically(() => 1));
});
