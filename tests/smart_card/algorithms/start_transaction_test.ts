/** startTransaction up to the callback, step by step. */

import assert from "node:assert/strict";
import { isSettled } from "../../resource_manager/bench.ts";
import { settle } from "../../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "../desk.ts";

const LEAVE = () => Promise.resolve("leave" as const);

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => assert.fail("resolved"), (e) => e);
  assert.equal(error.name, "InvalidStateError");
  return error.message;
}

Deno.test("startTransaction step 1: the guards in their order, and the signal after them", async () => {
  await using d = await desk();
  const [owner, other] = [await d.connect(), await d.connect()];
  const closed = await d.connect();
  await closed.disconnect();
  const aborted = { signal: AbortSignal.abort(new Error("mine")) };
  // comm is null comes before the signal.
  assert.match(
    await messageOf(closed.startTransaction(LEAVE, aborted)),
    /the connection was closed/,
  );
  await owner.startTransaction(async () => {
    // A transaction on the reader, the own one included, comes before comm.
    for (const connection of [owner, other, closed]) {
      assert.match(
        await messageOf(connection.startTransaction(LEAVE, aborted)),
        /this context runs one on the reader/,
      );
    }
    // The operation in progress comes before everything.
    const pending = owner.status();
    const refused = [owner, other, closed].map((connection) =>
      messageOf(connection.startTransaction(LEAVE, aborted))
    );
    for (const message of await Promise.all(refused)) {
      assert.match(message, /another operation of this context is in progress/);
    }
    await pending;
    return "leave";
  });
});

Deno.test("startTransaction step 1: after its end the same connection may begin the next one", async () => {
  await using d = await desk();
  const connection = await d.connect();
  for (let i = 0; i < 3; i++) await connection.startTransaction(LEAVE);
  // Still inside the last one's callback the connection was closed: a new one may begin afterwards.
  await rejects(
    "InvalidStateError",
    connection.startTransaction(async () => {
      await connection.disconnect();
    }),
  );
  await (await d.connect()).startTransaction(LEAVE);
});

Deno.test("startTransaction step 2: a signal that is aborted already rejects with its reason", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const reason = new Error("mine");
  let called = false;
  await assert.rejects(
    connection.startTransaction(() => {
      called = true;
      return LEAVE();
    }, { signal: AbortSignal.abort(reason) }),
    reason,
  );
  assert.equal(called, false);
  assert.equal(d.reader.lock.owner, null);
  await connection.startTransaction(LEAVE);
});

Deno.test("startTransaction step 3: while it waits the context is busy", async () => {
  await using d = await desk();
  const mine = await d.connect();
  const theirs = await d.connect(await d.web.establishContext());
  let waiting: Promise<undefined> | undefined;
  await theirs.startTransaction(async () => {
    waiting = mine.startTransaction(LEAVE);
    await settle();
    await rejects("InvalidStateError", d.context.listReaders());
    return "leave";
  });
  await waiting;
});

Deno.test("process result step 1: operationInProgress is clear when the callback is called", async () => {
  await using d = await desk();
  const connection = await d.connect();
  let names: Promise<string[]> | undefined;
  await connection.startTransaction(async () => {
    names = d.context.listReaders();
    await names;
    return "leave";
  });
  assert.deepEqual(await names, [NAME]);
});

Deno.test("process result step 1: no step between sees a context that is idle and without transaction", async () => {
  await using d = await desk();
  const [mine, other] = [await d.connect(), await d.connect()];
  const begun = mine.startTransaction(async () => {
    await settle();
    return "leave";
  });
  // Tried in every step until the context is idle.
  let refused = "another operation of this context is in progress";
  while (refused.includes("in progress")) {
    refused = await messageOf(other.status());
  }
  assert.match(refused, /another connection of this context runs/);
  await begun;
});

Deno.test("process result steps 2 and 3: an abort while it waits rejects with the reason", async () => {
  await using d = await desk();
  const mine = await d.connect();
  const theirs = await d.connect(await d.web.establishContext());
  await theirs.startTransaction(async () => {
    const abort = new AbortController();
    const reason = { any: "value" };
    const waiting = mine.startTransaction(LEAVE, { signal: abort.signal });
    assert.equal(await isSettled(waiting), false);
    abort.abort(reason);
    assert.equal(await waiting.then(() => null, (e) => e), reason);
    assert.deepEqual(await d.context.listReaders(), [NAME]);
    return "leave";
  });
  assert.equal(d.reader.lock.waiting, 0);
});

Deno.test("process result step 3: an error that is no abort rejects with its exception", async () => {
  await using d = await desk();
  const [mine, theirs] = [
    await d.connect(),
    await d.connect(await d.web.establishContext()),
  ];
  await theirs.startTransaction(() => Promise.resolve("reset" as const));
  await refuses("reset-card", mine.startTransaction(LEAVE));
  d.device.remove();
  await refuses("removed-card", mine.startTransaction(LEAVE));
  d.manager.removeReader(d.reader);
  await refuses("reader-unavailable", mine.startTransaction(LEAVE));
  assert.deepEqual(await d.context.listReaders(), []);
});

Deno.test("process result step 3: begun although aborted, the transaction runs", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const abort = new AbortController();
  let called = false;
  const running = connection.startTransaction(() => {
    called = true;
    return LEAVE();
  }, { signal: abort.signal });
  // Begun in the step of the call: nobody else was there.
  assert.notEqual(d.reader.lock.owner, null);
  abort.abort();
  await running;
  assert.equal(called, true);
});

Deno.test("process result step 4: the map has the reader while the callback runs, for every connection of the context", async () => {
  await using d = await desk();
  const [owner, other] = [await d.connect(), await d.connect()];
  await owner.startTransaction(async () => {
    await rejects("InvalidStateError", other.transmit(APDU));
    await rejects("InvalidStateError", d.context.connect(NAME, "direct"));
    assert.notEqual(d.reader.lock.owner, null);
    return "leave";
  });
  assert.equal(d.reader.lock.owner, null);
  await other.transmit(APDU);
});

Deno.test("process result step 4: the callback is called once, without this and arguments", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const calls: [unknown, unknown[]][] = [];
  await connection.startTransaction(
    function (this: unknown, ...args: unknown[]) {
      calls.push([this, args]);
      return LEAVE();
    },
  );
  assert.deepEqual(calls, [[undefined, []]]);
});
