import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { IOCTL_SMARTCARD_TRANSMIT } from "../../src/smclib/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";
import { settle } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);

Deno.test("transaction: first come, first served", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connect = () => context.connect(b.reader.name);
  const all = await Promise.all(Array.from({ length: 5 }, connect));
  const order: number[] = [];
  await all[0].beginTransaction();
  const waits = all.slice(1).map(async (connection, i) => {
    await connection.beginTransaction();
    order.push(i + 1);
    await connection.transmit(APDU);
    await connection.endTransaction();
  });
  await settle();
  assert.deepEqual(order, []);
  await all[0].endTransaction();
  await Promise.all(waits);
  assert.deepEqual(order, [1, 2, 3, 4]);
});

Deno.test("transaction: the lock is handed over in the step that ends it", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const first = await context.connect(b.reader.name);
  const second = await context.connect(b.reader.name);
  assert.equal(first.beginTransaction(), undefined);
  const waiting = second.beginTransaction();
  assert.equal(first.endTransaction(), undefined);
  assert.equal(b.reader.lock.owner, second);
  await waiting;
});

Deno.test("transaction: nested begins are counted", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const first = await context.connect(b.reader.name);
  const second = await context.connect(b.reader.name);
  await first.beginTransaction();
  await first.beginTransaction();
  const waiting = Promise.resolve(second.beginTransaction());
  await first.endTransaction();
  assert.equal(await isSettled(waiting), false);
  await first.endTransaction();
  await waiting;
  await fails("SCARD_E_NOT_TRANSACTED", () => first.endTransaction());
});

Deno.test("transaction: an aborted wait leaves the queue, the others keep their places", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const [a, c, d] = await Promise.all(
    [1, 2, 3].map(() => context.connect(b.reader.name)),
  );
  await a.beginTransaction();
  const abort = new AbortController();
  const aborted = c.beginTransaction({ signal: abort.signal });
  const waiting = Promise.resolve(d.beginTransaction());
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(Promise.resolve(aborted), reason);
  assert.equal(b.reader.lock.waiting, 1);
  await a.endTransaction();
  await waiting;
});

Deno.test("transaction: others' calls wait, or are refused by pcsc-lite", async () => {
  {
    await using b = await bench();
    const context = b.manager.establishContext();
    const [a, c] = [
      await context.connect(b.reader.name),
      await context.connect(b.reader.name),
    ];
    await a.beginTransaction();
    const apdu = APDU.slice();
    const waiting = Promise.resolve(c.transmit(apdu));
    apdu.fill(0xFF);
    assert.equal(await isSettled(waiting), false);
    assert.equal(b.device.count(IOCTL_SMARTCARD_TRANSMIT), 0);
    await a.endTransaction();
    assert.deepEqual((await waiting).slice(0, 4), APDU);
  }
  {
    await using b = await bench({ profile: PCSC_LITE_PROFILE });
    const context = b.manager.establishContext();
    const [a, c] = [
      await context.connect(b.reader.name),
      await context.connect(b.reader.name),
    ];
    await a.beginTransaction();
    await fails("SCARD_E_SHARING_VIOLATION", () => c.transmit(APDU));
    await fails("SCARD_E_SHARING_VIOLATION", () => c.status());
  }
});

Deno.test("transaction: ended with a reset, the others must reconnect, the owner goes on", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await owner.beginTransaction();
  const waiting = other.beginTransaction();
  await owner.endTransaction(SCARD_RESET_CARD);
  await fails("SCARD_W_RESET_CARD", () => waiting);
  await fails("SCARD_W_RESET_CARD", () => other.transmit(APDU));
  await fails("SCARD_W_RESET_CARD", () => other.status());
  await owner.transmit(APDU);
  await other.reconnect({ shareMode: "shared", protocols: 3 });
  await other.transmit(APDU);
});

Deno.test("transaction: with pcsc-lite the owner must reconnect, too", async () => {
  await using b = await bench({ profile: PCSC_LITE_PROFILE });
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  await owner.beginTransaction();
  await owner.endTransaction(SCARD_RESET_CARD);
  await fails("SCARD_W_RESET_CARD", () => owner.transmit(APDU));
});

Deno.test("transaction: a card without power comes back by reconnect", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  await owner.beginTransaction();
  await owner.endTransaction(SCARD_UNPOWER_CARD);
  assert.equal(b.reader.state.flags & 0x400, 0x400);
  await fails("SCARD_W_RESET_CARD", () => owner.transmit(APDU));
  await owner.reconnect({ shareMode: "shared", protocols: 3 });
  await owner.transmit(APDU);
  assert.equal(b.reader.state.flags & 0x400, 0);
});

Deno.test("transaction: the card removed inside it frees the lock for everybody", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await owner.beginTransaction();
  const waiting = other.beginTransaction();
  b.device.remove();
  await fails("SCARD_W_REMOVED_CARD", () => waiting);
  await fails("SCARD_W_REMOVED_CARD", () => owner.endTransaction());
  b.device.insert();
  await settle();
  await fails("SCARD_W_REMOVED_CARD", () => owner.transmit(APDU));
  await owner.reconnect({ shareMode: "shared", protocols: 3 });
  await owner.transmit(APDU);
});

Deno.test("transaction: five idle seconds end it with a reset on Windows", async () => {
  await using b = await bench({ profile: WINDOWS_PROFILE });
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await owner.beginTransaction();
  b.timers.advance(4000);
  await owner.transmit(APDU);
  b.timers.advance(4000);
  assert.equal(b.reader.lock.owner, owner);
  b.timers.advance(1000);
  assert.equal(b.reader.lock.owner, null);
  await fails("SCARD_W_RESET_CARD", () => owner.transmit(APDU));
  await fails("SCARD_W_RESET_CARD", () => owner.endTransaction());
  await fails("SCARD_W_RESET_CARD", () => other.beginTransaction());
});

Deno.test("transaction: disconnecting its owner ends it", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const owner = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await owner.beginTransaction();
  await owner.beginTransaction();
  const waiting = other.beginTransaction();
  await owner.disconnect();
  await waiting;
  await fails("SCARD_E_INVALID_HANDLE", () => owner.disconnect());
});
