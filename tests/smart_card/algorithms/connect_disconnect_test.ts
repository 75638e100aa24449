/** connect and disconnect, step by step. */

import assert from "node:assert/strict";
import { isSettled } from "../../resource_manager/bench.ts";
import { settle } from "../../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "../desk.ts";

const LEAVE = () => Promise.resolve("leave" as const);
const T1 = { preferredProtocols: ["t1" as const] };

Deno.test("connect step 1: an operation in progress rejects with InvalidStateError", async () => {
  await using d = await desk();
  const first = d.context.listReaders();
  await rejects("InvalidStateError", d.context.connect(NAME, "shared", T1));
  await first;
});

Deno.test("connect step 2: a transaction of this context on the reader rejects with InvalidStateError, also for its owner's context", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const other = await d.web.establishContext();
  let elsewhere: Promise<unknown> | undefined;
  await connection.startTransaction(async () => {
    await rejects("InvalidStateError", d.context.connect(NAME, "shared", T1));
    // Another reader is not concerned, and nobody is asked for it.
    await refuses("unknown-reader", d.context.connect("nobody", "shared", T1));
    elsewhere = other.connect(NAME, "shared", T1);
    assert.equal(await isSettled(elsewhere), false);
    return "leave";
  });
  await elsewhere;
});

Deno.test("connect step 3: while it connects the context is busy", async () => {
  await using d = await desk({ pace: "held" });
  const connecting = d.context.connect(NAME, "shared", T1);
  await settle();
  await rejects("InvalidStateError", d.context.listReaders());
  d.device.pace = "sync";
  d.device.release();
  await connecting;
});

Deno.test("connect step 4: access modes and protocols as asked", async () => {
  await using d = await desk();
  const table = [
    ["shared", ["t0"], "t0"],
    ["shared", ["t1"], "t1"],
    ["exclusive", ["t0", "t1"], "t1"],
    ["direct", [], undefined],
    ["direct", ["t0"], "t0"],
  ] as const;
  for (const [mode, protocols, active] of table) {
    const result = await d.context.connect(NAME, mode, {
      preferredProtocols: [...protocols],
    });
    assert.equal(result.activeProtocol, active, `${mode} ${protocols}`);
    assert.equal("activeProtocol" in result, active !== undefined);
    await result.connection.disconnect("reset");
  }
});

Deno.test("connect step 5: an error rejects with its exception, and the context is idle", async () => {
  await using d = await desk();
  await refuses("unknown-reader", d.context.connect("nobody", "shared", T1));
  await refuses(
    "proto-mismatch",
    d.context.connect(NAME, "shared", { preferredProtocols: ["raw"] }),
  );
  await refuses("proto-mismatch", d.context.connect(NAME, "shared"));
  const holder = await d.context.connect(NAME, "exclusive", T1);
  await refuses("sharing-violation", d.context.connect(NAME, "shared", T1));
  await holder.connection.disconnect();
  d.device.remove();
  await settle();
  await refuses("no-smartcard", d.context.connect(NAME, "shared", T1));
  d.device.mute = true;
  d.device.insert();
  await settle();
  await refuses("unresponsive-card", d.context.connect(NAME, "shared", T1));
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});

Deno.test("connect step 6: the result has a connection with a guard of its own, and its members in order", async () => {
  await using d = await desk();
  const result = await d.context.connect(NAME, "shared", T1);
  assert.deepEqual(Object.keys(result), ["activeProtocol", "connection"]);
  const second = await d.context.connect(NAME, "shared", T1);
  assert.notEqual(result.connection, second.connection);
  await result.connection.disconnect();
  await second.connection.transmit(APDU);
});

Deno.test("disconnect steps 1 to 3: the connection guard, in its order", async () => {
  await using d = await desk();
  const [owner, other] = [await d.connect(), await d.connect()];
  const closed = await d.connect();
  await closed.disconnect();
  const message = async (work: Promise<unknown>) => {
    const error = await work.then(() => assert.fail("resolved"), (e) => e);
    assert.equal(error.name, "InvalidStateError");
    return error.message as string;
  };
  // comm is null.
  assert.match(await message(closed.disconnect()), /the connection was closed/);
  await owner.startTransaction(async () => {
    // Another connection runs a transaction: also for one whose comm is null.
    for (const connection of [other, closed]) {
      assert.match(
        await message(connection.disconnect()),
        /another connection of this context runs a transaction/,
      );
    }
    const pending = owner.status();
    // An operation is in progress: also for those.
    const refused = [owner, other, closed].map((connection) =>
      message(connection.disconnect())
    );
    for (const found of await Promise.all(refused)) {
      assert.match(found, /another operation of this context is in progress/);
    }
    await pending;
    return "leave";
  });
});

Deno.test("disconnect step 4: each disposition, leave by default", async () => {
  await using d = await desk();
  const counts: number[] = [];
  for (
    const disposition of [
      undefined,
      "leave",
      "reset",
      "unpower",
      "eject",
    ] as const
  ) {
    const connection = await d.connect();
    const before = d.device.log.length;
    assert.equal(await connection.disconnect(disposition), undefined);
    counts.push(d.device.log.length - before);
    assert.equal(d.reader.connections.size, 0);
  }
  assert.deepEqual(counts, [0, 0, 1, 1, 2]);
});

Deno.test("disconnect step 5: allowed inside the own transaction, which then has nothing to end", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await rejects(
    "InvalidStateError",
    connection.startTransaction(async () => {
      await connection.disconnect();
      return "leave";
    }),
  );
  const next = await d.connect();
  await next.startTransaction(LEAVE);
});

Deno.test("disconnect step 6: when the reader is gone, comm is gone as well", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.manager.removeReader(d.reader);
  await refuses("reader-unavailable", connection.status());
  await connection.disconnect("reset");
  await rejects("InvalidStateError", connection.status());
});
