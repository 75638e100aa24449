/** getStatusChange, step by step. */

import assert from "node:assert/strict";
import type { SmartCardReaderStateOut } from "../../../src/smart_card/mod.ts";
import * as rm from "../../../src/resource_manager/mod.ts";
import { isSettled } from "../../resource_manager/bench.ts";
import { settle } from "../../resource_manager/fake_reader.ts";
import { type Desk, desk, NAME, rejects } from "../desk.ts";

const PRESENT = [{ readerName: NAME, currentState: { present: true } }];

/** Flags that are set, by name. */
function set(out: SmartCardReaderStateOut): string[] {
  return Object.entries(out.eventState).filter(([, value]) => value)
    .map(([name]) => name);
}

/** The context is idle again. */
async function isIdle(d: Desk): Promise<void> {
  assert.deepEqual(await d.context.listReaders(), [NAME]);
}

Deno.test("getStatusChange step 1: an operation in progress rejects with InvalidStateError, before the signal is looked at", async () => {
  await using d = await desk();
  const first = d.context.listReaders();
  const signal = AbortSignal.abort(new Error("mine"));
  await rejects(
    "InvalidStateError",
    d.context.getStatusChange([], { signal }),
  );
  await first;
});

Deno.test("getStatusChange step 2: a signal that is aborted already rejects with its reason, whatever that is", async () => {
  await using d = await desk();
  for (
    const reason of [
      new Error("mine"),
      "a string",
      null,
      new rm.ResourceManagerError("SCARD_E_TIMEOUT", "not ours"),
    ]
  ) {
    const signal = AbortSignal.abort(reason);
    const outcome = await d.context.getStatusChange(PRESENT, { signal })
      .then(() => assert.fail("resolved"), (error) => error);
    assert.equal(outcome, reason);
    await isIdle(d);
  }
});

Deno.test("getStatusChange step 3: without timeout it waits without limit", async () => {
  await using d = await desk();
  const waiting = d.context.getStatusChange(PRESENT);
  assert.equal(await isSettled(waiting), false);
  d.timers.advance(1e12);
  assert.equal(await isSettled(waiting), false);
  d.device.remove();
  await waiting;
});

Deno.test("getStatusChange step 3: a timeout, and one of 0, is UnknownError by the table of errors", async () => {
  await using d = await desk();
  for (const timeout of [0, -1]) {
    await rejects(
      "UnknownError",
      d.context.getStatusChange(PRESENT, { timeout }),
    );
  }
  const waiting = d.context.getStatusChange(PRESENT, { timeout: 250.5 });
  const refused = assert.rejects(waiting, (error: DOMException) => {
    assert.equal(error.name, "UnknownError");
    assert.equal(
      (error.cause as rm.ResourceManagerError).name,
      "SCARD_E_TIMEOUT",
    );
    return true;
  });
  await settle();
  d.timers.advance(250);
  assert.equal(await isSettled(waiting), false);
  d.timers.advance(1);
  await refused;
  await isIdle(d);
});

Deno.test("getStatusChange step 4: a count is compared where it is given", async () => {
  await using d = await desk();
  const [now] = await d.context.getStatusChange([
    { ...PRESENT[0], currentCount: 4711 },
  ]);
  assert.deepEqual(set(now), ["changed", "present"]);
  await rejects(
    "UnknownError",
    d.context.getStatusChange([{ ...PRESENT[0], currentCount: 0 }], {
      timeout: 0,
    }),
  );
});

Deno.test("getStatusChange step 5: while it waits the context is busy", async () => {
  await using d = await desk();
  const waiting = d.context.getStatusChange(PRESENT);
  await settle();
  await rejects("InvalidStateError", d.context.listReaders());
  await rejects("InvalidStateError", d.context.getStatusChange([]));
  d.device.remove();
  await waiting;
  await isIdle(d);
});

Deno.test("getStatusChange step 6: an abort while it waits rejects with the reason, and frees the context", async () => {
  await using d = await desk();
  const abort = new AbortController();
  const reason = { any: "value" };
  const waiting = d.context.getStatusChange(PRESENT, { signal: abort.signal });
  await settle();
  abort.abort(reason);
  const outcome = await waiting.then(() => null, (error) => error);
  assert.equal(outcome, reason);
  await isIdle(d);
});

Deno.test("getStatusChange step 6: an abort in the same step as the call rejects with the reason", async () => {
  await using d = await desk();
  const abort = new AbortController();
  const waiting = d.context.getStatusChange(PRESENT, { signal: abort.signal });
  abort.abort();
  await rejects("AbortError", waiting);
});

Deno.test("getStatusChange step 6: an abort after the change came leaves the result", async () => {
  await using d = await desk();
  const abort = new AbortController();
  const waiting = d.context.getStatusChange(PRESENT, { signal: abort.signal });
  await settle();
  d.device.remove();
  await settle();
  abort.abort(new Error("too late"));
  assert.deepEqual(set((await waiting)[0]), ["changed", "empty"]);
});

Deno.test("getStatusChange step 6: a signal that has nothing to do any more keeps nothing of the call", async () => {
  await using d = await desk();
  const abort = new AbortController();
  let listeners = 0;
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  }) as typeof add;
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  }) as typeof remove;
  const waiting = d.context.getStatusChange(PRESENT, { signal });
  await settle();
  assert.equal(listeners, 1);
  d.device.remove();
  await waiting;
  assert.equal(listeners, 0);
});

Deno.test("getStatusChange step 7: an error that is no abort rejects with its exception", async () => {
  await using d = await desk();
  const waiting = d.context.getStatusChange(PRESENT, {
    signal: new AbortController().signal,
  });
  await settle();
  // SCARD_E_CANCELLED, without an abort.
  const refused = rejects("UnknownError", waiting);
  await d.context.release();
  await refused;
});
