import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  AtrMatcher,
  CardDatabase,
  INTERFACE_ISO7816,
  introduceStock,
  stockCardTypes,
  STORAGE_CARD_NAMES,
  storageCardAtr,
  storageCardMask,
} from "../../src/card_database/mod.ts";
import { parseAtr } from "../../src/core/mod.ts";

Deno.test("every ATR of the stock without a mask is valid", () => {
  for (const { name, atr, mask } of stockCardTypes()) {
    if (mask !== null) continue;
    const { valid, problems } = parseAtr(atr);
    assert.ok(valid, `${name} ${toHex(atr)}: ${problems}`);
  }
});

Deno.test("every ATR of the stock with a mask has the shape of one", () => {
  for (const { name, atr, mask } of stockCardTypes()) {
    if (mask === null) continue;
    const { lengthUsed, historical } = parseAtr(atr, { tolerant: true });
    assert.equal(lengthUsed, atr.length, name);
    assert.ok(historical.length > 0, name);
    // A mask that lets nearly everything through would name what it does not know.
    const kept = mask.reduce((sum, byte) => sum + (byte === 0 ? 0 : 1), 0);
    assert.ok(kept >= 8, name);
  }
});

Deno.test("no two types of the stock match the same ATR", () => {
  const types = stockCardTypes();
  for (const [i, one] of types.entries()) {
    for (const other of types.slice(i + 1)) {
      // Some card's ATR fits both when they agree wherever both look.
      const same = one.atr.length === other.atr.length &&
        one.atr.every((byte, at) => {
          const both = (one.mask?.[at] ?? 0xFF) & (other.mask?.[at] ?? 0xFF);
          return (byte & both) === (other.atr[at] & both);
        });
      assert.ok(!same, `${one.name} and ${other.name}`);
    }
  }
});

Deno.test("cards that understand APDUs say so, memory cards do not", () => {
  using database = CardDatabase.open();
  introduceStock(database);
  const iso = database.listCards({ interfaces: [INTERFACE_ISO7816] });
  assert.ok(iso.includes("YubiKey 5"));
  assert.ok(!iso.includes("MIFARE Classic 1K, storage card"));
  assert.ok(!iso.includes("Infineon SLE 4442"));
});

Deno.test("the stock is introduced once, and spares names that are taken", () => {
  using database = CardDatabase.open();
  database.introduceCardType({ name: "yubikey 5", atr: fromHex("3B00") });
  const { length } = stockCardTypes();
  assert.equal(introduceStock(database), length - 1);
  assert.equal(introduceStock(database), 0);
  assert.equal(database.cardTypes.length, length);
  assert.deepEqual(database.listCards({ atr: fromHex("3B00") }), ["yubikey 5"]);
});

Deno.test("cards are named by ATRs read off them", () => {
  using database = CardDatabase.open();
  introduceStock(database);
  const rows: [string, string][] = [
    ["3BFD1300008131FE158073C021C057597562694B657940", "YubiKey 5"],
    ["3B9F958131FE9F006646530523002571C39F0000000086", ""],
    ["3B9F958131FE9F006646530510043171DF00003900001F", "Feitian ePass2003"],
    ["3B7F96000080318065B084413DF6120FFE829000", "Thales IDPrime MD, T=0"],
    ["3B7F96000080318065B0846160FB120FFD829000", "Thales IDPrime 930, T=0"],
    ["3B7F380000006A444E496520024C340113039000", "Spanish DNIe"],
    ["3B751300004909EA9000", "French Vitale card"],
    [
      "3B8F8001804F0CA000000306030001000000006A",
      "MIFARE Classic 1K, storage card",
    ],
    ["3B8F8001804F0CA00000030611003B0000000042", "FeliCa, storage card"],
    [
      "3B8F8001804F0CA0000003060A001C000000007E",
      "PicoPass 16KS (8x2), storage card",
    ],
    ["3B0000", ""],
  ];
  for (const [atr, name] of rows) {
    const expected = name === "" ? [] : [name];
    assert.deepEqual(database.listCards({ atr: fromHex(atr) }), expected, atr);
  }
});

Deno.test("the ATR of a storage card is valid and found under its name", () => {
  for (const [number, name] of STORAGE_CARD_NAMES) {
    for (const standard of [0, 3, 0xFF]) {
      const atr = storageCardAtr(standard, number);
      assert.ok(parseAtr(atr).valid, name);
      const found = new AtrMatcher([...STORAGE_CARD_NAMES.keys()]
        .map(storageCardMask)).matches(atr);
      assert.deepEqual(found, [[...STORAGE_CARD_NAMES.keys()].indexOf(number)]);
    }
  }
  assert.equal(
    toHex(storageCardAtr(3, 1)),
    "3B8F8001804F0CA000000306030001000000006A",
  );
});

Deno.test("numbers that no storage card has are a RangeError", () => {
  for (const [standard, card] of [[-1, 1], [256, 1], [0, 65_536], [0, 1.5]]) {
    assert.throws(() => storageCardAtr(standard, card), RangeError);
  }
});
