import assert from "node:assert/strict";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import { bench, fails } from "./bench.ts";
import { FakeReader, settle, TEST_ATR } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

for (const requests of [0, 1, 3, 4, 5]) {
  Deno.test(`close: ends the arrival of a reader that stopped answering after ${requests} requests`, async () => {
    const manager = new ResourceManager({ timers: new FakeTimers() });
    const device = new FakeReader();
    device.insert();
    device.pace = "held";
    const arriving = manager.addReader(device);
    for (let i = 0; i < requests; i++) {
      await settle();
      device.release();
    }
    // With everything answered the reader is there.
    if (requests < 5) await settle();
    else {
      await arriving;
      return await manager.close();
    }
    await manager.close();
    await fails("SCARD_E_NO_SERVICE", () => arriving);
    assert.equal(device.cleanups, 1);
    assert.equal(device.tracking, null);
  });
}

Deno.test("addReader: called off by a signal, the name is free again", async () => {
  await using b = await bench();
  const device = new FakeReader();
  device.pace = "held";
  const abort = new AbortController();
  const { signal } = abort;
  const arriving = b.manager.addReader(device, { name: "Mine", signal });
  await settle();
  const reason = new Error("unplugged");
  abort.abort(reason);
  await assert.rejects(arriving, reason);
  assert.equal(device.cleanups, 1);
  await assert.rejects(
    b.manager.addReader(new FakeReader(), { signal }),
    reason,
  );
  await b.manager.addReader(new FakeReader(), { name: "Mine" });
});

Deno.test("addReader: a card that is in shows with its ATR, however slow the reader", async () => {
  await using b = await bench({ card: false });
  const device = new FakeReader();
  device.insert();
  device.pace = "async";
  const reader = await b.manager.addReader(device);
  assert.equal(reader.state.flags, 0x20);
  assert.deepEqual(reader.state.atr, TEST_ATR);
});

Deno.test("readers: a card shows when its reset has ended, not before", async () => {
  await using b = await bench({ card: false });
  const context = b.manager.establishContext();
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  const shown: string[] = [];
  b.manager.subscribe(({ reader: { state } }) =>
    shown.push(`${state.flags.toString(16)} ${state.atr?.length}`)
  );
  b.device.pace = "held";
  b.device.insert();
  await settle();
  await direct.disconnect();
  await settle();
  assert.deepEqual(shown, []);
  b.device.release();
  await settle();
  assert.deepEqual(shown, [`20 ${TEST_ATR.length}`]);
});

Deno.test("readers: a card exchanged during its first reset is powered, too", async () => {
  await using b = await bench({ card: false });
  b.device.pace = "held";
  b.device.insert();
  await settle();
  b.device.remove();
  await settle();
  b.device.insert();
  await settle();
  b.device.pace = "sync";
  b.device.release();
  await settle();
  assert.equal(b.reader.state.flags, 0x20);
  assert.equal(b.reader.state.eventCount, 3);
});
