/** What the resource manager counts, and what it says about who holds a card. */

import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  type ReaderMetrics,
  type ResetCause,
  SCARD_LEAVE_CARD,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { IOCTL_SMARTCARD_POWER } from "../../src/smclib/mod.ts";
import { type Bench, bench, fails } from "./bench.ts";
import { FakeReader, settle } from "./fake_reader.ts";

const NAME = "Fake Reader 0";
const APDU = Uint8Array.of(0x00, 0xB0, 0x00, 0x00, 0x10);

function readerMetrics({ manager }: Bench): ReaderMetrics {
  return manager.metrics.readers[0];
}

/** Causes that are not 0. */
function causes(setup: Bench): Partial<Record<ResetCause, number>> {
  const entries = Object.entries(readerMetrics(setup).resets);
  return Object.fromEntries(entries.filter(([, count]) => count !== 0));
}

Deno.test("metrics: APDUs, bytes and durations by the injected clock", async () => {
  await using setup = await bench({ pace: "sync" });
  const { device, timers } = setup;
  const connection = await setup.manager.establishContext().connect(NAME);
  await connection.transmit(APDU);
  device.pace = "held";
  for (const milliseconds of [5, 40, 60_000]) {
    const answer = connection.transmit(APDU);
    timers.advance(milliseconds);
    device.release();
    await answer;
  }
  device.pace = "sync";
  device.respond = () => 0xC00000B5;
  await fails("SCARD_W_UNRESPONSIVE_CARD", () => connection.transmit(APDU));
  const { apdus, bytesSent, bytesReceived, exchangeSeconds } = readerMetrics(
    setup,
  );
  assert.equal(apdus, 4);
  assert.equal(bytesSent, 5 * APDU.length);
  assert.equal(bytesReceived, 4 * (APDU.length + 2));
  const { bounds, counts, sumSeconds, count } = exchangeSeconds;
  assert.equal(count, 4);
  assert.equal(sumSeconds, 60.045);
  const at = (bound: number) => counts[bounds.indexOf(bound)];
  assert.deepEqual(
    [at(0.001), at(0.0025), at(0.005), at(0.025), at(0.05), at(30)],
    [1, 1, 2, 2, 3, 3],
  );
  assert.equal(counts[bounds.indexOf(Infinity)], 4);
  await connection.disconnect();
});

Deno.test("metrics: contexts, connections, readers, cards that come and go", async () => {
  await using setup = await bench();
  const { manager, device } = setup;
  const [a, b] = [manager.establishContext(), manager.establishContext()];
  await a.connect(NAME);
  await b.connect(NAME);
  assert.equal(manager.metrics.contexts, 2);
  assert.equal(readerMetrics(setup).connections, 2);
  assert.equal(readerMetrics(setup).insertions, 0, "it was in from the start");
  device.remove();
  await settle();
  device.insert();
  device.remove();
  await settle();
  device.insert();
  await settle();
  await b.release();
  const reader = readerMetrics(setup);
  assert.deepEqual([reader.insertions, reader.removals], [2, 2]);
  assert.equal(reader.connections, 1);
  assert.equal(reader.cardPresent, true);
  assert.equal(manager.metrics.contexts, 1);
  const other = await manager.addReader(new FakeReader(), { name: "Other" });
  assert.equal(manager.metrics.readers.length, 2);
  manager.removeReader(other);
  assert.equal(manager.metrics.readers.length, 1);
  assert.equal(manager.metrics.readerChanges, 3);
});

Deno.test("metrics: insertions and removals, one by one", async () => {
  await using setup = await bench({ card: false });
  const { device } = setup;
  device.insert();
  await settle();
  const counts = () => {
    const { insertions, removals, cardPresent } = readerMetrics(setup);
    return [insertions, removals, cardPresent];
  };
  assert.deepEqual(counts(), [1, 0, true]);
  device.remove();
  await settle();
  assert.deepEqual(counts(), [1, 1, false]);
});

Deno.test("metrics: resets by cause", async () => {
  await using setup = await bench({ profile: PCSC_LITE_PROFILE });
  const { manager } = setup;
  const context = manager.establishContext();
  assert.deepEqual(causes(setup), {}, "the first power-up is none");
  let connection = await context.connect(NAME, { protocols: 1 });
  await connection.disconnect(SCARD_RESET_CARD);
  assert.deepEqual(causes(setup), { disposition: 1 });
  connection = await context.connect(NAME);
  await connection.beginTransaction();
  await connection.endTransaction(SCARD_UNPOWER_CARD);
  assert.deepEqual(causes(setup), { disposition: 2 });
  await connection.disconnect();
  connection = await context.connect(NAME, { protocols: 1 });
  assert.deepEqual(causes(setup), { disposition: 2, connect: 1 });
  await connection.reconnect({
    shareMode: "shared",
    protocols: 3,
    initialization: SCARD_RESET_CARD,
  });
  await connection.control(IOCTL_SMARTCARD_POWER, Uint8Array.of(2, 0, 0, 0));
  await connection.disconnect(SCARD_LEAVE_CARD);
  for (const end of ["release", "abandon"] as const) {
    const other = manager.establishContext();
    await (await other.connect(NAME)).beginTransaction();
    await other[end]();
  }
  assert.deepEqual(causes(setup), {
    disposition: 2,
    connect: 1,
    reconnect: 1,
    control: 1,
    release: 1,
    "client-death": 1,
  });
  assert.equal(setup.reader.slot.resets, 7);
});

