import assert from "node:assert/strict";
import {
  createWinscard,
  SCARD_LEAVE_CARD,
  SCARD_RESET_CARD,
} from "../../src/winscard/mod.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { CARD_CALLS, type Code, CONTEXT_CALLS } from "./calls.ts";
import { type Desk, desk, ends, NAME } from "./desk.ts";

/** A handle that is none, and what the functions say to it. */
type BadHandle = readonly [string, (d: Desk) => Promise<unknown>, Code];

const NOT_ANY: readonly BadHandle[] = [
  [
    "a number never given",
    () => Promise.resolve(12345),
    "SCARD_E_INVALID_HANDLE",
  ],
  ["NaN", () => Promise.resolve(NaN), "SCARD_E_INVALID_HANDLE"],
  ["a text", () => Promise.resolve("1"), "SCARD_E_INVALID_HANDLE"],
  ["nothing", () => Promise.resolve(undefined), "SCARD_E_INVALID_HANDLE"],
];

const BAD_CONTEXTS: readonly BadHandle[] = [
  ...NOT_ANY,
  ["a connection", (d) => d.connect(), "SCARD_E_INVALID_HANDLE"],
  ["a context of another object", async (d) => {
    const other = createWinscard({ manager: d.manager });
    return (await other.SCardEstablishContext(0)).hContext;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a released context", async (d) => {
    const hContext = await d.context();
    ends("SCARD_S_SUCCESS", await d.ws.SCardReleaseContext(hContext));
    return hContext;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a context that the resource manager ended", async (d) => {
    const hContext = await d.context();
    await d.manager.contexts.at(-1)!.abandon();
    return hContext;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a context of a stopped service", async (d) => {
    const hContext = await d.context();
    await d.manager.close();
    return hContext;
  }, "SCARD_E_SERVICE_STOPPED"],
];

const BAD_CARDS: readonly BadHandle[] = [
  ...NOT_ANY,
  ["a context", (d) => d.context(), "SCARD_E_INVALID_HANDLE"],
  ["a connection of another object", async (d) => {
    const other = createWinscard({ manager: d.manager });
    const { hContext } = await other.SCardEstablishContext(0);
    return (await other.SCardConnect(hContext, NAME, 2, 3)).hCard;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a connection that has ended", async (d) => {
    const hCard = await d.connect();
    ends(
      "SCARD_S_SUCCESS",
      await d.ws.SCardDisconnect(hCard, SCARD_LEAVE_CARD),
    );
    return hCard;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a connection of a released context", async (d) => {
    const hContext = await d.context();
    const hCard = await d.connect({ hContext });
    ends("SCARD_S_SUCCESS", await d.ws.SCardReleaseContext(hContext));
    return hCard;
  }, "SCARD_E_INVALID_HANDLE"],
  ["a connection of a stopped service", async (d) => {
    const hCard = await d.connect();
    await d.manager.close();
    return hCard;
  }, "SCARD_E_SERVICE_STOPPED"],
];

for (const [what, make, code] of BAD_CONTEXTS) {
  Deno.test(`bad context: ${what}`, async (t) => {
    await using d = await desk();
    const handle = await make(d) as number;
    for (const { name, call } of CONTEXT_CALLS) {
      await t.step(name, async () => {
        ends(
          name === "SCardIsValidContext" ? 6 : code,
          await call(d.ws, handle),
        );
      });
    }
    // Released at last, the context of a stopped service is forgotten, too.
    ends(
      "SCARD_E_INVALID_HANDLE",
      await d.ws.SCardListReaders(handle || 12345),
    );
    if (d.manager.closed) return;
    for (const { name, call, ok } of CONTEXT_CALLS) {
      await t.step(`${name}, then well`, async () => {
        ends(ok, await call(d.ws, d.hContext));
      });
    }
  });
}

for (const [what, make, code] of BAD_CARDS) {
  Deno.test(`bad connection: ${what}`, async (t) => {
    await using d = await desk();
    d.device.vendorControl = () => new Uint8Array(0);
    const handle = await make(d) as number;
    for (const { name, call } of CARD_CALLS) {
      await t.step(name, async () => ends(code, await call(d.ws, handle)));
    }
    if (d.manager.closed) return;
    const good = await d.connect();
    for (const { name, call, ok } of CARD_CALLS) {
      await t.step(`${name}, then well`, async () => {
        ends(ok, await call(d.ws, good));
      });
    }
  });
}

for (const { name, call, reset, removed, unplugged } of CARD_CALLS) {
  Deno.test(`${name}: reset pending, card removed, reader unplugged`, async () => {
    await using d = await desk();
    d.device.vendorControl = () => new Uint8Array(0);
    const victim = await d.connect();
    const other = await d.connect();
    ends(
      "SCARD_S_SUCCESS",
      await d.ws.SCardDisconnect(other, SCARD_RESET_CARD),
    );
    ends(reset, await call(d.ws, victim));

    const second = await d.connect();
    const third = await d.connect();
    d.device.remove();
    await settle();
    ends(removed, await call(d.ws, second));
    d.device.insert();
    await settle();
    const reconnects = name === "SCardReconnect";
    ends(reconnects ? "SCARD_S_SUCCESS" : removed, await call(d.ws, third));

    // The next one works.
    const fourth = await d.connect();
    ends("SCARD_S_SUCCESS", await d.ws.SCardStatus(fourth));
    d.manager.removeReader(d.reader);
    ends(unplugged, await call(d.ws, fourth));
    ends(
      "SCARD_E_READER_UNAVAILABLE",
      await d.ws.SCardConnect(d.hContext, NAME, 2, 3),
    );
  });
}

Deno.test("no handle comes twice, and none is 0", async () => {
  await using d = await desk();
  const seen = new Set<number>();
  for (let i = 0; i < 500; i++) {
    const hContext = await d.context();
    const hCard = await d.connect({ hContext });
    for (const handle of [hContext, hCard]) {
      assert.ok(Number.isSafeInteger(handle) && handle > 0);
      assert.equal(seen.has(handle), false);
      seen.add(handle);
    }
    ends("SCARD_S_SUCCESS", await d.ws.SCardReleaseContext(hContext));
  }
});
