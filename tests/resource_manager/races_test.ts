import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_NOT_SUPPORTED,
} from "../../src/smclib/mod.ts";
import type { Connection } from "../../src/resource_manager/mod.ts";
import { bench, fails } from "./bench.ts";
import { type FakeReader, settle, TEST_ATR } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const SHARED = { shareMode: "shared", protocols: 3 } as const;

/** The card goes `ticks` microtasks after the device answered the last request of `work`. */
async function removedAfterAnswer(
  device: FakeReader,
  ticks: number,
  work: Promise<unknown>,
): Promise<unknown> {
  const outcome = work.catch((error: Error) => error.name);
  while (device.count(IOCTL_SMARTCARD_SET_PROTOCOL) === 0) await null;
  device.pace = "sync";
  device.release();
  for (let i = 0; i < ticks; i++) await null;
  device.remove();
  return await outcome;
}

/** Whatever the outcome was, the connection is none to the card that comes in next. */
async function staysWithItsCard(
  b: { device: FakeReader },
  connection: Connection,
  next: () => Promise<Connection>,
): Promise<void> {
  await settle();
  b.device.insert();
  await settle();
  await next();
  await fails("SCARD_W_REMOVED_CARD", () => connection.transmit(APDU));
}

for (let ticks = 0; ticks < 6; ticks++) {
  Deno.test(`bind: card removed ${ticks} microtasks after the protocol was agreed, connect`, async () => {
    await using b = await bench();
    const context = b.manager.establishContext();
    const connect = () => context.connect(b.reader.name);
    b.device.pace = "held";
    const outcome = await removedAfterAnswer(b.device, ticks, connect());
    if (outcome === "SCARD_E_NO_SMARTCARD") return;
    await staysWithItsCard(b, outcome as Connection, connect);
  });
  Deno.test(`bind: card removed ${ticks} microtasks after the protocol was agreed, reconnect`, async () => {
    await using b = await bench();
    const context = b.manager.establishContext();
    const connect = () => context.connect(b.reader.name);
    const connection = await connect();
    b.device.log.length = 0;
    b.device.pace = "held";
    const outcome = await removedAfterAnswer(
      b.device,
      ticks,
      connection.reconnect(SHARED),
    );
    assert(outcome === "SCARD_E_NO_SMARTCARD" || outcome === 2);
    await staysWithItsCard(b, connection, connect);
  });
  Deno.test(`bind: card removed ${ticks} microtasks after the protocol was agreed, end of a transaction with a reset`, async () => {
    await using b = await bench();
    const context = b.manager.establishContext();
    const connect = () => context.connect(b.reader.name);
    const connection = await connect();
    await connection.beginTransaction();
    b.device.log.length = 0;
    b.device.pace = "held";
    const ending = Promise.resolve(connection.endTransaction(1));
    b.device.release();
    await removedAfterAnswer(b.device, ticks, ending);
    await staysWithItsCard(b, connection, connect);
  });
}

Deno.test("bind: a direct connection that found no card is one to the reader", async () => {
  await using b = await bench({ card: false });
  const context = b.manager.establishContext();
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  b.device.insert();
  await settle();
  assert.equal(direct.problem, null);
});

Deno.test("transaction: its end with a reset leaves a card alone that came in meanwhile", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  await connection.beginTransaction();
  b.device.pace = "held";
  const sent = Promise.resolve(connection.transmit(APDU));
  const ending = Promise.resolve(connection.endTransaction(1));
  b.device.remove();
  b.device.insert();
  const resets = b.device.count(IOCTL_SMARTCARD_POWER);
  b.device.pace = "sync";
  b.device.release();
  await fails("SCARD_W_REMOVED_CARD", () => sent);
  await fails("SCARD_W_REMOVED_CARD", () => ending);
  await settle();
  // The one that makes the new card known.
  assert.equal(b.device.count(IOCTL_SMARTCARD_POWER), resets + 1);
});

for (
  const status of [
    STATUS_INVALID_PARAMETER,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_NOT_SUPPORTED,
    STATUS_DEVICE_BUSY,
  ]
) {
  Deno.test(`control: a power request refused with ${status.toString(16)} leaves the sessions alone`, async () => {
    await using b = await bench();
    const context = b.manager.establishContext();
    const mine = await context.connect(b.reader.name);
    const theirs = await context.connect(b.reader.name);
    for (const action of [1, 7]) {
      b.device.failNext(IOCTL_SMARTCARD_POWER, status);
      await assert.rejects(async () => {
        await mine.control(
          IOCTL_SMARTCARD_POWER,
          Uint8Array.of(action, 0, 0, 0),
        );
      });
      await mine.transmit(APDU);
      await theirs.transmit(APDU);
      assert.equal(b.reader.state.flags, 0x120);
      assert.deepEqual(b.reader.state.atr, TEST_ATR);
    }
  });
}

Deno.test("control: a power request that the card did not answer ends its sessions", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const mine = await context.connect(b.reader.name);
  const theirs = await context.connect(b.reader.name);
  b.device.failNext(IOCTL_SMARTCARD_POWER, STATUS_IO_TIMEOUT);
  await fails(
    "SCARD_W_UNRESPONSIVE_CARD",
    () => mine.control(IOCTL_SMARTCARD_POWER, Uint8Array.of(1, 0, 0, 0)),
  );
  await fails("SCARD_W_RESET_CARD", () => theirs.transmit(APDU));
  assert.equal(b.reader.slot.mute, true);
});

Deno.test("control: room for the answer is what the caller has", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  const reset = Uint8Array.of(1, 0, 0, 0);
  for (const outputLength of [1, 100_000]) {
    const asked = () =>
      connection.control(IOCTL_SMARTCARD_POWER, reset, { outputLength });
    if (outputLength === 1) await fails("SCARD_E_INSUFFICIENT_BUFFER", asked);
    else assert.deepEqual(await asked(), TEST_ATR);
  }
});
