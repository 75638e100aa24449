import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  PNP_NOTIFICATION,
  ResourceManager,
} from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  STATUS_DEVICE_REMOVED,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { FakeReader, settle, TEST_ATR } from "./fake_reader.ts";

const CHANGED = 2, UNKNOWN = 4, UNAVAILABLE = 8, EMPTY = 0x10, PRESENT = 0x20;
const INUSE = 0x100, MUTE = 0x200;

Deno.test("events: each insertion and removal counts, and the ATR comes with the insertion", async () => {
  await using b = await bench({ card: false, pace: "async" });
  const context = b.manager.establishContext();
  const readerName = b.reader.name;
  let known = { currentState: EMPTY, currentCount: 0 };
  for (
    const [act, flags, count] of [
      ["insert", PRESENT, 1],
      ["remove", EMPTY, 2],
      ["insert", PRESENT, 3],
    ] as const
  ) {
    const waiting = context.getStatusChange([{ readerName, ...known }]);
    assert.equal(await isSettled(waiting), false);
    b.device[act]();
    const [answer] = await waiting;
    assert.equal(answer.eventState, flags | CHANGED);
    assert.equal(answer.eventCount, count);
    assert.deepEqual(answer.atr, flags === PRESENT ? TEST_ATR : null);
    known = { currentState: answer.eventState, currentCount: count };
  }
});

Deno.test("events: flags and counts decide what is a change", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const readerName = b.reader.name;
  const look = (currentState: number, currentCount?: number) =>
    context.getStatusChange([{ readerName, currentState, currentCount }], {
      timeoutMs: 0,
    });
  const [unaware] = await look(0);
  assert.deepEqual(unaware, {
    readerName,
    eventState: PRESENT | CHANGED,
    eventCount: 0,
    atr: TEST_ATR,
  });
  await fails("SCARD_E_TIMEOUT", () => look(PRESENT));
  await fails("SCARD_E_TIMEOUT", () => look(PRESENT | CHANGED, 0));
  assert.equal((await look(PRESENT, 5))[0].eventState, PRESENT | CHANGED);
  await context.connect(readerName);
  assert.equal((await look(PRESENT))[0].eventState, PRESENT | INUSE | CHANGED);
  // All entries ignored: nothing can ever change.
  assert.equal((await look(1))[0].eventState, 1);
  const [nobody] = await context.getStatusChange([
    { readerName: "nobody", currentState: PRESENT },
  ]);
  assert.equal(nobody.eventState, UNKNOWN | CHANGED | 1);
});

Deno.test("events: pcsc-lite refuses unknown readers", async () => {
  await using b = await bench({ profile: PCSC_LITE_PROFILE });
  const context = b.manager.establishContext();
  await fails(
    "SCARD_E_UNKNOWN_READER",
    () => context.getStatusChange([{ readerName: "nobody", currentState: 0 }]),
  );
});

Deno.test("events: timeout, cancel and abort end a wait", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const requests = [{ readerName: b.reader.name, currentState: PRESENT }];
  const timed = context.getStatusChange(requests, { timeoutMs: 1500 });
  const timedOut = fails("SCARD_E_TIMEOUT", () => timed);
  b.timers.advance(1499);
  assert.equal(await isSettled(timed), false);
  b.timers.advance(1);
  await timedOut;
  const cancelled = fails(
    "SCARD_E_CANCELLED",
    () => context.getStatusChange(requests, { timeoutMs: 1e12 }),
  );
  await settle();
  context.cancel();
  await cancelled;
  const abort = new AbortController();
  const reason = new Error("no longer wanted");
  const aborted = context.getStatusChange(requests, {
    timeoutMs: 5,
    signal: abort.signal,
  });
  abort.abort(reason);
  await assert.rejects(aborted, reason);
  assert.equal(b.timers.pending, 0);
});

Deno.test("events: the pseudo reader tells of arrivals and departures", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const readerName = PNP_NOTIFICATION.toUpperCase();
  const wait = (currentCount?: number) =>
    context.getStatusChange([{ readerName, currentState: 0, currentCount }]);
  const arriving = wait();
  assert.equal(await isSettled(arriving), false);
  const device = new FakeReader();
  const second = await b.manager.addReader(device);
  assert.equal(second.name, "Fake Reader 1");
  const [arrived] = await arriving;
  assert.deepEqual([arrived.eventState, arrived.eventCount], [CHANGED, 2]);
  const leaving = wait(2);
  b.manager.removeReader(second);
  assert.equal((await leaving)[0].eventCount, 1);
  assert.equal(device.tracking, null);
});

Deno.test("readers: a mute card shows as such", async () => {
  await using b = await bench({ card: false });
  b.device.mute = true;
  b.device.insert();
  await settle();
  assert.equal(b.reader.state.flags, PRESENT | MUTE);
  assert.equal(b.reader.state.atr, null);
});

Deno.test("readers: names are unique, given names must be", async () => {
  const manager = new ResourceManager();
  const names = [];
  for (const unit of [0, 0, 7]) {
    const device = new FakeReader();
    device.unit = unit;
    names.push((await manager.addReader(device)).name);
  }
  assert.deepEqual(names, ["Fake Reader 0", "Fake Reader 1", "Fake Reader 7"]);
  const mute = new FakeReader();
  mute.vendor = mute.ifdType = "";
  assert.equal((await manager.addReader(mute)).name, "Smart Card Reader 0");
  await manager.addReader(new FakeReader(), { name: "Mine" });
  await fails(
    "SCARD_E_DUPLICATE_READER",
    () => manager.addReader(new FakeReader(), { name: "Mine" }),
  );
  await manager.close();
  await fails("SCARD_E_NO_SERVICE", () => manager.addReader(new FakeReader()));
  await fails("SCARD_E_NO_SERVICE", () => manager.establishContext());
});

Deno.test("readers: a failing device is unavailable, and tried again by the next connect", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  await connection.beginTransaction();
  b.device.endTracking(STATUS_DEVICE_REMOVED);
  await settle();
  assert.equal(b.reader.state.flags, UNAVAILABLE);
  await fails("SCARD_E_READER_UNAVAILABLE", () => connection.endTransaction());
  b.device.failNext(IOCTL_SMARTCARD_GET_STATE, STATUS_DEVICE_REMOVED);
  await fails(
    "SCARD_E_READER_UNAVAILABLE",
    () => context.connect(b.reader.name),
  );
  const again = await context.connect(b.reader.name);
  await again.transmit(Uint8Array.of(0, 0, 0, 0));
  await fails("SCARD_W_REMOVED_CARD", () => connection.status());
});

Deno.test("readers: a device that cannot track is unavailable", async () => {
  const manager = new ResourceManager();
  const device = new FakeReader();
  device.failNext(IOCTL_SMARTCARD_IS_PRESENT, STATUS_NOT_SUPPORTED);
  const reader = await manager.addReader(device);
  assert.equal(reader.state.flags, UNAVAILABLE);
  await manager.close();
});

Deno.test("readers: a device that reports events without end is stopped", async () => {
  const manager = new ResourceManager();
  const device = new FakeReader();
  const forever = new Array(1000).fill(STATUS_SUCCESS);
  device.failNext(IOCTL_SMARTCARD_IS_PRESENT, ...forever);
  device.failNext(IOCTL_SMARTCARD_IS_ABSENT, ...forever);
  const reader = await manager.addReader(device);
  await settle(200);
  assert.equal(reader.state.flags, UNAVAILABLE);
  assert(device.log.length < 60, `${device.log.length} requests`);
  await manager.close();
});
