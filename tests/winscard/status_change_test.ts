import assert from "node:assert/strict";
import {
  INFINITE,
  PNP_NOTIFICATION,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_IGNORE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNKNOWN,
  type ScardReaderState,
} from "../../src/winscard/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import {
  FakeReader,
  settle,
  TEST_ATR,
} from "../resource_manager/fake_reader.ts";
import { type Desk, desk, ends, NAME } from "./desk.ts";

const CHANGED = SCARD_STATE_CHANGED;
const READER = { reader: NAME };
const PNP = { reader: PNP_NOTIFICATION };

/** One poll of one reader: how it ended, and its event state. */
async function poll(
  d: Desk,
  state: ScardReaderState,
): Promise<[string, number]> {
  const { code, readerStates } = await d.ws.SCardGetStatusChange(
    d.hContext,
    0,
    [state],
  );
  return [code === 0 ? "changed" : "timeout", readerStates[0].eventState];
}

Deno.test("status change: unaware is answered at once, by all flags", async () => {
  await using d = await desk({ card: false });
  assert.deepEqual(await poll(d, READER), ["changed", 0x00000012]);
  d.device.insert();
  await settle();
  assert.deepEqual(await poll(d, READER), ["changed", 0x00010022]);
  const hCard = await d.connect();
  assert.deepEqual(await poll(d, READER), [
    "changed",
    0x00010000 | CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_INUSE,
  ]);
  await d.ws.SCardReconnect(hCard, 1, 3, 0);
  assert.deepEqual(await poll(d, READER), [
    "changed",
    0x00010000 | CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE,
  ]);
  await d.ws.SCardDisconnect(hCard, 0);
  d.device.remove();
  await settle();
  d.device.mute = true;
  d.device.insert();
  await settle();
  assert.deepEqual(await poll(d, READER), [
    "changed",
    0x00030000 | CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_MUTE,
  ]);
  assert.deepEqual(await poll(d, { reader: "No" }), [
    "changed",
    CHANGED | SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE,
  ]);
});

Deno.test("status change: removal and insertion between two calls are noticed by the count", async () => {
  await using d = await desk();
  const [, before] = await poll(d, READER);
  assert.deepEqual(await poll(d, { ...READER, currentState: before }), [
    "timeout",
    (before & ~CHANGED) >>> 0,
  ]);
  d.device.remove();
  await settle();
  d.device.insert();
  await settle();
  const [how, after] = await poll(d, { ...READER, currentState: before });
  assert.equal(how, "changed");
  assert.equal(after & 0xFFFF, SCARD_STATE_PRESENT | CHANGED);
  assert.equal(after >>> 16, (before >>> 16) + 2);
});

Deno.test("status change: who was told count 0 notices that it is no more", async () => {
  await using d = await desk({ card: false });
  const [, before] = await poll(d, READER);
  assert.equal(before, SCARD_STATE_EMPTY | CHANGED);
  d.device.insert();
  await settle();
  d.device.remove();
  await settle();
  assert.deepEqual(await poll(d, { ...READER, currentState: before }), [
    "changed",
    0x00020012,
  ]);
});

Deno.test("status change: flags without a count are compared without it", async () => {
  await using d = await desk();
  d.device.remove();
  await settle();
  const bare = { ...READER, currentState: SCARD_STATE_EMPTY };
  assert.equal((await poll(d, bare))[0], "timeout");
  assert.equal((await poll(d, bare))[0], "timeout");
  const wait = d.ws.SCardGetStatusChange(d.hContext, INFINITE, [bare]);
  d.device.insert();
  assert.equal((await wait).readerStates[0].eventState & 0xFFFF, 0x22);
});

Deno.test("status change: time passes, and the entries are filled in", async () => {
  await using d = await desk();
  const [, now] = await poll(d, READER);
  const wait = d.ws.SCardGetStatusChange(d.hContext, 5000, [{
    ...READER,
    currentState: now,
  }]);
  await settle();
  d.timers.advance(4999);
  assert.equal(await isSettled(wait), false);
  d.timers.advance(1);
  const result = await wait;
  ends("SCARD_E_TIMEOUT", result);
  assert.deepEqual(result.readerStates, [{
    reader: NAME,
    userData: undefined,
    currentState: now,
    eventState: now & ~CHANGED,
    atr: TEST_ATR,
  }]);
});

Deno.test("status change: ignored entries say nothing, nothing but them returns", async () => {
  await using d = await desk();
  const ignored = { ...READER, currentState: SCARD_STATE_IGNORE };
  assert.deepEqual(await poll(d, ignored), ["changed", SCARD_STATE_IGNORE]);
  ends(
    "SCARD_S_SUCCESS",
    await d.ws.SCardGetStatusChange(d.hContext, INFINITE, []),
  );
});

Deno.test("status change: the list of readers", async () => {
  await using d = await desk();
  const upper = { reader: PNP_NOTIFICATION.toUpperCase() };
  assert.deepEqual(await poll(d, upper), ["timeout", 0x00010000]);
  // Other members 0: what comes next counts.
  const wait = d.ws.SCardGetStatusChange(d.hContext, INFINITE, [PNP]);
  await settle();
  const second = new FakeReader();
  second.unit = 1;
  const added = await d.manager.addReader(second);
  assert.equal((await wait).readerStates[0].eventState, 0x00020002);
  // Copied, it is compared with what there is now.
  d.manager.removeReader(added);
  assert.deepEqual(await poll(d, { ...PNP, currentState: 0x00020002 }), [
    "changed",
    0x00010002,
  ]);
  assert.deepEqual(await poll(d, { ...PNP, currentState: 0x00010000 }), [
    "timeout",
    0x00010000,
  ]);
});

Deno.test("status change: a reader out of order is unavailable, without other flags", async () => {
  await using d = await desk();
  d.device.endTracking(0xC0000185);
  await settle();
  const [, state] = await poll(d, READER);
  assert.equal(state & 0xFFFF, SCARD_STATE_UNAVAILABLE | CHANGED);
});

Deno.test("status change: release cancels, a stop of the service says so", async () => {
  await using d = await desk();
  const forever = async (hContext: number) => {
    const { readerStates } = await d.ws.SCardGetStatusChange(hContext, 0, [
      READER,
    ]);
    const { reader, eventState: currentState } = readerStates[0];
    return d.ws.SCardGetStatusChange(hContext, INFINITE, [{
      reader,
      currentState,
    }]).then((result) => result);
  };
  const hContext = await d.context();
  const released = forever(hContext);
  await settle();
  await d.ws.SCardReleaseContext(hContext);
  ends("SCARD_E_CANCELLED", await released);
  const stopped = forever(d.hContext);
  await settle();
  await d.manager.close();
  ends("SCARD_E_SERVICE_STOPPED", await stopped);
});
