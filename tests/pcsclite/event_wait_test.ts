// One message per wait: a signal, its cancellation or the answer to STOP, never two of them.

import assert from "node:assert/strict";
import fc from "fast-check";
import { EventWait } from "../../src/pcsclite/server/event_wait.ts";
import { Sender } from "../../src/pcsclite/server/sender.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { FakeTimers } from "../resource_manager/fake_timers.ts";

const CANCELLED = 0x80100002;

function desk() {
  const timers = new FakeTimers();
  const sent: number[] = [];
  const wait = new EventWait(timers, (rv) => sent.push(rv));
  return { timers, sent, wait };
}

Deno.test("a signal that is held back comes when the time is over, once", () => {
  const { timers, sent, wait } = desk();
  wait.register();
  wait.hold(5);
  wait.changed();
  wait.changed();
  assert.deepEqual(sent, []);
  timers.advance(5);
  assert.deepEqual(sent, [0]);
  wait.changed();
  assert.equal(wait.stop(), false);
  assert.deepEqual(sent, [0]);
  assert.equal(timers.pending, 0);
});

Deno.test("STOP takes a signal that is held back, CANCEL turns it into a cancellation", () => {
  const { timers, sent, wait } = desk();
  wait.register();
  wait.hold(5);
  wait.changed();
  assert.equal(wait.stop(), true);
  timers.advance(10);
  assert.deepEqual(sent, []);
  wait.register();
  wait.hold(5);
  wait.changed();
  assert.equal(wait.cancel(), true);
  wait.hold(0);
  assert.deepEqual(sent, [CANCELLED]);
  assert.equal(wait.cancel(), false);
  assert.equal(timers.pending, 0);
});

Deno.test("whatever happens in whatever order, there is one message per wait", () => {
  const step = fc.constantFrom(
    "register",
    "stop",
    "changed",
    "cancel",
    "hold",
    "let go",
    "time",
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { timers, sent, wait } = desk();
      let waits = 0;
      let messages = 0;
      for (const name of steps) {
        if (name === "register" && !wait.registered) waits++;
        if (name === "register") wait.register();
        else if (name === "stop") messages += wait.stop() ? 1 : 0;
        else if (name === "changed") wait.changed();
        else if (name === "cancel") wait.cancel();
        else if (name === "hold") wait.hold(5);
        else if (name === "let go") wait.hold(0);
        else timers.advance(3);
      }
      messages += wait.stop() ? 1 : 0;
      assert.equal(messages + sent.length, waits);
      assert.equal(timers.pending, 0);
    }),
    { seed: 78163 },
  );
});

Deno.test("a sender writes what short writes leave over, in order", async () => {
  const timers = new FakeTimers();
  const written: number[] = [];
  const target = {
    write(bytes: Uint8Array) {
      written.push(...bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
  };
  const sender = new Sender(target, timers, 1000, (error) => {
    throw error;
  });
  const all = Array.from({ length: 100 }, (_, value) => value);
  sender.send(Uint8Array.from(all.slice(0, 40)));
  await sender.send(Uint8Array.from(all.slice(40)));
  assert.deepEqual(written, all);
  assert.equal(timers.pending, 0);
});

Deno.test("a sender gives up a client that does not read, and one that has gone", async () => {
  const timers = new FakeTimers();
  const stuck: unknown[] = [];
  const never = { write: () => new Promise<number>(() => {}) };
  const deaf = new Sender(never, timers, 1000, (error) => stuck.push(error));
  deaf.send(new Uint8Array(1));
  timers.advance(1000);
  assert.match(String(stuck[0]), /has not read for 1000 ms/);
  const gone = { write: () => Promise.reject(new Error("broken pipe")) };
  const lost = new Sender(gone, timers, 1000, (error) => stuck.push(error));
  await lost.send(new Uint8Array(1));
  await settle();
  assert.match(String(stuck[1]), /broken pipe/);
  await lost.send(new Uint8Array(1));
  assert.equal(stuck.length, 2);
});
