/** A card without connections loses its power after a while, and gets it back with the next connect. */

import assert from "node:assert/strict";
import {
  type Policy,
  type Reader,
  ResourceManager,
  SCARD_RESET_CARD,
  SCARD_STATE_EMPTY,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNPOWERED,
} from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_POWER,
  STATUS_NOT_SUPPORTED,
} from "../../src/smclib/mod.ts";
import { FakeReader, settle, TEST_ATR } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

const NAME = "Fake Reader 0";
const LIMIT_MS = 1000;
const OFF = SCARD_STATE_PRESENT | SCARD_STATE_UNPOWERED;

interface Setup extends AsyncDisposable {
  timers: FakeTimers;
  manager: ResourceManager;
  device: FakeReader;
  reader: Reader;
}

async function start(
  options: { card?: boolean; ofReader?: number; policy?: Policy } = {},
): Promise<Setup> {
  const timers = new FakeTimers();
  const { card = true, ofReader, policy } = options;
  const idlePowerOffMs = ofReader === undefined ? LIMIT_MS : 0;
  const manager = new ResourceManager({ timers, idlePowerOffMs, policy });
  const device = new FakeReader();
  if (card) device.insert();
  const reader = await manager.addReader(device, { idlePowerOffMs: ofReader });
  return {
    timers,
    manager,
    device,
    reader,
    async [Symbol.asyncDispose]() {
      device.pace = "sync";
      device.release();
      await manager.close();
      await settle();
      assert.equal(timers.pending, 0, "timers left");
    },
  };
}

Deno.test("idle: off by default, delays are checked", async () => {
  const timers = new FakeTimers();
  await using manager = new ResourceManager({ timers });
  const device = new FakeReader();
  device.insert();
  const reader = await manager.addReader(device);
  assert.equal(timers.pending, 0);
  timers.advance(1e9);
  assert.equal(reader.slot.powered, true);
  for (const idlePowerOffMs of [-1, NaN, 2 ** 31]) {
    assert.throws(() => new ResourceManager({ idlePowerOffMs }), RangeError);
    await assert.rejects(
      manager.addReader(new FakeReader(), { idlePowerOffMs }),
      /^RangeError: Cannot add a reader: idlePowerOffMs is /,
    );
  }
});

for (const ofReader of [undefined, LIMIT_MS]) {
  const whose = ofReader === undefined ? "manager" : "reader";
  Deno.test(`idle: powered down after the ${whose}'s limit, powered up by the next connect`, async () => {
    await using setup = await start({ ofReader });
    const { timers, reader, device, manager } = setup;
    const context = manager.establishContext();
    const [{ eventState: currentState }] = context.readerStates([
      { readerName: NAME, currentState: 0 },
    ]);
    const waiting = context.getStatusChange([{
      readerName: NAME,
      currentState,
    }]);
    timers.advance(LIMIT_MS - 1);
    assert.equal(reader.state.flags, SCARD_STATE_PRESENT);
    timers.advance(1);
    assert.equal(reader.state.flags, OFF);
    assert.deepEqual(reader.state.atr, TEST_ATR);
    const [{ eventState }] = await waiting;
    assert.ok((eventState & SCARD_STATE_UNPOWERED) !== 0);
    assert.equal(reader.counters.resets["idle-power-off"], 1);
    assert.equal(timers.pending, 0);
    const asked = device.count(IOCTL_SMARTCARD_POWER);
    const connection = await context.connect(NAME);
    assert.equal(device.count(IOCTL_SMARTCARD_POWER), asked + 1);
    assert.equal(reader.slot.powered, true);
    assert.equal((await connection.transmit(new Uint8Array(5))).length, 7);
    timers.advance(10 * LIMIT_MS);
    assert.equal(reader.slot.powered, true, "used");
    await connection.disconnect();
    timers.advance(LIMIT_MS - 1);
    assert.equal(reader.slot.powered, true, "the time begins anew");
    timers.advance(1);
    assert.equal(reader.state.flags, OFF);
  });
}

