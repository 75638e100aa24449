import assert from "node:assert/strict";
import {
  type CardDialog,
  type DialogCard,
  SC_DLG_FORCE_UI,
  SC_DLG_MINIMAL_UI,
  SC_DLG_NO_UI,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
} from "../../src/winscard/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { ends, NAME } from "./desk.ts";
import { SECOND, twoCards } from "./two_cards.ts";

const ok = "SCARD_S_SUCCESS";

Deno.test("dialog: one card fits, and nobody is asked", async () => {
  await using d = await twoCards();
  const { hContext } = d;
  const result = await d.ws.SCardUIDlgSelectCard({
    hContext,
    flags: SC_DLG_MINIMAL_UI,
    search: { cards: ["other"] },
    shareMode: SCARD_SHARE_EXCLUSIVE,
    preferredProtocols: 2,
  });
  ends(ok, result);
  const { reader, card, readerLength, cardLength, activeProtocol } = result;
  assert.deepEqual([reader, readerLength], [SECOND, SECOND.length + 1]);
  assert.deepEqual([card, cardLength, activeProtocol], ["Other", 6, 2]);
  assert.deepEqual((await d.ws.SCardStatus(result.hCard)).names, [SECOND]);
});

Deno.test("dialog: without UI the first card is taken, or none", async () => {
  await using d = await twoCards();
  const select = (request: object) =>
    d.ws.SCardUIDlgSelectCard({
      hContext: d.hContext,
      flags: SC_DLG_NO_UI,
      ...request,
    });
  const any = await select({});
  assert.deepEqual([any.code, any.reader, any.card, any.hCard], [
    0,
    NAME,
    "Test",
    0,
  ]);
  d.device.remove();
  await settle();
  ends("SCARD_E_NO_SMARTCARD", await select({ search: { cards: ["Test"] } }));
  const guid = "{00000000-0000-0000-C000-000000000046}";
  ends(
    "SCARD_E_NO_SMARTCARD",
    await select({ search: { interfaces: [guid] } }),
  );
  ends("SCARD_E_NO_SMARTCARD", await select({ search: { groups: ["No"] } }));
  const held = await d.ws.SCardConnect(
    d.hContext,
    SECOND,
    SCARD_SHARE_EXCLUSIVE,
    3,
  );
  ends(ok, held);
  const refused = await select({ shareMode: SCARD_SHARE_SHARED });
  ends("SCARD_E_SHARING_VIOLATION", refused);
  assert.deepEqual([refused.hCard, refused.reader], [0, ""]);
});

Deno.test("dialog: the user chooses, when more than one fits or always", async () => {
  const dialogs: CardDialog[] = [];
  await using d = await twoCards((dialog) => {
    dialogs.push(dialog);
    return Promise.resolve(dialog.cards.at(-1)!);
  });
  const request = {
    hContext: d.hContext,
    title: "Card",
    searchDescription: "Any card",
    icon: Uint8Array.of(1),
  };
  for (const flags of [SC_DLG_MINIMAL_UI, SC_DLG_FORCE_UI]) {
    const chosen = await d.ws.SCardUIDlgSelectCard({ ...request, flags });
    assert.deepEqual([chosen.code, chosen.reader], [0, SECOND]);
  }
  await d.ws.SCardUIDlgSelectCard({
    ...request,
    flags: SC_DLG_FORCE_UI,
    search: { cards: ["Test"] },
  });
  const [{ title, searchDescription, icon, cards, hContext }] = dialogs;
  assert.deepEqual(
    [title, searchDescription, icon, hContext],
    ["Card", "Any card", Uint8Array.of(1), d.hContext],
  );
  assert.deepEqual(cards.map(({ reader, card }) => [reader, card]), [
    [NAME, "Test"],
    [SECOND, "Other"],
  ]);
  assert.deepEqual(dialogs[2].cards.map(({ reader }) => reader), [NAME]);
});

Deno.test("dialog: the user gives up, or chooses what was not offered", async () => {
  let choice: DialogCard | null = null;
  await using d = await twoCards(() => Promise.resolve(choice));
  const request = { hContext: d.hContext };
  ends("SCARD_W_CANCELLED_BY_USER", await d.ws.SCardUIDlgSelectCard(request));
  choice = { reader: "No", card: "", cards: [], atr: new Uint8Array(0) };
  ends("SCARD_E_INVALID_VALUE", await d.ws.SCardUIDlgSelectCard(request));
});

Deno.test("dialog: waits until the user has put the card in", async () => {
  await using d = await twoCards(async (dialog) => {
    let { cards } = dialog;
    while (cards.length === 0) cards = await dialog.nextCards();
    return cards[0];
  });
  d.device.remove();
  await settle();
  const selecting = d.ws.SCardUIDlgSelectCard({
    hContext: d.hContext,
    search: { cards: ["Test"] },
  });
  assert.equal(await isSettled(selecting), false);
  d.second.remove();
  await settle();
  assert.equal(await isSettled(selecting), false);
  d.second.insert(TEST_ATR);
  const { code, reader } = await selecting;
  assert.deepEqual([code, reader], [0, SECOND]);
});

for (const how of ["cancel", "release", "stop"]) {
  Deno.test(`dialog: ${how} ends it`, async () => {
    const fired: boolean[] = [];
    await using d = await twoCards((dialog) => {
      dialog.signal.addEventListener("abort", () => fired.push(true));
      return new Promise(() => {});
    });
    const selecting = d.ws.SCardUIDlgSelectCard({ hContext: d.hContext });
    await settle();
    if (how === "cancel") await d.ws.SCardCancel(d.hContext);
    else if (how === "release") await d.ws.SCardReleaseContext(d.hContext);
    else await d.manager.close();
    ends(
      how === "stop" ? "SCARD_E_SERVICE_STOPPED" : "SCARD_E_CANCELLED",
      await selecting,
    );
    assert.deepEqual(fired, [true]);
  });
}
