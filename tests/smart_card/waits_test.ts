import assert from "node:assert/strict";
import { ConnectionState } from "../../src/smart_card/connection_state.ts";
import { ContextState } from "../../src/smart_card/context_state.ts";
import { FakeReader, settle } from "../resource_manager/fake_reader.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { APDU, desk, NAME, rejects } from "./desk.ts";

const LEAVE = () => Promise.resolve("leave" as const);

Deno.test("readerEvents: end when the resource manager is closed", async () => {
  await using d = await desk();
  const events = d.context.readerEvents();
  await events.next();
  await events.next();
  const waiting = events.next();
  await d.manager.close();
  assert.equal((await waiting).done, true);
});

Deno.test("readerEvents: after an abort and return() the iteration is over", async () => {
  await using d = await desk();
  const abort = new AbortController();
  const events = d.context.readerEvents({ signal: abort.signal });
  abort.abort();
  await events.return?.();
  assert.equal((await events.next()).done, true);
});

Deno.test("context: keeps nothing of a connection that was closed", async () => {
  await using d = await desk();
  const engine = d.manager.establishContext();
  const state = new ContextState(engine, false);
  for (let i = 0; i < 5; i++) {
    const connection = new ConnectionState(state, await engine.connect(NAME));
    await connection.startTransaction(LEAVE);
    connection.dispose();
  }
  assert.equal(engine.connections.size, 0);
  for (const kept of Object.values(state)) {
    if (kept instanceof Set || kept instanceof Map) assert.equal(kept.size, 0);
  }
});

Deno.test("queue: a transaction ends though the context waits for a change", async () => {
  await using d = await desk({ queue: true });
  const connection = await d.connect();
  const abort = new AbortController();
  const { signal } = abort;
  const present = { present: true, inuse: true };
  let waiting: Promise<unknown> | undefined;
  await connection.startTransaction(() => {
    waiting = d.context.getStatusChange(
      [{ readerName: NAME, currentState: present }],
      { signal },
    );
    return LEAVE();
  });
  assert.equal(d.reader.lock.owner, null);
  // Nor does anybody else wait behind it.
  await connection.transmit(APDU);
  assert.equal(await isSettled(waiting!), false);
  abort.abort();
  await rejects("AbortError", waiting!);
});

Deno.test("queue: a transaction ends though the context waits for somebody else's", async () => {
  await using d = await desk({ queue: true });
  const device = new FakeReader();
  device.insert();
  const second = await d.manager.addReader(device);
  const holder = await d.manager.establishContext().connect(second.name);
  await holder.beginTransaction();
  const mine = await d.connect();
  let waiting: Promise<unknown> | undefined;
  await mine.startTransaction(() => {
    waiting = d.context.connect(second.name, "shared", {
      preferredProtocols: ["t1"],
    });
    return LEAVE();
  });
  assert.equal(d.reader.lock.owner, null);
  assert.equal(await isSettled(waiting!), false);
  await holder.endTransaction();
  await waiting;
});

Deno.test("queue: a transaction's end waits for the APDU on its way", async () => {
  await using d = await desk({ queue: true });
  const connection = await d.connect();
  d.device.pace = "held";
  let forgotten: Promise<ArrayBuffer> | undefined;
  const transaction = connection.startTransaction(() => {
    forgotten = connection.transmit(APDU);
    return Promise.resolve("reset" as const);
  });
  await settle();
  d.device.pace = "sync";
  d.device.release();
  assert.equal((await forgotten)?.byteLength, APDU.length + 2);
  await transaction;
  assert.equal(d.reader.lock.owner, null);
});

Deno.test("queue: the option is read at once", async () => {
  await using d = await desk();
  const options = { queue: true };
  const establishing = d.web.establishContext(options);
  options.queue = false;
  const context = await establishing;
  await Promise.all([context.listReaders(), context.listReaders()]);
});

Deno.test("dispose: inside its transaction, the context is free for another one", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const callback = Promise.withResolvers<"leave">();
  const transaction = connection.startTransaction(() => callback.promise);
  await settle();
  await connection[Symbol.asyncDispose]();
  assert.equal(d.reader.lock.owner, null);
  const other = await d.connect();
  await other.startTransaction(async () => {
    callback.resolve("leave");
    await rejects("InvalidStateError", transaction);
    // The end of the old one is no end of this one.
    await rejects("InvalidStateError", other.startTransaction(LEAVE));
    return "leave";
  });
});

Deno.test("dispose: an end that waits for an operation still comes", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.device.pace = "held";
  let forgotten: Promise<ArrayBuffer> | undefined;
  const transaction = connection.startTransaction(() => {
    forgotten = connection.transmit(APDU);
    return LEAVE();
  });
  const refused = rejects("InvalidStateError", transaction);
  await settle();
  await connection[Symbol.asyncDispose]();
  d.device.pace = "sync";
  d.device.release();
  await forgotten;
  await refused;
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("connect: a question for permission that nobody answers can be called off", async () => {
  await using d = await desk();
  const { SmartCardResourceManager } = await import(
    "../../src/smart_card/mod.ts"
  );
  const web = new SmartCardResourceManager(d.manager, {
    permission: () => new Promise(() => {}),
  });
  const context = await web.establishContext();
  const abort = new AbortController();
  const reason = new Error("enough");
  const asked = context.connect(NAME, "direct", { signal: abort.signal });
  await settle();
  abort.abort(reason);
  await assert.rejects(asked, reason);
  assert.deepEqual(await context.listReaders(), [NAME]);
  const again = rejects("InvalidStateError", context.connect(NAME, "direct"));
  await settle();
  await context.release();
  await again;
});

Deno.test("queue: what a transaction's callback queued runs inside the transaction", async () => {
  await using d = await desk({ queue: true, pace: "async" });
  const connection = await d.connect();
  const { lock } = d.reader;
  const inside: boolean[] = [];
  d.device.respond = () => {
    inside.push(lock.owner !== null);
    return Uint8Array.of(0x90, 0x00);
  };
  const sent: Promise<unknown>[] = [];
  await connection.startTransaction(() => {
    for (let i = 0; i < 3; i++) sent.push(connection.transmit(APDU));
    return LEAVE();
  });
  await Promise.all(sent);
  assert.deepEqual(inside, [true, true, true]);
});