Deno.test("idle: the time begins with the card, and ends with it", async () => {
  await using setup = await start({ card: false });
  const { timers, reader, device } = setup;
  assert.equal(timers.pending, 0);
  device.insert();
  await settle();
  timers.advance(LIMIT_MS - 1);
  device.remove();
  await settle();
  assert.equal(timers.pending, 0);
  device.insert();
  await settle();
  timers.advance(LIMIT_MS - 1);
  assert.equal(reader.slot.powered, true);
  timers.advance(1);
  assert.equal(reader.state.flags, OFF);
  device.remove();
  await settle();
  assert.equal(reader.state.flags, SCARD_STATE_EMPTY);
});

Deno.test("idle: never during a connection, a transaction or a direct connection", async () => {
  await using setup = await start();
  const { timers, reader, manager } = setup;
  const context = manager.establishContext();
  const connection = await context.connect(NAME);
  await connection.beginTransaction();
  timers.advance(10 * LIMIT_MS);
  await connection.endTransaction(SCARD_RESET_CARD);
  timers.advance(10 * LIMIT_MS);
  assert.equal(reader.slot.powered, true);
  const direct = await context.connect(NAME, { shareMode: "direct" });
  await connection.disconnect();
  timers.advance(10 * LIMIT_MS);
  assert.equal(reader.slot.powered, true);
  await direct.disconnect();
  timers.advance(LIMIT_MS);
  assert.equal(reader.state.flags, OFF);
});

Deno.test("idle: a connect that is under way keeps the power, a failed one starts the time anew", async () => {
  const verdict = Promise.withResolvers<boolean>();
  await using setup = await start({
    policy: { connect: () => verdict.promise },
  });
  const { timers, reader, manager, device } = setup;
  timers.advance(LIMIT_MS / 2);
  const connecting = manager.establishContext().connect(NAME);
  const refused = assert.rejects(connecting);
  timers.advance(2 * LIMIT_MS);
  assert.equal(reader.slot.powered, true);
  verdict.resolve(false);
  await refused;
  await settle();
  timers.advance(LIMIT_MS - 1);
  assert.equal(reader.slot.powered, true);
  // The limit passes while the reader is busy, and somebody comes meanwhile.
  device.pace = "held";
  const busy = reader.io.run(() => reader.slot.getState());
  timers.advance(1);
  const late = manager.establishContext({ policy: null }).connect(NAME);
  device.release();
  await busy;
  device.pace = "sync";
  device.release();
  await settle();
  device.release();
  const connection = await late;
  assert.equal(reader.counters.resets["idle-power-off"], 0);
  await connection.disconnect();
});

Deno.test("idle: a connect during the power-down powers the card up again", async () => {
  await using setup = await start();
  const { timers, reader, manager, device } = setup;
  device.pace = "held";
  timers.advance(LIMIT_MS);
  assert.equal(device.held.length, 1);
  const connecting = manager.establishContext().connect(NAME);
  await settle();
  device.pace = "sync";
  device.release();
  const connection = await connecting;
  assert.equal(reader.slot.powered, true);
  assert.equal(connection.problem, null);
  assert.equal((await connection.transmit(new Uint8Array(5))).length, 7);
});

Deno.test("idle: a reader that cannot power down is asked once per use", async () => {
  await using setup = await start();
  const { timers, reader, manager, device } = setup;
  const asked = () => device.count(IOCTL_SMARTCARD_POWER);
  const before = asked();
  device.failNext(IOCTL_SMARTCARD_POWER, STATUS_NOT_SUPPORTED);
  timers.advance(LIMIT_MS);
  await settle();
  assert.equal(asked(), before + 1);
  assert.equal(reader.state.flags, SCARD_STATE_PRESENT);
  timers.advance(100 * LIMIT_MS);
  assert.equal(asked(), before + 1);
  await (await manager.establishContext().connect(NAME)).disconnect();
  timers.advance(LIMIT_MS);
  assert.equal(asked(), before + 2);
  assert.equal(reader.state.flags, OFF);
});

Deno.test("idle: the reader leaves while its card is powered down", async () => {
  await using setup = await start();
  const { timers, reader, manager, device } = setup;
  device.pace = "held";
  timers.advance(LIMIT_MS);
  manager.removeReader(reader);
  await settle();
  assert.equal(timers.pending, 0);
});
