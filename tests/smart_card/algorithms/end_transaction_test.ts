/** pendingDisposition, *clear operationInProgress* and *end the transaction*, step by step. */

import assert from "node:assert/strict";
import type { SmartCardConnection } from "../../../src/smart_card/mod.ts";
import { IOCTL_SMARTCARD_POWER } from "../../../src/smclib/mod.ts";
import { isSettled } from "../../resource_manager/bench.ts";
import { FakeReader, settle } from "../../resource_manager/fake_reader.ts";
import { APDU, type Desk, desk, NAME, refuses, rejects } from "../desk.ts";

/** A transaction whose callback leaves an APDU on its way, and ends as `disposition` says. */
function forget(
  d: Desk,
  connection: SmartCardConnection,
  end: () => Promise<"leave" | "reset" | undefined>,
): { outcome: Promise<undefined>; forgotten: () => Promise<ArrayBuffer> } {
  d.device.pace = "held";
  let forgotten: Promise<ArrayBuffer> | undefined;
  const outcome = connection.startTransaction(() => {
    forgotten = connection.transmit(APDU);
    return end();
  });
  outcome.catch(() => {});
  return { outcome, forgotten: () => forgotten! };
}

function letGo(d: Desk): void {
  d.device.pace = "sync";
  d.device.release();
}

Deno.test("step 5: an operation in progress when the callback is fulfilled delays the end, which rejects with InvalidStateError", async () => {
  for (const disposition of ["leave", "reset"] as const) {
    await using d = await desk();
    const connection = await d.connect();
    const before = d.device.count(IOCTL_SMARTCARD_POWER);
    const { outcome, forgotten } = forget(
      d,
      connection,
      () => Promise.resolve(disposition),
    );
    assert.equal(await isSettled(outcome), false);
    assert.notEqual(d.reader.lock.owner, null);
    letGo(d);
    await forgotten();
    await rejects("InvalidStateError", outcome);
    // The disposition is the callback's.
    const powers = disposition === "reset" ? 1 : 0;
    assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before + powers);
    assert.equal(d.reader.lock.owner, null);
  }
});

Deno.test("step 6: an operation in progress when the callback is rejected delays the end, with reset and the reason", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const before = d.device.count(IOCTL_SMARTCARD_POWER);
  const reason = new Error("mine");
  const { outcome, forgotten } = forget(
    d,
    connection,
    () => Promise.reject(reason),
  );
  assert.equal(await isSettled(outcome), false);
  letGo(d);
  await forgotten();
  await assert.rejects(outcome, reason);
  assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before + 1);
});

Deno.test("clear operationInProgress step 2: the end begins before the finished operation's promise settles", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const { outcome, forgotten } = forget(
    d,
    connection,
    () => Promise.resolve("reset"),
  );
  await settle();
  const before = d.device.count(IOCTL_SMARTCARD_POWER);
  // The first thing that the operation's promise lets run finds the context busy, with the end.
  const after = forgotten().then(async () => {
    await rejects("InvalidStateError", d.context.listReaders());
    return d.device.count(IOCTL_SMARTCARD_POWER);
  });
  d.device.release();
  // The reader has been asked for the reset, and has not answered.
  assert.equal(await after, before + 1);
  await settle();
  letGo(d);
  await rejects("InvalidStateError", outcome);
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("clear operationInProgress step 2: ends begin in the order in which the connections were made, one at a time", async () => {
  await using d = await desk();
  const device = new FakeReader();
  device.insert();
  const second = await d.manager.addReader(device);
  const older = await d.connect();
  const { connection: newer } = await d.context.connect(
    second.name,
    "shared",
    { preferredProtocols: ["t1"] },
  );
  const order: string[] = [];
  const note = (name: string) => (error: Error) => {
    order.push(`${name}: ${error.name}`);
  };
  const returns = {
    older: Promise.withResolvers<"reset">(),
    newer: Promise.withResolvers<"reset">(),
  };
  const outcomes = [
    older.startTransaction(() => returns.older.promise),
  ];
  await settle();
  outcomes.push(newer.startTransaction(() => returns.newer.promise));
  await settle();
  // Both callbacks end while an operation is in progress: the newer connection's first.
  d.device.pace = device.pace = "held";
  const running = older.transmit(APDU);
  const first = outcomes[0].catch(note("older"));
  const last = outcomes[1].catch(note("newer"));
  returns.newer.resolve("reset");
  await settle();
  returns.older.resolve("reset");
  await settle();
  assert.deepEqual([d.device.held.length, device.held.length], [1, 0]);
  d.device.release();
  await running;
  await settle();
  // The older one's end is under way; the other waits for it.
  assert.deepEqual([d.device.held.length, device.held.length], [1, 0]);
  await rejects("InvalidStateError", d.context.listReaders());
  letGo(d);
  await first;
  await settle();
  assert.deepEqual(order, ["older: InvalidStateError"]);
  assert.equal(device.held.length, 1);
  device.pace = "sync";
  device.release();
  await last;
  assert.deepEqual(order, [
    "older: InvalidStateError",
    "newer: InvalidStateError",
  ]);
  assert.equal((await d.context.listReaders()).length, 2);
});

Deno.test("clear operationInProgress step 2: an end that is not pending is left alone", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await connection.startTransaction(async () => {
    await connection.transmit(APDU);
    assert.notEqual(d.reader.lock.owner, null);
    return "leave";
  });
});

Deno.test("end the transaction step 1: comm null rejects with InvalidStateError, whatever else was pending, and frees the reader", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const outcome = connection.startTransaction(async () => {
    await connection.disconnect();
    // The map entry is still there.
    await rejects("InvalidStateError", d.context.connect(NAME, "direct"));
    throw new Error("not told");
  });
  await rejects("InvalidStateError", outcome);
  // The entry of the map is gone.
  await (await d.connect()).transmit(APDU);
});

Deno.test("end the transaction step 2: the context is busy until the reader has answered", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const outcome = connection.startTransaction(() => {
    d.device.pace = "held";
    return Promise.resolve("reset" as const);
  });
  await settle();
  await rejects("InvalidStateError", d.context.listReaders());
  assert.equal(await isSettled(outcome), false);
  letGo(d);
  await outcome;
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("end the transaction step 3: the map entry is gone when the promise settles", async () => {
  await using d = await desk();
  const [connection, other] = [await d.connect(), await d.connect()];
  const leave = () => Promise.resolve("leave" as const);
  await connection.startTransaction(leave).then(() =>
    other.startTransaction(leave)
  );
});

Deno.test("end the transaction step 4: without pendingException the code decides", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await refuses(
    "removed-card",
    connection.startTransaction(() => {
      d.device.remove();
      return Promise.resolve("leave" as const);
    }),
  );
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("end the transaction step 4: a pendingException counts, whatever the code", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const reason = new Error("mine");
  await assert.rejects(
    connection.startTransaction(() => {
      d.device.remove();
      return Promise.reject(reason);
    }),
    reason,
  );
  assert.equal(d.reader.lock.owner, null);
});
