import assert from "node:assert/strict";
import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_PCI_T1,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
} from "../../src/winscard/mod.ts";
import { IOCTL_SMARTCARD_POWER } from "../../src/smclib/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, type Desk, desk, ends, NAME } from "./desk.ts";

const ok = "SCARD_S_SUCCESS";

/** How often the card was powered or reset during `work`. */
async function powers(d: Desk, work: () => Promise<unknown>): Promise<number> {
  const before = d.device.count(IOCTL_SMARTCARD_POWER);
  await work();
  return d.device.count(IOCTL_SMARTCARD_POWER) - before;
}

for (
  const disposition of [SCARD_RESET_CARD, SCARD_UNPOWER_CARD, SCARD_EJECT_CARD]
) {
  Deno.test(`life cycle: disconnect with ${disposition} resets the card for others`, async () => {
    await using d = await desk();
    const [a, b] = [await d.connect(), await d.connect()];
    ends(ok, await d.ws.SCardDisconnect(a, disposition));
    for (let i = 0; i < 2; i++) {
      ends(
        "SCARD_W_RESET_CARD",
        await d.ws.SCardTransmit(b, SCARD_PCI_T1, APDU),
      );
    }
    const { code, activeProtocol } = await d.ws.SCardReconnect(b, 2, 3, 0);
    assert.deepEqual([code, activeProtocol], [0, 2]);
    ends(ok, await d.ws.SCardTransmit(b, SCARD_PCI_T1, APDU));
  });
}

Deno.test("life cycle: disconnect that leaves the card does so", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  const count = await powers(
    d,
    () => d.ws.SCardDisconnect(a, SCARD_LEAVE_CARD),
  );
  assert.equal(count, 0);
  ends(ok, await d.ws.SCardTransmit(b, SCARD_PCI_T1, APDU));
});

Deno.test("life cycle: a reset pending is no matter of protocols", async () => {
  await using d = await desk();
  const [a, b] = [await d.connect(), await d.connect()];
  await d.ws.SCardDisconnect(a, SCARD_RESET_CARD);
  const wrong = { protocol: 1 };
  ends("SCARD_W_RESET_CARD", await d.ws.SCardTransmit(b, wrong, APDU));
});

Deno.test("life cycle: removed stays removed until the reconnect", async () => {
  await using d = await desk();
  const a = await d.connect();
  d.device.remove();
  await settle();
  ends("SCARD_W_REMOVED_CARD", await d.ws.SCardStatus(a));
  ends("SCARD_E_NO_SMARTCARD", await d.ws.SCardReconnect(a, 2, 3, 0));
  d.device.insert();
  await settle();
  ends("SCARD_W_REMOVED_CARD", await d.ws.SCardStatus(a));
  ends("SCARD_W_REMOVED_CARD", await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
  ends(ok, await d.ws.SCardReconnect(a, 2, 3, 0));
  ends(ok, await d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU));
});

Deno.test("life cycle: the card goes while a command is under way", async () => {
  await using d = await desk();
  const a = await d.connect();
  d.device.pace = "held";
  const sent = d.ws.SCardTransmit(a, SCARD_PCI_T1, APDU);
  await settle();
  d.device.remove();
  d.device.pace = "sync";
  d.device.release();
  ends("SCARD_W_REMOVED_CARD", await sent);
});

Deno.test("life cycle: an unplugged reader takes its connections along, not the context", async () => {
  await using d = await desk();
  const hContext = await d.context();
  const a = await d.connect({ hContext });
  d.manager.removeReader(d.reader);
  ends("SCARD_E_READER_UNAVAILABLE", await d.ws.SCardStatus(a));
  ends("SCARD_E_READER_UNAVAILABLE", await d.ws.SCardReconnect(a, 2, 3, 0));
  ends(ok, await d.ws.SCardIsValidContext(hContext));
  ends("SCARD_E_NO_READERS_AVAILABLE", await d.ws.SCardListReaders(hContext));
  ends(
    "SCARD_E_READER_UNAVAILABLE",
    await d.ws.SCardConnect(hContext, NAME, 2, 3),
  );
  ends(ok, await d.ws.SCardDisconnect(a, SCARD_RESET_CARD));
  ends("SCARD_E_INVALID_HANDLE", await d.ws.SCardDisconnect(a, 0));
});

Deno.test("life cycle: a client that dies resets the card, with or without transaction", async () => {
  for (const transacted of [true, false]) {
    await using d = await desk();
    const hContext = await d.context();
    const context = d.manager.contexts.at(-1)!;
    const [a, b] = [await d.connect({ hContext }), await d.connect()];
    if (transacted) ends(ok, await d.ws.SCardBeginTransaction(a));
    const waiting = transacted
      ? d.ws.SCardBeginTransaction(b)
      : Promise.resolve(null);
    assert.equal(await powers(d, () => context.abandon()), 1);
    ends("SCARD_W_RESET_CARD", await d.ws.SCardStatus(b));
    const result = await waiting;
    if (result !== null) ends("SCARD_W_RESET_CARD", result);
    ends("SCARD_E_INVALID_HANDLE", await d.ws.SCardStatus(a));
  }
});

Deno.test("life cycle: a released context gives its connections back, and ends its transactions", async () => {
  await using d = await desk();
  const hContext = await d.context();
  const a = await d.connect({ hContext });
  const b = await d.connect();
  const count = await powers(d, () => d.ws.SCardReleaseContext(hContext));
  assert.equal(count, 0);
  ends("SCARD_E_INVALID_HANDLE", await d.ws.SCardStatus(a));
  ends(ok, await d.ws.SCardStatus(b));
  const second = await d.context();
  const c = await d.connect({ hContext: second });
  ends(ok, await d.ws.SCardBeginTransaction(c));
  const waiting = d.ws.SCardBeginTransaction(b);
  assert.equal(await isSettled(waiting), false);
  ends(ok, await d.ws.SCardReleaseContext(second));
  ends("SCARD_W_RESET_CARD", await waiting);
});

Deno.test("life cycle: the started event is signalled while the service runs and somebody has it", async () => {
  await using d = await desk();
  const { startedEvent } = await d.ws.SCardAccessStartedEvent();
  const again = await d.ws.SCardAccessStartedEvent();
  ends(ok, again);
  assert.equal(again.startedEvent, startedEvent);
  assert.equal(startedEvent.signalled, true);
  assert.equal(await startedEvent.wait(1000), true);
  await d.ws.SCardReleaseStartedEvent();
  assert.equal(startedEvent.signalled, true);
  await d.ws.SCardReleaseStartedEvent();
  assert.equal(startedEvent.signalled, false);
  ends(ok, await d.ws.SCardReleaseStartedEvent());
  const { startedEvent: next } = await d.ws.SCardAccessStartedEvent();
  assert.throws(() => next.wait(-1), RangeError);
  await d.manager.close();
  assert.equal(next.signalled, false);
  assert.equal(await next.wait(0), false);
  const waiting = next.wait(1000);
  assert.equal(await isSettled(waiting), false);
  d.timers.advance(1000);
  assert.equal(await waiting, false);
});