Deno.test("metrics: the reset of an idle transaction", async () => {
  await using setup = await bench({ profile: WINDOWS_PROFILE });
  const connection = await setup.manager.establishContext().connect(NAME);
  await connection.beginTransaction();
  setup.timers.advance(6000);
  await settle();
  assert.deepEqual(causes(setup), { "idle-transaction": 1 });
});

Deno.test("metrics: waits of transactions", async () => {
  await using setup = await bench();
  const { manager, timers } = setup;
  const first = await manager.establishContext().connect(NAME);
  const second = await manager.establishContext().connect(NAME);
  await first.beginTransaction();
  const begun = second.beginTransaction();
  assert.equal(readerMetrics(setup).waiting, 1);
  timers.advance(1500);
  await first.endTransaction();
  await begun;
  const { count, sumSeconds } = readerMetrics(setup).transactionWaitSeconds;
  assert.deepEqual([count, sumSeconds], [2, 1.5]);
  assert.equal(readerMetrics(setup).waiting, 0);
});

Deno.test("metrics: errors by code, refusals by rule", async () => {
  await using setup = await bench();
  const context = setup.manager.establishContext({
    policy: { transmit: () => false },
  });
  await fails("SCARD_E_UNKNOWN_READER", () => context.connect("?"));
  const connection = await context.connect(NAME);
  await fails("SCARD_E_NO_ACCESS", () => connection.transmit(APDU));
  await fails(
    "SCARD_E_INVALID_PARAMETER",
    () => connection.transmit(new Uint8Array(1)),
  );
  await fails("SCARD_E_NOT_TRANSACTED", () => connection.endTransaction());
  await fails("SCARD_E_NOT_TRANSACTED", () => connection.endTransaction());
  await assert.rejects(
    async () =>
      await connection.status({ signal: AbortSignal.abort(new Error("no")) }),
  );
  await fails(
    "SCARD_E_TIMEOUT",
    () =>
      context.getStatusChange([
        { readerName: NAME, currentState: setup.reader.state.flags },
      ], { timeoutMs: 0 }),
  );
  const { errors, policyRefusals } = setup.manager.metrics;
  assert.deepEqual(errors, {
    SCARD_E_UNKNOWN_READER: 1,
    SCARD_E_NO_ACCESS: 1,
    SCARD_E_INVALID_PARAMETER: 1,
    SCARD_E_NOT_TRANSACTED: 2,
    other: 1,
    SCARD_E_TIMEOUT: 1,
  });
  assert.deepEqual(policyRefusals, { transmit: 1 });
});

Deno.test("metrics: a snapshot stays as it was", async () => {
  await using setup = await bench();
  const before = setup.manager.metrics;
  const copy = structuredClone(before);
  const connection = await setup.manager.establishContext().connect(NAME);
  await connection.transmit(APDU);
  await connection.disconnect(SCARD_RESET_CARD);
  assert.deepEqual(before, copy);
  assert.notDeepEqual(setup.manager.metrics, copy);
});

Deno.test("sharing: errors tell who holds the card, and since when", async () => {
  await using setup = await bench({ profile: PCSC_LITE_PROFILE });
  const { manager, timers } = setup;
  const [holder, other] = [
    manager.establishContext({ name: "opensc" }),
    manager.establishContext({ name: "gpg" }),
  ];
  const mine = await holder.connect(NAME, { shareMode: "exclusive" });
  timers.advance(12_345);
  const label = `context ${holder.id} ("opensc")`;
  assert.equal(
    await fails("SCARD_E_SHARING_VIOLATION", () => other.connect(NAME)),
    `Cannot connect to "${NAME}": held exclusively by ${label} since 12.3 s, expected a reader free for shared use`,
  );
  await mine.reconnect({ shareMode: "shared", protocols: 3 });
  const theirs = await other.connect(NAME);
  await mine.beginTransaction();
  timers.advance(500);
  assert.equal(
    await fails("SCARD_E_SHARING_VIOLATION", () => theirs.transmit(APDU)),
    `Cannot transmit to "${NAME}": ${label} runs a transaction since 0.5 s, expected none`,
  );
  await mine.endTransaction();
  await theirs.disconnect();
  await mine.reconnect({ shareMode: "exclusive", protocols: 3 });
  timers.advance(1000);
  const message = await fails(
    "SCARD_E_SHARING_VIOLATION",
    () => other.connect(NAME),
  );
  assert.match(message, /held exclusively by .* since 1\.0 s/);
});
