// Among those who wait at the moment, who asked first is served first; nobody waits for who is away.

import assert from "node:assert/strict";
import {
  BEGIN_WAIT_MS,
  BeginLine,
  RETRY_GRACE_MS,
} from "../../src/pcsclite/server/begin_line.ts";
import { PCSC_LITE_SERVER_PROFILE } from "../../src/pcsclite/server/mod.ts";
import type { Connection } from "../../src/resource_manager/mod.ts";
import { bench } from "../resource_manager/bench.ts";
import { settle } from "../resource_manager/fake_reader.ts";

async function line(members: number, pace: "sync" | "held" = "sync") {
  const b = await bench({ profile: PCSC_LITE_SERVER_PROFILE });
  const connections: Connection[] = [];
  for (let i = 0; i < members; i++) {
    const context = b.manager.establishContext();
    connections.push(await context.connect(b.reader.name));
  }
  b.device.pace = pace;
  const queue = new BeginLine(b.timers);
  const log: string[] = [];
  return {
    ...b,
    [Symbol.asyncDispose]: () => b[Symbol.asyncDispose](),
    connections,
    queue,
    log,
    /** Member `i` asks; what comes of it goes to the log. */
    async ask(i: number) {
      const asked = Promise.resolve().then(() => queue.begin(connections[i]));
      asked.then(() => log.push(`${i} begins`), (error: Error) => {
        log.push(`${i} ${error.name}`);
      });
      await settle();
    },
    async end(i: number) {
      await connections[i].endTransaction();
      await settle();
    },
    async pass(ms: number) {
      b.timers.advance(ms);
      await settle();
    },
    take() {
      return log.splice(0);
    },
  };
}

const LATE = "SCARD_E_SHARING_VIOLATION";

Deno.test("first come, first served, over as many questions as it takes", async () => {
  await using q = await line(4);
  await q.ask(0);
  await q.ask(1);
  await q.ask(2);
  await q.pass(BEGIN_WAIT_MS);
  assert.deepEqual(q.take(), ["0 begins", `1 ${LATE}`, `2 ${LATE}`]);
  await q.ask(3);
  await q.ask(2);
  await q.ask(1);
  for (const i of [0, 1, 2, 3]) await q.end(i);
  assert.deepEqual(q.take(), ["1 begins", "2 begins", "3 begins"]);
});

Deno.test("who is away is passed over, and comes first when it is back", async () => {
  await using q = await line(3);
  await q.ask(0);
  await q.ask(1);
  await q.pass(BEGIN_WAIT_MS);
  await q.ask(2);
  await q.end(0);
  assert.deepEqual(q.take(), ["0 begins", `1 ${LATE}`, "2 begins"]);
  await q.ask(0);
  await q.ask(1);
  await q.end(2);
  assert.deepEqual(q.take(), ["1 begins"]);
  await q.end(1);
  await q.end(0);
});

Deno.test("a place is lost by staying away, and by doing something else", async () => {
  await using q = await line(4);
  await q.ask(0);
  await q.ask(1);
  await q.ask(2);
  await q.pass(BEGIN_WAIT_MS);
  await q.pass(RETRY_GRACE_MS);
  await q.ask(3);
  await q.ask(1);
  await q.ask(2);
  q.queue.leave(q.connections[1]);
  await settle();
  assert.deepEqual(q.take(), [
    "0 begins",
    `1 ${LATE}`,
    `2 ${LATE}`,
    `1 ${LATE}`,
  ]);
  for (const i of [0, 3, 2]) await q.end(i);
  assert.deepEqual(q.take(), ["3 begins", "2 begins"]);
});

Deno.test("the owner nests without waiting for those in line", async () => {
  await using q = await line(2);
  await q.ask(0);
  await q.ask(1);
  await q.ask(0);
  assert.deepEqual(q.take(), ["0 begins", "0 begins"]);
  await q.end(0);
  await q.end(0);
  assert.deepEqual(q.take(), ["1 begins"]);
  await q.end(1);
});

Deno.test("a card that goes takes the places along", async () => {
  await using q = await line(3);
  await q.ask(0);
  await q.ask(1);
  await q.ask(2);
  q.device.remove();
  await settle();
  assert.deepEqual(q.take(), [
    "0 begins",
    "1 SCARD_W_REMOVED_CARD",
    "2 SCARD_W_REMOVED_CARD",
  ]);
});

Deno.test("a turn that comes as its client leaves is given back", async () => {
  await using q = await line(2);
  await q.ask(0);
  await q.ask(1);
  void q.connections[0].endTransaction();
  assert.equal(q.reader.lock.owner, q.connections[1]);
  q.queue.leave(q.connections[1]);
  await settle();
  assert.equal(q.reader.lock.owner, null);
  assert.deepEqual(q.take(), ["0 begins", `1 ${LATE}`]);
});
