import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  CardDatabase,
  type CardTypeIntroduction,
  SCARD_PROVIDER_CARD_MODULE,
  SCARD_PROVIDER_CSP,
  SCARD_PROVIDER_KSP,
  SCARD_PROVIDER_PRIMARY,
} from "../../src/card_database/mod.ts";
import { assertScard } from "./scard_error.ts";

const ATR = fromHex("3BF51800008131FE454D794549449A");
const ISO7816 = "{53B6AA68-3F56-11D0-916B-00AA00C18068}";
const CARD = "{1461AAC3-6810-11D0-918F-00AA00C18068}";
const PROVIDER = "{D5778AE3-43DE-11D0-9171-00AA00C18068}";

Deno.test("a card type is kept as it was introduced", () => {
  using database = CardDatabase.open();
  const atr = ATR.slice();
  database.introduceCardType({
    name: "MyEID",
    atr,
    primaryProvider: PROVIDER.toLowerCase().slice(1, -1),
    interfaces: [ISO7816.toLowerCase(), CARD, ISO7816],
    providers: [[SCARD_PROVIDER_CSP, "Base CSP"], [0xFFFFFFFF, "own"]],
  });
  atr.fill(0);
  assert.deepEqual(database.getCardType("MYEID"), {
    name: "MyEID",
    atr: ATR,
    mask: null,
    primaryProvider: PROVIDER,
    interfaces: [ISO7816, CARD],
    providers: new Map([[2, "Base CSP"], [0xFFFFFFFF, "own"]]),
  });
  assert.deepEqual(database.listInterfaces("myeid"), [ISO7816, CARD]);
  assert.equal(database.getProviderId("MyEID"), PROVIDER);
});

Deno.test("what a caller does to an answer does not change the database", () => {
  using database = CardDatabase.open();
  database.introduceCardType({ name: "A", atr: ATR });
  database.getCardType("A").atr.fill(0);
  database.listCards().push("B");
  assert.deepEqual(database.getCardType("A").atr, ATR);
  assert.deepEqual(database.listCards(), ["A"]);
});

Deno.test("length 0 takes the length from the ATR, of ATR and mask", () => {
  using database = CardDatabase.open();
  const padded = new Uint8Array(36);
  padded.set(ATR);
  database.introduceCardType({ name: "A", atr: padded, atrLength: 0 });
  assert.equal(toHex(database.getCardType("A").atr), toHex(ATR));
  const mask = new Uint8Array(36).fill(0xFF);
  database.introduceCardType({ name: "B", atr: padded, mask, atrLength: 0 });
  assert.equal(database.getCardType("B").mask?.length, ATR.length);
  database.introduceCardType({ name: "C", atr: padded, mask, atrLength: 4 });
  assert.equal(toHex(database.getCardType("C").atr), "3BF51800");
  assertScard("SCARD_E_INVALID_ATR", () =>
    database.introduceCardType({
      name: "D",
      atr: ATR.slice(0, -1),
      atrLength: 0,
    }));
});

Deno.test("bad card types are refused by code", () => {
  using database = CardDatabase.open();
  const wrong = (value: unknown) => value as CardTypeIntroduction;
  const rows: [Parameters<typeof assertScard>[0], CardTypeIntroduction][] = [
    ["SCARD_E_INVALID_VALUE", { name: "", atr: ATR }],
    ["SCARD_E_INVALID_PARAMETER", wrong({ name: null, atr: ATR })],
    ["SCARD_E_INVALID_PARAMETER", wrong({ name: "A" })],
    ["SCARD_E_INVALID_PARAMETER", wrong({ name: "A", atr: [0x3B] })],
    ["SCARD_E_INVALID_PARAMETER", wrong({ name: "A", atr: ATR, mask: "FF" })],
    ["SCARD_E_INVALID_ATR", { name: "A", atr: new Uint8Array() }],
    ["SCARD_E_INVALID_ATR", { name: "A", atr: new Uint8Array(37) }],
    ["SCARD_E_INVALID_ATR", { name: "A", atr: new Uint8Array(), atrLength: 0 }],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, atrLength: 99 }],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, atrLength: -1 }],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, atrLength: 1.5 }],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, mask: ATR.slice(1) }],
    ["SCARD_E_INVALID_ATR", { name: "A", atr: ATR, mask: ATR.map(() => 0xFE) }],
    ["SCARD_E_INVALID_PARAMETER", { name: "A", atr: ATR, interfaces: ["x"] }],
    [
      "SCARD_E_INVALID_PARAMETER",
      { name: "A", atr: ATR, interfaces: 1 as unknown as string[] },
    ],
    [
      "SCARD_E_INVALID_PARAMETER",
      { name: "A", atr: ATR, primaryProvider: PROVIDER.slice(1) },
    ],
    [
      "SCARD_E_INVALID_VALUE",
      { name: "A", atr: ATR, providers: [[SCARD_PROVIDER_PRIMARY, PROVIDER]] },
    ],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, providers: [[2, ""]] }],
    ["SCARD_E_INVALID_VALUE", { name: "A", atr: ATR, providers: [[0, "x"]] }],
  ];
  for (const [code, introduction] of rows) {
    assertScard(code, () => database.introduceCardType(introduction));
  }
  assert.deepEqual(database.cardTypes, []);
});

