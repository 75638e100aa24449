import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import {
  CardDatabase,
  locateCards,
  locateCardsByAtr,
} from "../../src/card_database/mod.ts";
import {
  PNP_NOTIFICATION,
  type ReaderStateAnswer,
  ResourceManager,
  SCARD_STATE_ATRMATCH,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_IGNORE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAWARE,
  SCARD_STATE_UNKNOWN,
} from "../../src/resource_manager/mod.ts";
import { FakeReader, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { assertScard } from "./scard_error.ts";

const ATR_A = fromHex("3B8180018080");
const ATR_B = fromHex("3B80800101");

function answer(
  readerName: string,
  eventState: number,
  atr: Uint8Array<ArrayBuffer> | null = null,
): ReaderStateAnswer {
  return { readerName, eventState, eventCount: 3, atr };
}

const STATES: readonly ReaderStateAnswer[] = [
  answer("A", SCARD_STATE_PRESENT | SCARD_STATE_CHANGED, ATR_A),
  answer("B", SCARD_STATE_PRESENT | SCARD_STATE_INUSE, ATR_B),
  answer("empty", SCARD_STATE_EMPTY | SCARD_STATE_CHANGED),
  answer("mute", SCARD_STATE_PRESENT | SCARD_STATE_MUTE),
  answer("ignored", SCARD_STATE_IGNORE),
  answer(PNP_NOTIFICATION, SCARD_STATE_UNAWARE),
];

function matching(states: readonly ReaderStateAnswer[]): string[] {
  return states
    .filter(({ eventState }) => (eventState & SCARD_STATE_ATRMATCH) !== 0)
    .map(({ readerName }) => readerName);
}

function filled(): CardDatabase {
  const database = CardDatabase.open();
  database.introduceCardType({ name: "Type A", atr: ATR_A });
  database.introduceCardType({ name: "Type B", atr: ATR_B });
  return database;
}

Deno.test("cards are located by the names of their types", () => {
  using database = filled();
  assert.deepEqual(matching(locateCards(database, ["type a"], STATES)), ["A"]);
  assert.deepEqual(
    matching(locateCards(database, ["Type B", "Type A"], STATES)),
    ["A", "B"],
  );
});

Deno.test("no name stands for any card that answers", () => {
  using database = filled();
  for (const names of [null, [], [""], ["Type A", ""]]) {
    assert.deepEqual(matching(locateCards(database, names, STATES)), [
      "A",
      "B",
    ]);
  }
});

Deno.test("a match adds its bits and leaves the rest, and the input, alone", () => {
  using database = filled();
  const before = structuredClone(STATES);
  const [a, ...others] = locateCards(database, ["Type A"], STATES);
  assert.equal(
    a.eventState,
    SCARD_STATE_PRESENT | SCARD_STATE_CHANGED | SCARD_STATE_ATRMATCH,
  );
  assert.deepEqual(others, STATES.slice(1));
  assert.deepEqual(STATES, before);
});

Deno.test("a match of last time is not one of this time", () => {
  using database = filled();
  const earlier = locateCards(database, ["Type A"], STATES);
  assert.deepEqual(matching(locateCards(database, ["Type B"], earlier)), ["B"]);
});

Deno.test("unknown types and readers are told", () => {
  using database = filled();
  assertScard(
    "SCARD_E_UNKNOWN_CARD",
    () => locateCards(database, ["Type A", "Type C"], STATES),
    /Type C/,
  );
  const unknown = answer("gone", SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE);
  for (
    const action of [
      () => locateCards(database, null, [unknown]),
      () => locateCardsByAtr([], [unknown]),
    ]
  ) assertScard("SCARD_E_UNKNOWN_READER", action, /gone/);
});

Deno.test("cards are located by ATR without a database", () => {
  const masks = [{ atr: ATR_A }, {
    atr: fromHex("3B00800101"),
    mask: fromHex("FF00FFFFFF"),
  }];
  assert.deepEqual(matching(locateCardsByAtr(masks, STATES)), ["A", "B"]);
  assert.deepEqual(matching(locateCardsByAtr([], STATES)), []);
});

Deno.test("an ATR that cannot match is refused", () => {
  assertScard(
    "SCARD_E_INVALID_ATR",
    () => locateCardsByAtr([{ atr: new Uint8Array() }], STATES),
  );
  assertScard(
    "SCARD_E_INVALID_ATR",
    () => locateCardsByAtr([{ atr: ATR_A, mask: ATR_A.map(() => 0) }], STATES),
  );
  assertScard(
    "SCARD_E_INVALID_VALUE",
    () => locateCardsByAtr([{ atr: ATR_A, mask: ATR_B }], STATES),
  );
});

Deno.test("a card in a reader of the resource manager is located", async () => {
  using database = CardDatabase.open();
  database.introduceCardType({ name: "Test card", atr: TEST_ATR });
  await using manager = new ResourceManager();
  const device = new FakeReader();
  await manager.addReader(device, { name: "Reader" });
  device.insert();
  const context = manager.establishContext();
  const [before] = await context.getStatusChange([
    { readerName: "Reader", currentState: SCARD_STATE_EMPTY },
  ], { timeoutMs: 5000 });
  const [after] = locateCards(database, ["Test card"], [before]);
  assert.equal(after.eventState & SCARD_STATE_ATRMATCH, SCARD_STATE_ATRMATCH);
});
