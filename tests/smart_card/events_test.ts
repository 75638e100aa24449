import assert from "node:assert/strict";
import type { ReaderEvent } from "../../src/smart_card/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import {
  FakeReader,
  settle,
  TEST_ATR,
} from "../resource_manager/fake_reader.ts";
import { desk, NAME, rejects } from "./desk.ts";

/** `type reader count`, with the ATR's length where there is one. */
function brief({ type, reader, eventCount, atr }: ReaderEvent): string {
  return `${type} ${reader.slice(-1)} ${eventCount}${
    atr ? ` ${atr.length}` : ""
  }`;
}

async function take(
  events: AsyncIterator<ReaderEvent>,
  count: number,
): Promise<string[]> {
  const found = [];
  for (let i = 0; i < count; i++) {
    found.push(brief((await events.next()).value));
  }
  return found;
}

Deno.test("events: begin with what is there, and miss nothing", async () => {
  await using d = await desk();
  const events = d.context.readerEvents();
  const { length } = TEST_ATR;
  assert.deepEqual(await take(events, 2), [
    "reader-added 0 0",
    `card-inserted 0 0 ${length}`,
  ]);
  d.device.remove();
  await settle();
  d.device.insert();
  await settle();
  const second = await d.manager.addReader(new FakeReader());
  await d.connect();
  d.manager.removeReader(second);
  assert.deepEqual(await take(events, 5), [
    "card-removed 0 1",
    `card-inserted 0 2 ${length}`,
    "reader-added 1 0",
    "state 0 2",
    "reader-removed 1 0",
  ]);
  const waiting = events.next();
  assert.equal(await isSettled(waiting), false);
  await events.return?.();
  assert.equal((await waiting).done, true);
});

Deno.test("events: removed and inserted in one step are two events", async () => {
  await using d = await desk();
  const events = d.context.readerEvents();
  await take(events, 2);
  d.device.remove();
  d.device.insert();
  await settle();
  assert.deepEqual(await take(events, 2), [
    "card-removed 0 1",
    `card-inserted 0 2 ${TEST_ATR.length}`,
  ]);
});

Deno.test("events: end by signal, by break, by release of the context", async () => {
  await using d = await desk();
  const abort = new AbortController();
  const events = d.context.readerEvents({ signal: abort.signal });
  await take(events, 2);
  const waiting = events.next();
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal((await events.next()).done, true);
  await assert.rejects(
    async () => {
      for await (
        const _ of d.context.readerEvents({ signal: AbortSignal.abort(reason) })
      );
    },
    reason,
  );
  for await (const event of d.context.readerEvents()) {
    assert.equal(event.type, "reader-added");
    break;
  }
  const rest = d.context.readerEvents();
  await take(rest, 2);
  const last = rest.next();
  await d.context.release();
  assert.equal((await last).done, true);
});

Deno.test("getStatusChange: flags, counts, ATR; timeout and signal", async () => {
  await using d = await desk();
  const [now] = await d.context.getStatusChange([
    { readerName: NAME, currentState: { unaware: true } },
  ]);
  assert.deepEqual(now.eventState, {
    ignore: false,
    changed: true,
    unavailable: false,
    unknown: false,
    empty: false,
    present: true,
    exclusive: false,
    inuse: false,
    mute: false,
    unpowered: false,
  });
  assert.equal(now.eventCount, 0);
  assert.deepEqual(new Uint8Array(now.answerToReset!), TEST_ATR);
  const present = [{
    readerName: NAME,
    currentState: { present: true },
    currentCount: 0,
  }];
  const timed = d.context.getStatusChange(present, { timeout: 100 });
  const timedOut = rejects("UnknownError", timed);
  await settle();
  d.timers.advance(100);
  await timedOut;
  const abort = new AbortController();
  const waiting = d.context.getStatusChange(present, { signal: abort.signal });
  await settle();
  abort.abort();
  await rejects("AbortError", waiting);
  const removed = d.context.getStatusChange(present);
  await settle();
  d.device.remove();
  const [gone] = await removed;
  assert.equal(gone.eventState.empty, true);
  assert.equal(gone.eventCount, 1);
  assert.equal("answerToReset" in gone, false);
});
