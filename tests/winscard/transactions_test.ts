import assert from "node:assert/strict";
import {
  SCARD_CTL_CODE,
  SCARD_LEAVE_CARD,
  SCARD_PCI_T1,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
} from "../../src/winscard/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, desk, ends } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";

Deno.test("transaction: others wait in turn, for beginning and for transmitting", async () => {
  await using d = await desk();
  const { ws } = d;
  const [a, b, c] = [await d.connect(), await d.connect(), await d.connect()];
  const log: string[] = [];
  ends(ok, await ws.SCardBeginTransaction(a));
  const begun = ws.SCardBeginTransaction(b).then(() => log.push("b"));
  const sent = ws.SCardTransmit(c, SCARD_PCI_T1, APDU).then(() =>
    log.push("c")
  );
  assert.equal(await isSettled(begun), false);
  assert.equal(await isSettled(sent), false);
  ends(ok, await ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
  ends(ok, await ws.SCardEndTransaction(a, SCARD_LEAVE_CARD));
  await begun;
  assert.equal(await isSettled(sent), false);
  ends(ok, await ws.SCardEndTransaction(b, SCARD_LEAVE_CARD));
  await sent;
  assert.deepEqual(log, ["b", "c"]);
});

Deno.test("transaction: nested ones end as often as they began", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  for (let i = 0; i < 2; i++) ends(ok, await d.ws.SCardBeginTransaction(a));
  const waiting = d.ws.SCardBeginTransaction(b);
  ends(ok, await d.ws.SCardEndTransaction(a, SCARD_LEAVE_CARD));
  assert.equal(await isSettled(waiting), false);
  ends(ok, await d.ws.SCardEndTransaction(a, SCARD_LEAVE_CARD));
  ends(ok, await waiting);
  ends(
    "SCARD_E_NOT_TRANSACTED",
    await d.ws.SCardEndTransaction(a, SCARD_LEAVE_CARD),
  );
});

Deno.test("transaction: SCardCancel does not concern those who wait for one", async () => {
  await using d = await desk();
  const a = await d.connect();
  const hContext = await d.context();
  const b = await d.connect({ hContext });
  ends(ok, await d.ws.SCardBeginTransaction(a));
  const waiting = d.ws.SCardBeginTransaction(b);
  ends(ok, await d.ws.SCardCancel(hContext));
  assert.equal(await isSettled(waiting), false);
  ends(ok, await d.ws.SCardEndTransaction(a, SCARD_LEAVE_CARD));
  ends(ok, await waiting);
});

for (const disposition of [SCARD_RESET_CARD, SCARD_UNPOWER_CARD]) {
  Deno.test(`transaction: ended with disposition ${disposition}, others must reconnect`, async () => {
    await using d = await desk();
    const [a, b] = [await d.connect(), await d.connect()];
    ends(ok, await d.ws.SCardBeginTransaction(a));
    ends(ok, await d.ws.SCardEndTransaction(a, disposition));
    ends("SCARD_W_RESET_CARD", await d.ws.SCardBeginTransaction(b));
    ends(ok, await d.ws.SCardReconnect(b, 2, 3, 0));
    ends(ok, await d.ws.SCardBeginTransaction(b));
  });
}

Deno.test("transaction: who ends one with a reset goes on", async () => {
  await using d = await desk();
  const a = await d.connect();
  ends(ok, await d.ws.SCardBeginTransaction(a));
  ends(ok, await d.ws.SCardEndTransaction(a, SCARD_RESET_CARD));
  ends(ok, await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
});

Deno.test("transaction: reconnecting ends it", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  for (let i = 0; i < 2; i++) ends(ok, await d.ws.SCardBeginTransaction(a));
  ends(ok, await d.ws.SCardReconnect(a, 2, 3, SCARD_LEAVE_CARD));
  ends(ok, await d.ws.SCardBeginTransaction(b));
  ends("SCARD_E_NOT_TRANSACTED", await d.ws.SCardEndTransaction(a, 0));
});

Deno.test("transaction: removing the card ends it, whatever its end is told", async () => {
  await using d = await desk();
  const a = await d.connect();
  ends(ok, await d.ws.SCardBeginTransaction(a));
  d.device.remove();
  d.device.insert();
  await settle();
  const b = await d.connect();
  ends(ok, await d.ws.SCardBeginTransaction(b));
  ends("SCARD_W_REMOVED_CARD", await d.ws.SCardEndTransaction(a, 0));
});

Deno.test("transaction: 5 seconds without use reset the card", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  ends(ok, await d.ws.SCardBeginTransaction(a));
  const waiting = d.ws.SCardBeginTransaction(b);
  d.timers.advance(5000);
  await settle();
  ends("SCARD_W_RESET_CARD", await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
  ends("SCARD_W_RESET_CARD", await waiting);
  ends(ok, await d.ws.SCardReconnect(b, 2, 3, 0));
  ends(ok, await d.ws.SCardBeginTransaction(b));
});

for (const use of ["transmit", "status", "control", "attribute"]) {
  Deno.test(`transaction: ${use} counts as use`, async () => {
    await using d = await desk();
    d.device.vendorControl = () => new Uint8Array(0);
    const a = await d.connect();
    ends(ok, await d.ws.SCardBeginTransaction(a));
    for (let i = 0; i < 3; i++) {
      d.timers.advance(4000);
      await settle();
      if (use === "transmit") await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU);
      else if (use === "status") await d.ws.SCardStatus(a);
      else if (use === "control") {
        await d.ws.SCardControl(a, SCARD_CTL_CODE(2050), null);
      } else await d.ws.SCardGetAttrib(a, 0x00010100);
    }
    ends(ok, await d.ws.SCardEndTransaction(a, SCARD_LEAVE_CARD));
  });
}

Deno.test("transaction: an exclusive connection without one may rest", async () => {
  await using d = await desk();
  const a = await d.connect({ share: 1 });
  d.timers.advance(60_000);
  await settle();
  ends(ok, await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
});
