/** Signals and timeouts of every call. */

import assert from "node:assert/strict";
import type { SmartCardWaitOptions } from "../../src/smart_card/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, type Desk, desk, NAME, rejects, timesOut } from "./desk.ts";

const T1 = { preferredProtocols: ["t1" as const] };
const LEAVE = () => Promise.resolve("leave" as const);

type Begin = (d: Desk) => Promise<(options: SmartCardWaitOptions) => unknown>;

/** Calls that last: each with the reader held, or with another context's transaction under way. */
const CALLS: Record<string, Begin> = {
  connect: (d) =>
    Promise.resolve((options) =>
      d.context.connect(NAME, "shared", { ...T1, ...options })
    ),
  transmit: async (d) => {
    const connection = await d.connect();
    return (options) => connection.transmit(APDU, options);
  },
  startTransaction: async (d) => {
    const connection = await d.connect();
    return (options) => connection.startTransaction(LEAVE, options);
  },
  status: async (d) => {
    const connection = await d.connect();
    return (options) => connection.status(options);
  },
  control: async (d) => {
    const connection = await d.connect();
    d.device.vendorControl = (_code, input) => input;
    return (options) => connection.control(0x313540, APDU, options);
  },
  getAttribute: async (d) => {
    const connection = await d.connect();
    return (options) => connection.getAttribute(0x10100, options);
  },
  setAttribute: async (d) => {
    const connection = await d.connect();
    return (options) => connection.setAttribute(0x10100, APDU, options);
  },
  reconnect: async (d) => {
    const connection = await d.connect();
    return (options) => connection.reconnect("shared", { ...T1, ...options });
  },
  disconnect: async (d) => {
    const connection = await d.connect();
    return (options) => connection.disconnect("reset", options);
  },
  getStatusChange: (d) => {
    const [currentState] = [{ present: true, inuse: true }];
    return Promise.resolve((options) =>
      d.context.getStatusChange([{ readerName: NAME, currentState }], options)
    );
  },
};

for (const [name, begin] of Object.entries(CALLS)) {
  Deno.test(`${name}: waits for another context's transaction until signal or timeout, and the context is idle again`, async () => {
    await using d = await desk();
    const call = await begin(d);
    const other = await d.connect(await d.web.establishContext());
    await other.startTransaction(async () => {
      const reason = new Error("enough");
      const abort = new AbortController();
      const first = call({ signal: abort.signal }) as Promise<unknown>;
      assert.equal(await isSettled(first), false);
      abort.abort(reason);
      await assert.rejects(first, reason);
      const second = call({ timeout: 100 }) as Promise<unknown>;
      const refused = timesOut(second);
      d.timers.advance(99);
      assert.equal(await isSettled(second), false);
      d.timers.advance(1);
      await refused;
      // Both at once: whichever comes first.
      const both = call({
        timeout: 100,
        signal: AbortSignal.abort(reason),
      }) as Promise<unknown>;
      await assert.rejects(both, reason);
      assert.deepEqual(await d.context.listReaders(), [NAME]);
      return "leave";
    });
    if (name === "getStatusChange") return;
    await call({ timeout: 100 });
    assert.equal(d.timers.pending, 0);
  });
}

for (const name of ["transmit", "status", "control", "getAttribute"]) {
  Deno.test(`${name}: the reader does not answer: signal or timeout end the call, the request ends in its own time`, async () => {
    await using d = await desk();
    const call = await CALLS[name](d);
    d.device.pace = "held";
    const running = call({ timeout: 100 }) as Promise<unknown>;
    await settle();
    const refused = timesOut(running);
    d.timers.advance(100);
    await refused;
    assert.deepEqual(await d.context.listReaders(), [NAME]);
    d.device.pace = "sync";
    d.device.release();
    await call({});
    assert.equal(d.device.maxBusy, 1);
  });
}

Deno.test("limits: a call that ends in time leaves no timer and no listener", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    await connection.transmit(APDU, { timeout: 100, signal });
    await rejects(
      "TypeError",
      connection.transmit(new Uint8Array(1), { timeout: 100 }),
    );
    assert.equal(d.timers.pending, 0);
  }
});

Deno.test("limits: a timeout longer than any timer is none", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await connection.transmit(APDU, { timeout: 2 ** 40 });
  for (const timeout of [NaN, Infinity, "x"]) {
    const options = { timeout: timeout as number };
    await rejects("TypeError", connection.transmit(APDU, options));
  }
});

Deno.test("limits: with queue, they end the waiting for the turn", async () => {
  await using d = await desk({ queue: true });
  const connection = await d.connect();
  d.device.pace = "held";
  const running = connection.transmit(APDU);
  const listing = d.context.listReaders({ timeout: 100 });
  const refused = timesOut(listing);
  const reason = new Error("enough");
  const abort = new AbortController();
  const beginning = connection.startTransaction(LEAVE, {
    signal: abort.signal,
    timeout: 1000,
  });
  await settle();
  d.timers.advance(100);
  await refused;
  abort.abort(reason);
  await assert.rejects(beginning, reason);
  d.device.pace = "sync";
  d.device.release();
  await running;
  assert.deepEqual(await d.context.listReaders(), [NAME]);
});
