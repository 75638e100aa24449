import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_SET_PROTOCOL,
  SCARD_ABSENT,
  SCARD_CTL_CODE,
  SCARD_NEGOTIABLE,
  SCARD_PCI_T1,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SHARE_DIRECT,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
  SCARD_SPECIFIC,
} from "../../src/winscard/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import type { Code } from "./calls.ts";
import { APDU, type Desk, desk, ends, NAME } from "./desk.ts";

const MODES = [SCARD_SHARE_SHARED, SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_DIRECT];
const ok = "SCARD_S_SUCCESS";
const violation = "SCARD_E_SHARING_VIOLATION";
const none = "SCARD_E_NO_SMARTCARD";
const mute = "SCARD_W_UNRESPONSIVE_CARD";

/** What exists, and what a shared, an exclusive and a direct connect get. */
const MATRIX: readonly (readonly [
  string,
  (d: Desk) => Promise<unknown>,
  readonly [Code | "waits", Code, Code],
])[] = [
  ["a card and no connection", () => Promise.resolve(), [ok, ok, ok]],
  ["no card", (d) => {
    d.device.remove();
    return settle();
  }, [none, none, ok]],
  ["a shared connection", (d) => d.connect(), [ok, violation, violation]],
  [
    "an exclusive connection",
    (d) => d.connect({ share: SCARD_SHARE_EXCLUSIVE }),
    [violation, violation, violation],
  ],
  [
    "a direct connection",
    (d) => d.connect({ share: SCARD_SHARE_DIRECT, protocols: 0 }),
    [violation, violation, violation],
  ],
  ["a transaction", async (d) => {
    const hCard = await d.connect();
    ends(ok, await d.ws.SCardBeginTransaction(hCard));
  }, ["waits", violation, violation]],
  ["a mute card", (d) => {
    d.device.remove();
    d.device.mute = true;
    d.device.insert();
    return settle();
  }, [mute, mute, ok]],
];

for (const [what, prepare, codes] of MATRIX) {
  for (const [i, mode] of MODES.entries()) {
    Deno.test(`connect in mode ${mode}: ${what} exists`, async () => {
      await using d = await desk();
      await prepare(d);
      const protocols = mode === SCARD_SHARE_DIRECT ? 0 : SCARD_PROTOCOL_Tx;
      const connecting = d.ws.SCardConnect(d.hContext, NAME, mode, protocols);
      const code = codes[i];
      if (code === "waits") {
        assert.equal(await isSettled(connecting), false);
        return;
      }
      const result = await connecting;
      ends(code, result);
      assert.equal(result.hCard !== 0, code === ok);
      const negotiated = code === ok && protocols !== 0;
      assert.equal(
        result.activeProtocol,
        negotiated ? SCARD_PROTOCOL_T1 : 0,
      );
    });
  }
}

Deno.test("connect: names are compared without case", async () => {
  await using d = await desk();
  ends(ok, await d.ws.SCardConnect(d.hContext, NAME.toUpperCase(), 2, 3));
});

Deno.test("connect: waiting for a transaction ends with its context", async () => {
  await using d = await desk();
  const holder = await d.connect();
  await d.ws.SCardBeginTransaction(holder);
  const waiting = d.ws.SCardConnect(d.hContext, NAME, 2, 3);
  await settle();
  await d.ws.SCardReleaseContext(d.hContext);
  ends("SCARD_E_CANCELLED", await waiting);
});

Deno.test("direct: no protocol until the reader is told to negotiate one", async () => {
  await using d = await desk();
  const hCard = await d.connect({ share: SCARD_SHARE_DIRECT, protocols: 0 });
  assert.equal((await d.ws.SCardStatus(hCard)).state, SCARD_NEGOTIABLE);
  ends(
    "SCARD_E_PROTO_MISMATCH",
    await d.ws.SCardTransmit(hCard, SCARD_PCI_T1, APDU),
  );
  const { output } = await d.ws.SCardControl(
    hCard,
    IOCTL_SMARTCARD_SET_PROTOCOL,
    Uint8Array.of(3, 0, 0, 0),
  );
  assert.deepEqual([...output], [2, 0, 0, 0]);
  const { state, protocol } = await d.ws.SCardState(hCard);
  assert.deepEqual([state, protocol], [SCARD_SPECIFIC, SCARD_PROTOCOL_T1]);
  ends(ok, await d.ws.SCardTransmit(hCard, SCARD_PCI_T1, APDU));
});

Deno.test("direct: control works without a card, and a reconnect makes it a general one", async () => {
  await using d = await desk({ card: false });
  d.device.vendorControl = (_, input) => input;
  const hCard = await d.connect({ share: SCARD_SHARE_DIRECT, protocols: 0 });
  const control = await d.ws.SCardControl(
    hCard,
    SCARD_CTL_CODE(2050),
    Uint8Array.of(7),
  );
  assert.deepEqual([control.code, ...control.output], [0, 7]);
  assert.equal((await d.ws.SCardState(hCard)).state, SCARD_ABSENT);
  ends(none, await d.ws.SCardReconnect(hCard, 2, 3, 0));
  d.device.insert();
  await settle();
  const { code, activeProtocol } = await d.ws.SCardReconnect(hCard, 2, 3, 0);
  assert.deepEqual([code, activeProtocol], [0, SCARD_PROTOCOL_T1]);
  await d.connect();
});

Deno.test("reconnect: a mode that others do not tolerate is refused", async () => {
  await using d = await desk();
  const hCard = await d.connect();
  await d.connect();
  ends(violation, await d.ws.SCardReconnect(hCard, 1, 3, 0));
  ends(ok, await d.ws.SCardStatus(hCard));
});

Deno.test("reconnect: another protocol needs a reset", async () => {
  await using d = await desk();
  const hCard = await d.connect({ protocols: 2 });
  ends("SCARD_E_PROTO_MISMATCH", await d.ws.SCardReconnect(hCard, 2, 1, 0));
  const { code, activeProtocol } = await d.ws.SCardReconnect(hCard, 2, 1, 1);
  assert.deepEqual([code, activeProtocol], [0, 1]);
});

for (const initialization of [1, 2]) {
  Deno.test(`reconnect: initialization ${initialization} resets the card for others`, async () => {
    await using d = await desk();
    const hCard = await d.connect();
    const other = await d.connect();
    ends(ok, await d.ws.SCardReconnect(hCard, 2, 3, initialization));
    ends(ok, await d.ws.SCardStatus(hCard));
    ends("SCARD_W_RESET_CARD", await d.ws.SCardStatus(other));
    ends("SCARD_W_RESET_CARD", await d.ws.SCardStatus(other));
    ends(ok, await d.ws.SCardReconnect(other, 2, 3, 0));
    ends(ok, await d.ws.SCardStatus(other));
  });
}
