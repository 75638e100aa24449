// Invariant: what happens at one reader, or to one context, looks at no other connection and no other reader.
import assert from "node:assert/strict";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import { SYSTEM_BUFFER_BYTES } from "../../src/resource_manager/reader_io.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { FakeReader, settle } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);

/** From now on whoever goes through these members fails. */
function forbidLooking(members: Set<unknown>): void {
  Object.defineProperty(members, Symbol.iterator, {
    value: () => {
      throw new Error("somebody looks at all connections");
    },
  });
}

Deno.test("scale: connecting, using, resetting, closing and card events look at no other connection", async () => {
  await using b = await bench();
  const others = b.manager.establishContext();
  const open = [];
  for (let i = 0; i < 20; i++) open.push(await others.connect(b.reader.name));
  forbidLooking(b.reader.connections);
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  assert.equal(b.reader.state.flags, 0x120);
  await connection.transmit(APDU);
  await connection.beginTransaction();
  await connection.endTransaction(1);
  await connection.reconnect({ shareMode: "shared", protocols: 3 });
  await connection.status();
  await connection.disconnect();
  b.device.remove();
  b.device.insert();
  await settle();
  assert.equal(open[0].problem, "card-removed");
  await context.release();
});

Deno.test("scale: what shows of the sharing follows every change of it", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const flags = () => b.reader.state.flags & 0x180;
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  assert.equal(flags(), 0x100);
  await direct.reconnect({ shareMode: "exclusive", protocols: 3 });
  assert.equal(flags(), 0x80);
  await fails(
    "SCARD_E_SHARING_VIOLATION",
    () => context.connect(b.reader.name),
  );
  assert.equal(flags(), 0x80);
  await direct.reconnect({ shareMode: "shared", protocols: 3 });
  assert.equal(flags(), 0x100);
  const shared = await context.connect(b.reader.name);
  await fails(
    "SCARD_E_SHARING_VIOLATION",
    () => shared.reconnect({ shareMode: "exclusive", protocols: 3 }),
  );
  await direct.disconnect();
  assert.equal(flags(), 0x100);
  await shared.disconnect();
  assert.equal(flags(), 0);
  for (const mode of ["shared", "exclusive", "direct"] as const) {
    assert.equal(b.reader.modes.count(mode), 0, mode);
    assert.equal(b.reader.shown.count(mode), 0, mode);
  }
});

Deno.test("scale: the release of a context looks at no reader but its own, and ends its wait for a transaction", async () => {
  await using b = await bench();
  const holder = await b.manager.establishContext().connect(b.reader.name);
  await holder.beginTransaction();
  const context = b.manager.establishContext();
  const connecting = context.connect(b.reader.name);
  await settle();
  assert.equal(b.reader.lock.waiting, 1);
  Object.defineProperty(b.manager, "readers", {
    configurable: true,
    get: () => {
      throw new Error("somebody looks at all readers");
    },
  });
  await context.release();
  await fails("SCARD_E_CANCELLED", () => connecting);
  assert.equal(b.reader.lock.waiting, 0);
  Reflect.deleteProperty(b.manager, "readers");
  await holder.endTransaction();
});

Deno.test("scale: closing a connection gives up its own waits and nobody else's", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const [holder, leaver, other] = [
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
    await context.connect(b.reader.name),
  ];
  await holder.beginTransaction();
  const waits = [1, 2, 3].map(() => Promise.resolve(leaver.transmit(APDU)));
  const begun = Promise.resolve(other.beginTransaction());
  assert.equal(b.reader.lock.waiting, 4);
  leaver.disconnect();
  for (const wait of waits) await fails("SCARD_E_INVALID_HANDLE", () => wait);
  assert.equal(b.reader.lock.waiting, 1);
  assert.equal(await isSettled(begun), false);
  await holder.endTransaction();
  await begun;
});

Deno.test("scale: a reader that exchanges nothing costs no large buffer, an unknown name no long message", async () => {
  await using manager = new ResourceManager({ timers: new FakeTimers() });
  const device = new FakeReader();
  device.insert();
  const reader = await manager.addReader(device);
  for (let i = 0; i < 30; i++) await manager.addReader(new FakeReader());
  const context = manager.establishContext();
  const message = await fails(
    "SCARD_E_UNKNOWN_READER",
    () => context.connect("nobody"),
  );
  assert(message.includes('"Fake Reader 7"] or 23 others'), message);
  const connection = await context.connect(reader.name);
  assert(reader.io.systemBuffer.length <= 1024);
  const long = new Uint8Array(5000);
  assert.equal((await connection.transmit(long)).length, 5002);
  assert.equal(reader.io.systemBuffer.length, SYSTEM_BUFFER_BYTES);
});
