import assert from "node:assert/strict";
import {
  CardDatabase,
  MAX_NAME_LENGTH,
  SCARD_DEFAULT_READERS,
} from "../../src/card_database/mod.ts";
import { PNP_NOTIFICATION } from "../../src/resource_manager/mod.ts";
import { assertScard } from "./scard_error.ts";

Deno.test("an introduced reader joins SCard$DefaultReaders", () => {
  using database = CardDatabase.open();
  database.introduceReader("Desk", "Reader 0");
  assert.deepEqual(database.readers, [
    { name: "Desk", device: "Reader 0", automatic: false },
  ]);
  assert.deepEqual(database.listReaderGroups(), [SCARD_DEFAULT_READERS]);
  assert.deepEqual(database.readerGroupsOf("desk"), [SCARD_DEFAULT_READERS]);
});

Deno.test("a device has several names, and a reader's name stands for its device", () => {
  using database = CardDatabase.open();
  assert.deepEqual(database.introduceDevice("Reader 0", "usb:1"), ["Reader 0"]);
  database.introduceReader("Desk", "reader 0");
  database.introduceReader("Till", "Desk");
  assert.deepEqual(database.readerNamesOf("usb:1"), [
    "Reader 0",
    "Desk",
    "Till",
  ]);
});

Deno.test("a device that was renamed keeps its new name", () => {
  using database = CardDatabase.open();
  database.introduceDevice("Reader 0", "Reader 0");
  database.introduceReader("Desk", "Reader 0");
  database.forgetReader("Reader 0");
  assert.deepEqual(database.introduceDevice("Reader 0", "Reader 0"), ["Desk"]);
  assert.equal(database.findReader("Reader 0"), undefined);
});

Deno.test("an automatic name and its aliases follow the reader to another device", () => {
  using database = CardDatabase.open();
  database.introduceDevice("Reader 0", "SCReader0");
  database.introduceReader("Desk", "SCReader0");
  assert.deepEqual(database.introduceDevice("Reader 0", "SCReader1"), [
    "Reader 0",
    "Desk",
  ]);
  assert.deepEqual(database.readerNamesOf("SCReader0"), []);
});

Deno.test("a name that somebody gave is not taken away by a device", () => {
  using database = CardDatabase.open();
  database.introduceReader("Reader 0", "SCReader5");
  assertScard(
    "SCARD_E_DUPLICATE_READER",
    () => database.introduceDevice("READER 0", "SCReader1"),
  );
  assert.deepEqual(database.readerNamesOf("SCReader1"), []);
});

Deno.test("names differ by more than case, and keep the case they came in", () => {
  using database = CardDatabase.open();
  database.introduceReader("Straße É", "a");
  assertScard(
    "SCARD_E_DUPLICATE_READER",
    () => database.introduceReader("STRAßE é", "b"),
  );
  database.introduceReader("STRASSE É", "b");
  assert.equal(database.findReader("straße é")?.name, "Straße É");
  assert.equal(database.findReader("strasse é")?.name, "STRASSE É");
});

Deno.test("forgetting a reader ends its memberships, and groups that it leaves empty", () => {
  using database = CardDatabase.open();
  database.introduceReader("A", "a");
  database.introduceReader("B", "b");
  database.addReaderToGroup("A", "Home");
  database.addReaderToGroup("A", "Work");
  database.addReaderToGroup("B", "WORK");
  database.forgetReader("a");
  assert.deepEqual(database.listReaderGroups(), [
    SCARD_DEFAULT_READERS,
    "Work",
  ]);
  assertScard("SCARD_E_UNKNOWN_READER", () => database.forgetReader("A"));
});

Deno.test("names that nothing can have are refused, and looked up in vain", () => {
  using database = CardDatabase.open();
  database.introduceReader("A", "a");
  const impossible = [
    "",
    "a\0b",
    "\uD800",
    "x".repeat(MAX_NAME_LENGTH + 1),
  ];
  for (const name of impossible) {
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.introduceReader(name, "b"),
    );
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.introduceReader("B", name),
    );
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.introduceDevice(name, "b"),
    );
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.addReaderToGroup("A", name),
    );
    assertScard(
      "SCARD_E_UNKNOWN_READER",
      () => database.addReaderToGroup(name, "Home"),
    );
    assertScard("SCARD_E_UNKNOWN_READER", () => database.forgetReader(name));
    assertScard("SCARD_E_UNKNOWN_READER", () => database.readerGroupsOf(name));
    assert.equal(database.findReader(name), undefined);
    assert.deepEqual(database.readerNamesOf(name), []);
  }
  database.introduceReader("x".repeat(MAX_NAME_LENGTH), "b");
  assert.equal(database.readers.length, 2);
});

Deno.test("the list of readers is no reader, and a number no name", () => {
  using database = CardDatabase.open();
  assertScard(
    "SCARD_E_INVALID_VALUE",
    () => database.introduceReader(PNP_NOTIFICATION.toUpperCase(), "a"),
  );
  const number = 7 as unknown as string;
  for (
    const action of [
      () => database.introduceReader(number, "a"),
      () => database.introduceReader("A", number),
      () => database.forgetReader(number),
      () => database.introduceReaderGroup(number),
      () => database.addReaderToGroup(number, "Home"),
    ]
  ) assertScard("SCARD_E_INVALID_PARAMETER", action);
});
