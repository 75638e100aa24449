import assert from "node:assert/strict";
import { SmartCardError } from "../../src/smart_card/mod.ts";
import { ResourceManagerError } from "../../src/resource_manager/mod.ts";
import { toWebError } from "../../src/smart_card/errors.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, refuses, rejects } from "./desk.ts";

Deno.test("connect, transmit, status, disconnect", async () => {
  await using d = await desk();
  assert.deepEqual(await d.context.listReaders(), [NAME]);
  const { connection, activeProtocol } = await d.context.connect(
    NAME,
    "exclusive",
    { preferredProtocols: ["t0"] },
  );
  assert.equal(activeProtocol, "t0");
  const answer = await connection.transmit(APDU.buffer);
  assert(answer instanceof ArrayBuffer);
  assert.deepEqual([...new Uint8Array(answer)], [0, 0xA4, 0, 0, 0x90, 0]);
  const status = await connection.status();
  assert.equal(status.readerName, NAME);
  assert.equal(status.state, "t0");
  assert.deepEqual(new Uint8Array(status.answerToReset!), TEST_ATR);
  const other = await d.web.establishContext();
  await refuses(
    "sharing-violation",
    other.connect(NAME, "shared", { preferredProtocols: ["t0"] }),
  );
  await connection.disconnect("unpower");
  await rejects("InvalidStateError", connection.transmit(APDU));
});

Deno.test("direct: no protocol, no transmit, but control", async () => {
  await using d = await desk({ card: false });
  const result = await d.context.connect(NAME, "direct");
  assert.equal("activeProtocol" in result, false);
  await rejects("InvalidStateError", result.connection.transmit(APDU));
  assert.equal((await result.connection.status()).state, "absent");
  const name = await result.connection.getAttribute(0x00010100);
  assert.equal(new TextDecoder().decode(name), "Fake");
  await result.connection.setAttribute(0x7FFF0007, Uint8Array.of(1));
  await refuses(
    "unsupported-feature",
    result.connection.control(0x00313520, new Uint8Array(0)),
  );
});

Deno.test("errors: mapping", () => {
  const map = (name: ConstructorParameters<typeof ResourceManagerError>[0]) =>
    toWebError(new ResourceManagerError(name, "text")) as Error;
  const removed = map("SCARD_W_REMOVED_CARD") as SmartCardError;
  assert(removed instanceof SmartCardError && removed instanceof DOMException);
  assert.equal(removed.responseCode, "removed-card");
  assert.equal(removed.scardName, "SCARD_W_REMOVED_CARD");
  assert.equal(removed.scardCode, 0x80100069);
  assert.equal(removed.name, "SmartCardError");
  assert(removed.cause instanceof ResourceManagerError);
  assert(map("SCARD_E_INVALID_PARAMETER") instanceof TypeError);
  assert.equal(map("SCARD_E_INVALID_HANDLE").name, "InvalidStateError");
  assert.equal(map("SCARD_E_SERVICE_STOPPED").name, "InvalidStateError");
  assert.equal(map("SCARD_P_SHUTDOWN").name, "AbortError");
  for (
    const name of [
      "SCARD_E_TIMEOUT",
      "SCARD_E_CANCELLED",
      "SCARD_E_INSUFFICIENT_BUFFER",
      "SCARD_E_INVALID_VALUE",
      "SCARD_F_COMM_ERROR",
    ] as const
  ) assert.equal(map(name).name, "UnknownError");
  const own = new SmartCardError("x", { responseCode: "reset-card" });
  assert.equal(own.message, "x");
  assert.throws(
    () => new SmartCardError("x", { responseCode: "no" as "not-ready" }),
    TypeError,
  );
});

Deno.test("transaction: shuts out other contexts, and ends with the disposition", async () => {
  await using d = await desk();
  const other = await d.web.establishContext();
  const [mine, theirs] = [await d.connect(), await d.connect(other)];
  let waiting: Promise<ArrayBuffer> | undefined;
  await mine.startTransaction(async () => {
    waiting = theirs.transmit(APDU);
    assert.equal(await isSettled(waiting), false);
    return "leave" as const;
  });
  await waiting;
  // Nothing returned: reset, and the others notice.
  assert.equal(await mine.startTransaction(async () => {}), undefined);
  await refuses("reset-card", theirs.transmit(APDU));
  await mine.transmit(APDU);
  assert.equal(
    await theirs.reconnect("shared", { preferredProtocols: ["t1"] }),
    "t1",
  );
  await theirs.transmit(APDU);
});

