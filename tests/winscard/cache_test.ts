import assert from "node:assert/strict";
import fc from "fast-check";
import { HandleNumbers } from "../../src/winscard/handle_numbers.ts";
import { CardDataCache } from "../../src/winscard/cache.ts";
import {
  createWinscard,
  MAX_CACHE_BYTES,
  MAX_CACHE_ITEM_BYTES,
  MAX_CACHE_ITEMS,
  SCARD_AUDIT_CHV_FAILURE,
  SCARD_AUDIT_CHV_SUCCESS,
} from "../../src/winscard/mod.ts";
import { desk, ends } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";
const UUID = Uint8Array.from({ length: 16 }, (_, i) => i);
const OTHER = new Uint8Array(16);
const DATA = Uint8Array.of(1, 2, 3);

Deno.test("cache: a hit needs UUID, name and freshness", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  ends(ok, await ws.SCardWriteCache(hContext, UUID, 7, "file", DATA));
  const read = (uuid: Uint8Array, freshness: number, name: string) =>
    ws.SCardReadCache(hContext, uuid, freshness, name);
  const { code, data, length } = await read(UUID, 7, "file");
  assert.deepEqual([code, data, length], [0, DATA, 3]);
  for (const [uuid, name] of [[OTHER, "file"], [UUID, "File"]] as const) {
    ends("SCARD_W_CACHE_ITEM_NOT_FOUND", await read(uuid, 7, name));
  }
  ends("SCARD_W_CACHE_ITEM_STALE", await read(UUID, 8, "file"));
  ends("SCARD_W_CACHE_ITEM_NOT_FOUND", await read(UUID, 7, "file"));
});

Deno.test("cache: one per manager, whatever the object and the context", async () => {
  await using d = await desk();
  await d.ws.SCardWriteCache(d.hContext, UUID, 1, "n", DATA);
  const other = createWinscard({ manager: d.manager });
  const { hContext } = await other.SCardEstablishContext(0);
  const { data } = await other.SCardReadCache(hContext, UUID, 1, "n");
  assert.deepEqual(data, DATA);
  await using e = await desk();
  ends(
    "SCARD_W_CACHE_ITEM_NOT_FOUND",
    await e.ws.SCardReadCache(e.hContext, UUID, 1, "n"),
  );
});

Deno.test("cache: data are copied in and out, and a short buffer does no harm", async () => {
  await using d = await desk();
  const { ws, hContext } = d;
  const written = DATA.slice();
  await ws.SCardWriteCache(hContext, UUID, 1, "n", written);
  written.fill(0);
  const short = await ws.SCardReadCache(hContext, UUID, 1, "n", 2);
  ends("SCARD_E_INSUFFICIENT_BUFFER", short);
  assert.deepEqual([short.data.length, short.length], [0, 3]);
  (await ws.SCardReadCache(hContext, UUID, 1, "n")).data.fill(0);
  assert.deepEqual(
    (await ws.SCardReadCache(hContext, UUID, 1, "n")).data,
    DATA,
  );
  const largest = new Uint8Array(MAX_CACHE_ITEM_BYTES).fill(9);
  ends(ok, await ws.SCardWriteCache(hContext, UUID, 2, "n", largest));
  assert.deepEqual(
    (await ws.SCardReadCache(hContext, UUID, 2, "n")).data,
    largest,
  );
});

// The cache answers like a map of the items used last, and never holds more than it may.
Deno.test("cache: behaves like a map, and stays within its bounds", () => {
  const operation = fc.record({
    write: fc.boolean(),
    name: fc.constantFrom("a", "b", "c"),
    freshness: fc.integer({ min: 0, max: 2 }),
    data: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const cache = new CardDataCache();
      const model = new Map<string, { freshness: number; data: Uint8Array }>();
      for (const { write, name, freshness, data } of operations) {
        const key = { cardIdentifier: UUID, name };
        if (write) {
          cache.write(key, freshness, data);
          model.set(name, { freshness, data });
          continue;
        }
        const item = model.get(name);
        if (item?.freshness === freshness) {
          assert.deepEqual([...cache.read(key, freshness)], [...item.data]);
        } else {
          assert.throws(() => cache.read(key, freshness));
          model.delete(name);
        }
      }
      assert.equal(cache.size, model.size);
      const bytes = [...model.values()].reduce(
        (n, { data }) => n + data.length,
        0,
      );
      assert.equal(cache.byteLength, bytes);
    }),
    { seed: 78163 },
  );
});

Deno.test("cache: the item used longest ago makes room", () => {
  const cache = new CardDataCache();
  const key = (name: string) => ({ cardIdentifier: UUID, name });
  const item = new Uint8Array(MAX_CACHE_ITEM_BYTES);
  const fitting = MAX_CACHE_BYTES / MAX_CACHE_ITEM_BYTES;
  for (let i = 0; i < fitting; i++) cache.write(key(`${i}`), 0, item);
  cache.read(key("0"), 0);
  cache.write(key("more"), 0, DATA);
  assert.equal(cache.read(key("0"), 0).length, item.length);
  assert.throws(() => cache.read(key("1"), 0), {
    name: "SCARD_W_CACHE_ITEM_NOT_FOUND",
  });
  assert.ok(cache.byteLength <= MAX_CACHE_BYTES);
  for (let i = 0; i < MAX_CACHE_ITEMS + 10; i++) {
    cache.write(key(`small ${i}`), 0, new Uint8Array(0));
  }
  assert.ok(cache.size <= MAX_CACHE_ITEMS);
});

Deno.test("audit: goes to whoever takes it", async () => {
  const records: unknown[] = [];
  await using d = await desk({ audit: (record) => records.push(record) });
  const { hContext } = d;
  for (const event of [SCARD_AUDIT_CHV_FAILURE, SCARD_AUDIT_CHV_SUCCESS]) {
    ends(ok, await d.ws.SCardAudit(hContext, event));
  }
  assert.deepEqual(records, [{ event: 0, hContext }, { event: 1, hContext }]);
});

Deno.test("handle numbers: one to one, without order, different in each table", () => {
  const [one, two] = [new HandleNumbers(), new HandleNumbers()];
  const numbers = Array.from({ length: 20_000 }, () => one.next());
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.every((n) => n > 0 && n < 2 ** 52 && Number.isInteger(n)));
  assert.ok(!numbers.includes(two.next()));
  const rising = numbers.filter((n, i) => i > 0 && n > numbers[i - 1]).length;
  assert.ok(rising > 8000 && rising < 12_000, `${rising} rise`);
});
