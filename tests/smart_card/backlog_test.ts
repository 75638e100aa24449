/**
 * Invariant: a reader who comes late ends up with the same readers and cards as one
 * who saw every event, and what waits for him is bounded.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  condense,
  EventBacklog,
  MAX_BACKLOG,
} from "../../src/smart_card/event_backlog.ts";
import type { ReaderEvent } from "../../src/smart_card/mod.ts";
import { toFlags } from "../../src/smart_card/reader_states.ts";
import { FakeReader, settle } from "../resource_manager/fake_reader.ts";
import { desk, NAME } from "./desk.ts";

/** Readers whose cards are in, by name; what somebody believes who saw `events`. */
function believe(events: readonly ReaderEvent[]): Map<string, boolean> {
  const readers = new Map<string, boolean>();
  for (const { type, reader } of events) {
    if (type === "reader-removed") {
      assert(readers.delete(reader), "a reader went that was not there");
    } else if (type === "reader-added") {
      assert(!readers.has(reader), "a reader came that was there");
      readers.set(reader, false);
    } else if (type !== "state") {
      assert.equal(readers.get(reader), type === "card-removed");
      readers.set(reader, type === "card-inserted");
    }
  }
  return readers;
}

/** A history that can happen, from one number per step. */
function history(steps: number[]): ReaderEvent[] {
  const cards = new Map<string, boolean>();
  return steps.map((step, eventCount) => {
    const reader = `Reader ${step % 3}`;
    const card = cards.get(reader);
    let type: ReaderEvent["type"] = "reader-added";
    if (card !== undefined) {
      const kinds = ["reader-removed", "state"] as const;
      type = kinds[step % 8] ?? (card ? "card-removed" : "card-inserted");
    }
    if (type === "reader-removed") cards.delete(reader);
    else if (type === "reader-added") cards.set(reader, false);
    else if (type !== "state") cards.set(reader, type === "card-inserted");
    return { type, reader, eventCount, state: toFlags(0) };
  });
}

const steps = fc.array(fc.nat(1000), { maxLength: 200, size: "max" });

Deno.test("backlog: what is condensed leads to the same readers and cards", () => {
  fc.assert(
    fc.property(steps, fc.nat(200), (numbers, seen) => {
      const events = history(numbers);
      const [before, after] = [events.slice(0, seen), events.slice(seen)];
      const kept = condense(after);
      assert.deepEqual(believe([...before, ...kept]), believe(events));
      assert(kept.length <= 3 * 5, `${kept.length} events`);
      assert.deepEqual(kept, events.filter((event) => kept.includes(event)));
    }),
    { seed: 6, numRuns: 2000 },
  );
});

Deno.test("backlog: an exchange of the card stays, with the last eventCount", () => {
  const backlog = new EventBacklog();
  const state = toFlags(0);
  for (let eventCount = 1; eventCount <= 10_000; eventCount++) {
    const type = eventCount % 2 === 1 ? "card-removed" : "card-inserted";
    backlog.push({ type, reader: "R", eventCount, state });
    assert(backlog.length <= MAX_BACKLOG);
  }
  const rest: ReaderEvent[] = [];
  for (let event = backlog.shift(); event; event = backlog.shift()) {
    rest.push(event);
  }
  assert.deepEqual(rest.slice(-2).map(({ type }) => type), [
    "card-removed",
    "card-inserted",
  ]);
  assert.equal(rest.at(-1)?.eventCount, 10_000);
});

Deno.test("backlog: states of each reader are one, whoever changes in between", async () => {
  await using d = await desk();
  const other = await d.manager.addReader(new FakeReader());
  const events = d.context.readerEvents();
  for (let i = 0; i < 3; i++) await events.next();
  (other.device as FakeReader).insert();
  await settle();
  await events.next();
  const engine = d.manager.establishContext();
  const names = [NAME, other.name];
  for (let i = 0; i < 5; i++) {
    const open = [];
    for (const name of names) open.push(await engine.connect(name));
    for (const connection of open) await connection.disconnect();
  }
  const first = (await events.next()).value;
  const second = (await events.next()).value;
  assert.deepEqual(
    [first?.reader, second?.reader, first?.type, second?.type],
    [...names, "state", "state"],
  );
  assert.equal(first?.state.inuse, false);
  const waiting = events.next();
  await events.return?.();
  assert.equal((await waiting).done, true);
});

Deno.test("backlog: nobody reads, and it does not grow", async () => {
  await using d = await desk();
  const events = d.context.readerEvents();
  for (let i = 0; i < 2000; i++) {
    d.device.remove();
    await settle(20);
    d.device.insert();
    await settle(20);
  }
  let count = 0;
  let last: ReaderEvent | undefined;
  await d.context.release();
  for await (const event of events) {
    count++;
    last = event;
  }
  assert(count <= MAX_BACKLOG, `${count} events`);
  assert.equal(last?.type, "card-inserted");
  assert.equal(last?.eventCount, 4000);
});
