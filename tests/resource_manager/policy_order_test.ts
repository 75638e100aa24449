/** What a policy judges is what happens, in the order of the calls, and nothing waits for ever. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Connection,
  type Policy,
  SCARD_PROTOCOL_T1,
  SCARD_RESET_CARD,
} from "../../src/resource_manager/mod.ts";
import { type Bench, bench, fails } from "./bench.ts";
import { settle } from "./fake_reader.ts";

const NAME = "Fake Reader 0";
const APDU = Uint8Array.of(0x00, 0xA4, 0x04, 0x0C);

async function connected(
  { manager }: Bench,
  policy: Policy,
): Promise<Connection> {
  return await manager.establishContext({ policy }).connect(NAME);
}

Deno.test("policy: what was judged is what is sent", async () => {
  await using setup = await bench();
  const received: Uint8Array[] = [];
  setup.device.respond = (apdu) => {
    received.push(apdu.slice());
    return Uint8Array.of(0x90, 0x00);
  };
  const verdict = Promise.withResolvers<boolean>();
  const asked: number[][] = [];
  const connection = await connected(setup, {
    transmit: ({ cla, ins, p1, p2, protocol }) => {
      asked.push([cla, ins, p1, p2, protocol]);
      return verdict.promise;
    },
    connect: ({ exists }) => exists ? verdict.promise : true,
  });
  const apdu = APDU.slice();
  const sent = connection.transmit(apdu);
  apdu[1] = 0x20;
  const options = {
    shareMode: "shared" as "shared" | "exclusive",
    protocols: 3,
  };
  const again = connection.reconnect(options);
  options.shareMode = "exclusive";
  verdict.resolve(true);
  await sent;
  await again;
  assert.deepEqual(asked, [[...APDU, SCARD_PROTOCOL_T1]]);
  assert.deepEqual(received, [APDU]);
  assert.equal(connection.shareMode, "shared");
});

Deno.test("policy: operations of a connection keep their order, others do not wait", async () => {
  await using setup = await bench();
  const verdict = Promise.withResolvers<boolean>();
  const connection = await connected(setup, {
    transmit: ({ p2 }) => p2 === 1 ? verdict.promise : true,
  });
  const other = await connected(setup, { transmit: () => true });
  const order: string[] = [];
  const follow = (what: string, result: unknown) =>
    Promise.resolve(result).then(() => order.push(what));
  const all = [
    follow("first", connection.transmit(Uint8Array.of(0, 0xB0, 0, 1))),
    follow("second", connection.transmit(Uint8Array.of(0, 0xB0, 0, 2))),
    follow("reset", connection.disconnect(SCARD_RESET_CARD)),
    follow("other", other.transmit(APDU)),
  ];
  await settle();
  assert.deepEqual(order, ["other"]);
  verdict.resolve(true);
  await Promise.all(all);
  assert.deepEqual(order, ["other", "first", "second", "reset"]);
});

Deno.test("policy: an end of transaction waits behind the APDU asked about; leaving the card does not", async () => {
  await using setup = await bench();
  const verdict = Promise.withResolvers<boolean>();
  const connection = await connected(setup, {
    transmit: () => verdict.promise,
  });
  await connection.beginTransaction();
  const sent = connection.transmit(APDU);
  const ended = connection.endTransaction();
  await settle();
  assert.equal(setup.reader.lock.owner, connection);
  verdict.resolve(true);
  await sent;
  await ended;
  assert.equal(setup.reader.lock.owner, null);
  const never = await connected(setup, {
    transmit: () => new Promise(() => {}),
  });
  const lost = never.transmit(APDU);
  never.disconnect();
  await fails("SCARD_E_INVALID_HANDLE", () => lost);
});

Deno.test("policy: whatever the verdicts and their delays, exactly what is allowed arrives, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          allow: fc.boolean(),
          ticks: fc.option(fc.nat(8), { nil: null }),
        }),
        { maxLength: 12 },
      ),
      async (plan) => {
        await using setup = await bench();
        const arrived: number[] = [];
        setup.device.respond = (apdu) => {
          arrived.push(apdu[3]);
          return Uint8Array.of(0x90, 0x00);
        };
        const connection = await connected(setup, {
          transmit: ({ p2 }) => {
            const { allow, ticks } = plan[p2];
            return ticks === null ? allow : settle(ticks).then(() => allow);
          },
        });
        const calls = plan.map(async (_, i) =>
          await connection.transmit(Uint8Array.of(0, 0xB0, 0, i))
        );
        const results = await Promise.allSettled(calls);
        const allowed = [...plan.keys()].filter((i) => plan[i].allow);
        assert.deepEqual(arrived, allowed);
        assert.deepEqual(
          results.map(({ status }) => status === "fulfilled"),
          plan.map(({ allow }) => allow),
        );
      },
    ),
    { seed: 78163, numRuns: 60 },
  );
});

Deno.test("policy: abort, release and disconnect end the wait for a verdict", async () => {
  await using setup = await bench();
  const never: Policy = { transmit: () => new Promise(() => {}) };
  const connection = await connected(setup, never);
  const cancel = new AbortController();
  const aborted = connection.transmit(APDU, { signal: cancel.signal });
  const queued = connection.transmit(APDU, { signal: cancel.signal });
  cancel.abort(new Error("enough"));
  await assert.rejects(async () => await aborted, /enough/);
  await assert.rejects(async () => await queued, /enough/);
  const waiting = connection.transmit(APDU);
  await connection.context.release();
  await fails("SCARD_E_INVALID_HANDLE", () => waiting);
  await fails("SCARD_E_INVALID_HANDLE", () => connection.transmit(APDU));
  const context = setup.manager.establishContext({
    policy: { connect: () => new Promise(() => {}) },
  });
  const connecting = context.connect(NAME);
  await context.release();
  await fails("SCARD_E_CANCELLED", () => connecting);
  assert.equal(setup.timers.pending, 0);
});