Deno.test("a name is taken until it is forgotten", () => {
  using database = CardDatabase.open();
  database.introduceCardType({ name: "A", atr: ATR, interfaces: [CARD] });
  assertScard(
    "SCARD_E_INVALID_VALUE",
    () => database.introduceCardType({ name: "a", atr: ATR }),
    /there already/,
  );
  database.forgetCardType("a");
  database.introduceCardType({ name: "a", atr: ATR });
  assert.deepEqual(database.listInterfaces("A"), []);
});

Deno.test("providers are named and found by number", () => {
  using database = CardDatabase.open();
  database.introduceCardType({ name: "A", atr: ATR });
  assertScard("SCARD_E_ICC_INSTALLATION", () => database.getProviderId("A"));
  assertScard(
    "SCARD_E_ICC_INSTALLATION",
    () => database.getCardTypeProviderName("A", SCARD_PROVIDER_PRIMARY),
  );
  assertScard(
    "SCARD_E_FILE_NOT_FOUND",
    () => database.getCardTypeProviderName("A", SCARD_PROVIDER_KSP),
  );
  database.setCardTypeProviderName("A", SCARD_PROVIDER_PRIMARY, PROVIDER);
  database.setCardTypeProviderName("A", SCARD_PROVIDER_KSP, "old");
  database.setCardTypeProviderName("a", SCARD_PROVIDER_KSP, "new");
  database.setCardTypeProviderName("A", SCARD_PROVIDER_CARD_MODULE, "a.dll");
  const names = [1, 3, 0x80000001].map((id) =>
    database.getCardTypeProviderName("A", id)
  );
  assert.deepEqual(names, [PROVIDER, "new", "a.dll"]);
  for (const id of [0, -1, 1.5, 2 ** 32, NaN]) {
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.setCardTypeProviderName("A", id, "x"),
    );
    assertScard(
      "SCARD_E_INVALID_VALUE",
      () => database.getCardTypeProviderName("A", id),
    );
  }
  assertScard(
    "SCARD_E_INVALID_PARAMETER",
    () => database.setCardTypeProviderName("A", 1, "no GUID"),
  );
});

Deno.test("a card type that nobody introduced is SCARD_E_UNKNOWN_CARD everywhere", () => {
  using database = CardDatabase.open();
  for (const name of ["A", "", "a\0"]) {
    for (
      const action of [
        () => database.getCardType(name),
        () => database.forgetCardType(name),
        () => database.listInterfaces(name),
        () => database.getProviderId(name),
        () => database.getCardTypeProviderName(name, 2),
        () => database.setCardTypeProviderName(name, 2, "x"),
        () => database.setCardTypeProviderName(name, 1, PROVIDER),
      ]
    ) assertScard("SCARD_E_UNKNOWN_CARD", action);
    assert.equal(database.findCardType(name), undefined);
  }
});

Deno.test("card types are listed by ATR and by all interfaces", () => {
  using database = CardDatabase.open();
  const mask = ATR.map((_, i) => i < 4 ? 0xFF : 0);
  const masked = ATR.map((byte, i) => byte & mask[i]);
  database.introduceCardType({
    name: "wide",
    atr: masked,
    mask,
    interfaces: [ISO7816],
  });
  database.introduceCardType({
    name: "exact",
    atr: ATR,
    interfaces: [CARD, ISO7816],
  });
  database.introduceCardType({ name: "other", atr: ATR.slice(1) });
  const other = ATR.with(14, 0);
  assert.deepEqual(database.listCards(), ["wide", "exact", "other"]);
  assert.deepEqual(database.listCards({ atr: ATR }), ["wide", "exact"]);
  assert.deepEqual(database.listCards({ atr: other }), ["wide"]);
  assert.deepEqual(database.listCards({ atr: new Uint8Array() }), []);
  assert.deepEqual(
    database.listCards({ interfaces: [ISO7816.toLowerCase(), CARD] }),
    ["exact"],
  );
  assert.deepEqual(
    database.listCards({ atr: other, interfaces: [CARD] }),
    [],
  );
  assert.deepEqual(database.listCards({ interfaces: [] }), [
    "wide",
    "exact",
    "other",
  ]);
  assertScard(
    "SCARD_E_INVALID_PARAMETER",
    () => database.listCards({ interfaces: ["ISO 7816"] }),
  );
  assertScard(
    "SCARD_E_INVALID_PARAMETER",
    () => database.listCards({ atr: "3B" as unknown as Uint8Array }),
  );
});

Deno.test("a list by ATR follows every change, and what is taken back", () => {
  using database = CardDatabase.open();
  assert.deepEqual(database.listCards({ atr: ATR }), []);
  assert.throws(() =>
    database.atomically(() => {
      database.introduceCardType({ name: "A", atr: ATR });
      assert.deepEqual(database.listCards({ atr: ATR }), ["A"]);
      throw new Error("no");
    }), /no/);
  assert.deepEqual(database.listCards({ atr: ATR }), []);
  database.introduceCardType({ name: "B", atr: ATR });
  assert.deepEqual(database.listCards({ atr: ATR }), ["B"]);
  database.forgetCardType("B");
  assert.deepEqual(database.listCards({ atr: ATR }), []);
});
