import assert from "node:assert/strict";
import { CardDatabase } from "../../src/card_database/mod.ts";
import { createCard, type FileSystemCard } from "../../src/cards/mod.ts";
import type { Timers } from "../../src/resource_manager/mod.ts";
import {
  CardAuth,
  type CardService,
  CardTypeList,
  CH_VERIFICATION_PROVIDER,
  CHVerification,
  FILE_ACCESS_PROVIDER,
  FileAccess,
  type Guid,
  isoServiceProvider,
  locate,
  open,
  ProviderRegistry,
  type ServiceProvider,
  ServiceProviderError,
} from "../../src/service_providers/mod.ts";
import type { SmartCardConnection } from "../../src/smart_card/mod.ts";
import { type Stack, stack, typeOf } from "./stack.ts";

const OWN: Guid = "{05B4C716-8170-4895-B403-515138F4712E}";

function directory(card: FileSystemCard, primaryProvider: Guid | null) {
  return new CardTypeList([
    { name: "Other", atr: Uint8Array.of(0x3b, 0), interfaces: [] },
    { ...typeOf(card.atr), primaryProvider },
  ]);
}

/** Opens with a provider that does `attach`. */
async function withProvider(
  all: Stack,
  card: FileSystemCard,
  attach: ServiceProvider["attach"],
  signal?: AbortSignal,
) {
  const providers = new ProviderRegistry();
  providers.register(OWN, () => ({ id: OWN, interfaces: [], attach }));
  const database = directory(card, OWN);
  const { context } = all;
  return await open(FileAccess, { database, context, providers, signal });
}

function connections(all: Stack): number {
  return all.manager.readers[0].connections.size;
}

Deno.test("open: a card type found by ATR, its provider, its files", async () => {
  const card = createCard();
  await using all = await stack(card);
  const { context } = all;
  const database = directory(card, CH_VERIFICATION_PROVIDER);
  {
    await using opened = await open(FileAccess, { database, context });
    assert.equal(opened.located.card.name, "Test card");
    assert.equal(opened.service.card, opened.located.card);
    assert.deepEqual(opened.located.atr, card.atr);
    assert.equal((await opened.api.readFile("/5000/5001")).length, 256);
    const pins = opened.service.getInterface(CHVerification)!;
    await pins.verify(1, "1234");
  }
  assert.equal(connections(all), 0);
});

Deno.test("open: with the database of SQLite, by name and group", async () => {
  const card = createCard();
  await using all = await stack(card);
  const { context } = all;
  const [reader] = await context.listReaders();
  using database = CardDatabase.open();
  database.introduceCardType({
    name: "My card",
    atr: card.atr,
    interfaces: [FileAccess.guid],
    primaryProvider: FILE_ACCESS_PROVIDER,
  });
  database.introduceReader(reader, "\\Device\\Virtual0");
  database.addReaderToGroup(reader, "Desk");
  const wanted = { database, context, names: ["my CARD"], groups: ["Desk"] };
  await using opened = await open(FileAccess, wanted);
  assert.equal(opened.located.readerName, reader);
  assert.equal(opened.service.getInterface(CHVerification), undefined);
  assert(opened.service.getInterface(CardAuth));
  await assert.rejects(
    locate({ ...wanted, names: ["Unknown"] }),
    { name: "SCARD_E_UNKNOWN_CARD" },
  );
  const elsewhere = { ...wanted, groups: ["Elsewhere"], timeout: 0 };
  await assert.rejects(locate(elsewhere), { name: "TimeoutError" });
});

Deno.test("locate: waits for the card that fits", async () => {
  const card = createCard();
  const other = createCard(undefined, { atr: Uint8Array.of(0x3b, 0x00) });
  await using all = await stack(other);
  const database = directory(card, FILE_ACCESS_PROVIDER);
  const { context } = all;
  const interfaces = [FileAccess];
  const locating = locate({ database, context, interfaces });
  const found = await locate({ database, context });
  assert.equal(found.card.name, "Other");
  all.reader.remove();
  all.reader.insert(card);
  const located = await locating;
  assert.equal(located.card.name, "Test card");
  assert.equal(located.eventCount, 2);
});

Deno.test("locate: signal, timeout, and the end of the context", async () => {
  await using all = await stack(null);
  const { context } = all;
  const database = directory(createCard(), FILE_ACCESS_PROVIDER);
  const reason = new Error("enough");
  await assert.rejects(
    locate({ database, context, signal: AbortSignal.abort(reason) }),
    reason,
  );
  const abort = new AbortController();
  const { signal } = abort;
  const locating = locate({ database, context, signal });
  abort.abort(reason);
  await assert.rejects(locating, reason);
  const alarms: { ring: () => void; delayMs: number }[] = [];
  const timers: Timers = {
    now: () => 0,
    set: (ring, delayMs) => alarms.push({ ring, delayMs }),
    clear: () => {},
  };
  const late = locate({ database, context, timers });
  assert.equal(alarms[0].delayMs, 60_000);
  alarms[0].ring();
  await assert.rejects(late, { name: "TimeoutError" });
  const endless = locate({ database, context, timers, timeout: Infinity });
  assert.equal(alarms.length, 1);
  await context.release();
  await assert.rejects(endless, { name: "AbortError" });
  await assert.rejects(
    locate({ database, context: all.context, groups: ["Desk"] }),
    { name: "InvalidStateError" },
  );
});