Deno.test("transaction: a failing callback resets the card and rejects with its reason", async () => {
  await using d = await desk();
  const other = await d.web.establishContext();
  const [mine, theirs] = [await d.connect(), await d.connect(other)];
  const reason = new Error("mine");
  await assert.rejects(
    mine.startTransaction(() => Promise.reject(reason)),
    reason,
  );
  await refuses("reset-card", theirs.transmit(APDU));
  await rejects(
    "TypeError",
    mine.startTransaction(() => Promise.resolve("burn" as "leave")),
  );
  await mine.startTransaction(() => Promise.resolve("leave" as const));
});

Deno.test("transaction: an operation nobody awaited delays its end, and is an error", async () => {
  await using d = await desk();
  const connection = await d.connect();
  d.device.pace = "held";
  let forgotten: Promise<ArrayBuffer> | undefined;
  const transaction = connection.startTransaction(() => {
    forgotten = connection.transmit(APDU);
    return Promise.resolve("leave" as const);
  });
  assert.equal(await isSettled(transaction), false);
  const refused = rejects("InvalidStateError", transaction);
  d.device.pace = "sync";
  d.device.release();
  await forgotten;
  await refused;
  assert.equal(d.reader.lock.owner, null);
  await connection.transmit(APDU);
});

Deno.test("transaction: abort while waiting rejects with the reason", async () => {
  await using d = await desk();
  const other = await d.web.establishContext();
  const [mine, theirs] = [await d.connect(), await d.connect(other)];
  await mine.startTransaction(async () => {
    const reason = new Error("too late");
    const abort = new AbortController();
    const { signal } = abort;
    const leave = () => Promise.resolve("leave" as const);
    const waiting = theirs.startTransaction(leave, { signal });
    await settle();
    abort.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(theirs.startTransaction(leave, { signal }), reason);
    return "leave" as const;
  });
  await theirs.startTransaction(() => Promise.resolve("leave" as const));
});

Deno.test("transaction: disconnected inside, the promise says so", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await rejects(
    "InvalidStateError",
    connection.startTransaction(async () => {
      await connection.disconnect();
      return "leave";
    }),
  );
  await d.connect();
});

Deno.test("transaction: the card removed inside", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await refuses(
    "removed-card",
    connection.startTransaction(async () => {
      d.device.remove();
      await refuses("removed-card", connection.transmit(APDU));
      return "leave";
    }),
  );
  assert.equal(d.reader.lock.owner, null);
});

Deno.test("dispose: never throws, whatever happened to card, reader or context", async () => {
  await using d = await desk();
  {
    await using connection = await d.connect();
    await connection.transmit(APDU);
  }
  assert.equal(d.reader.connections.size, 0);
  {
    await using context = await d.web.establishContext();
    await using connection = await d.connect(context);
    d.device.remove();
    await refuses("removed-card", connection.transmit(APDU));
    d.device.insert();
    await settle();
  }
  {
    await using connection = await d.connect();
    await connection.disconnect();
  }
  await using context = await d.web.establishContext();
  await using connection = await d.connect(context);
  await d.context.release();
  d.manager.removeReader(d.reader);
  await refuses("reader-unavailable", connection.transmit(APDU));
});

Deno.test("connect: abort while another context's transaction runs", async () => {
  await using d = await desk();
  const other = await d.web.establishContext();
  const mine = await d.connect();
  await mine.startTransaction(async () => {
    const abort = new AbortController();
    const waiting = other.connect(NAME, "shared", {
      preferredProtocols: ["t1"],
      signal: abort.signal,
    });
    await settle();
    abort.abort();
    await rejects("AbortError", waiting);
    return "leave" as const;
  });
  await d.connect(other);
});