Deno.test("locate: groups need a database that knows them", async () => {
  const card = createCard();
  await using all = await stack(card);
  const database = directory(card, FILE_ACCESS_PROVIDER);
  await assert.rejects(
    locate({ database, context: all.context, groups: ["Desk"] }),
    /has no listReaders/,
  );
});

Deno.test("open: a provider that throws in attach leaves nothing open", async () => {
  const card = createCard();
  await using all = await stack(card);
  const cause = new Error("no");
  const failing: ServiceProvider["attach"][] = [
    () => Promise.reject(cause),
    () => {
      throw cause;
    },
  ];
  for (const attach of failing) {
    await assert.rejects(withProvider(all, card, attach), (error) => {
      assert(error instanceof ServiceProviderError);
      assert.equal(error.cause, cause);
      assert.equal(error.provider, OWN);
      return true;
    });
    assert.equal(connections(all), 0);
  }
});

Deno.test("open: a provider that hangs is left, and what it makes late is given back", async () => {
  const card = createCard();
  await using all = await stack(card);
  const abort = new AbortController();
  const reason = new Error("enough");
  const late = Promise.withResolvers<CardService>();
  const called = Promise.withResolvers<SmartCardConnection>();
  const opening = withProvider(all, card, (connection) => {
    called.resolve(connection);
    return late.promise;
  }, abort.signal);
  await called.promise;
  abort.abort(reason);
  await assert.rejects(opening, reason);
  assert.equal(connections(all), 0);
  const disposed = Promise.withResolvers<void>();
  late.resolve({
    [Symbol.asyncDispose]: () => Promise.resolve(disposed.resolve()),
  } as unknown as CardService);
  await disposed.promise;
});

Deno.test("open: a provider without the interface, and a type without provider", async () => {
  const card = createCard();
  await using all = await stack(card);
  const { context } = all;
  const bare = isoServiceProvider(OWN, { interfaces: [CardAuth.guid] });
  await assert.rejects(
    withProvider(all, card, bare.attach),
    /Cannot open FileAccess of "Test card": .* has not that interface/,
  );
  assert.equal(connections(all), 0);
  const database = directory(card, null);
  await assert.rejects(open(FileAccess, { database, context }), /it has none/);
  const unknown = directory(card, OWN);
  await assert.rejects(
    open(FileAccess, { database: unknown, context }),
    /is not registered/,
  );
});

Deno.test("open: a card that goes while it is attached, and comes again", async () => {
  const card = createCard();
  await using all = await stack(card);
  const working = isoServiceProvider(OWN);
  let tries = 0;
  await using opened = await withProvider(
    all,
    card,
    async (connection, type) => {
      if (tries++ === 0) {
        all.reader.remove();
        all.reader.insert(card);
        await connection.transmit(Uint8Array.of(0, 0xa4, 0, 0x0c));
      }
      return await working.attach(connection, type);
    },
  );
  assert.equal(tries, 2);
  assert.equal(opened.located.eventCount, 2);
  assert.equal((await opened.api.readFile("/5000/5001")).length, 256);
});

Deno.test("card type list: masks, and what it refuses", () => {
  const type = {
    name: "A",
    atr: Uint8Array.of(0x3b, 0x10),
    mask: Uint8Array.of(0xff, 0xf0),
    interfaces: [FileAccess.guid],
  };
  const list = new CardTypeList([type]);
  assert.deepEqual(list.listCards({ atr: Uint8Array.of(0x3b, 0x1f) }), ["A"]);
  assert.deepEqual(list.listCards({ atr: Uint8Array.of(0x3b, 0x2f) }), []);
  assert.deepEqual(list.listCards({ interfaces: [CardAuth.guid] }), []);
  assert.throws(() => list.getCardType("B"), RangeError);
  assert.throws(() => list.getProviderId("A"), RangeError);
  const bad = [
    [type, type],
    [{ ...type, mask: Uint8Array.of(0xff) }],
    [{ ...type, mask: Uint8Array.of(0xff, 0x0f) }],
    [{ ...type, interfaces: ["x"] }],
  ];
  for (const types of bad) {
    assert.throws(() => new CardTypeList(types), RangeError);
  }
});
