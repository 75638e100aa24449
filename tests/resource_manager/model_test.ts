/**
 * Invariant: whatever several contexts do at once, at most one connection owns the
 * lock, an exclusive connection is alone, no APDU of a stranger comes between two of a
 * transaction, the reader sees one request at a time, and after everything is released
 * nothing is left waiting.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Connection,
  PCSC_LITE_PROFILE,
  type Profile,
  type ResourceContext,
  ResourceManagerError,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { bench } from "./bench.ts";
import { echo, settle } from "./fake_reader.ts";

type Step =
  | { do: "connect"; who: number; mode: ShareMode; protocols: number }
  | { do: "transmit" | "begin" | "abort" | "status"; who: number; nth: number }
  | { do: "end" | "disconnect"; who: number; nth: number; disposition: number }
  | { do: "reconnect"; who: number; nth: number; mode: ShareMode; init: number }
  | { do: "release"; who: number }
  | { do: "insert" }
  | { do: "remove" }
  | { do: "pause" }
  | { do: "tick" };

const who = fc.nat(2);
const nth = fc.nat(3);
const mode = fc.constantFrom<ShareMode>(
  "shared",
  "shared",
  "shared",
  "exclusive",
  "direct",
);
const disposition = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: record("connect", {
      who,
      mode,
      protocols: fc.constantFrom(1, 2, 3),
    }),
  },
  { weight: 6, arbitrary: record("transmit", { who, nth }) },
  { weight: 5, arbitrary: record("begin", { who, nth }) },
  { weight: 1, arbitrary: record("abort", { who, nth }) },
  { weight: 1, arbitrary: record("status", { who, nth }) },
  { weight: 5, arbitrary: record("end", { who, nth, disposition }) },
  { weight: 2, arbitrary: record("disconnect", { who, nth, disposition }) },
  {
    weight: 2,
    arbitrary: record("reconnect", { who, nth, mode, init: fc.nat(2) }),
  },
  { weight: 1, arbitrary: record("release", { who }) },
  { weight: 1, arbitrary: record("insert", {}) },
  { weight: 1, arbitrary: record("remove", {}) },
  { weight: 3, arbitrary: record("pause", {}) },
  { weight: 1, arbitrary: record("tick", {}) },
);

function record(name: string, members: Record<string, fc.Arbitrary<unknown>>) {
  return fc.record({ do: fc.constant(name), ...members }) as fc.Arbitrary<Step>;
}

async function play(
  steps: Step[],
  profile: Profile,
  pace: "sync" | "async",
): Promise<void> {
  await using b = await bench({ profile, pace });
  const contexts: ResourceContext[] = [0, 1, 2].map(() =>
    b.manager.establishContext()
  );
  const open: Connection[][] = [[], [], []];
  const aborts = new Map<Connection, AbortController>();
  const pending = new Set<Promise<unknown>>();
  const { lock, connections } = b.reader;

  // P1 P2 tell who sent the APDU: only the lock's owner may, if there is one.
  let strangers = 0;
  const begun = new Set<unknown>();
  const ids = new Map<number, Connection>();
  b.device.respond = (apdu) => {
    const sender = ids.get(apdu[2] << 8 | apdu[3]);
    const allowed = lock.owner === null || lock.owner === sender ||
      !begun.has(lock.owner);
    if (!allowed) strangers++;
    return echo(apdu);
  };
  const check = () => {
    const established = [...connections].filter((c) => c.established);
    const exclusive = established.filter((c) => c.shareMode === "exclusive");
    assert(exclusive.length <= 1);
    if (exclusive.length === 1) assert.equal(established.length, 1);
    assert((lock.owner === null) === (lock.depth === 0));
    assert(lock.owner === null || connections.has(lock.owner));
    if (lock.owner === null) assert.equal(lock.waiting, 0);
    assert(b.device.maxBusy <= 1);
    assert.equal(strangers, 0, "an APDU came between those of a transaction");
  };
  const start = (work: () => unknown) => {
    const promise: Promise<void> = (async () => {
      try {
        await work();
      } catch (error) {
        const expected = error instanceof ResourceManagerError ||
          (error as Error).name === "AbortError";
        if (!expected) throw error;
      }
    })().finally(() => pending.delete(promise));
    pending.add(promise);
  };
  const run = (s: Step) => {
    if (s.do === "insert") return b.device.state === 1 && b.device.insert();
    if (s.do === "remove") return b.device.state > 1 && b.device.remove();
    if (s.do === "tick") return b.timers.advance(3000);
    if (s.do === "pause") return;
    if (s.do === "release") {
      start(() => contexts[s.who].release());
      contexts[s.who] = b.manager.establishContext();
      open[s.who] = [];
      return;
    }
    if (s.do === "connect") {
      const mine = open[s.who];
      return start(async () => {
        const connection = await contexts[s.who].connect(b.reader.name, {
          shareMode: s.mode,
          protocols: s.protocols,
        });
        ids.set(connection.id, connection);
        mine.push(connection);
      });
    }
    const mine = open[s.who];
    const c = mine[s.nth % mine.length];
    if (c === undefined) return;
    switch (s.do) {
      case "transmit":
        return start(() =>
          c.transmit(Uint8Array.of(0, 1, c.id >> 8, c.id & 255))
        );
      case "begin": {
        const abort = new AbortController();
        aborts.set(c, abort);
        return start(async () => {
          await c.beginTransaction({ signal: abort.signal });
          begun.add(c);
        });
      }
      case "abort":
        return aborts.get(c)?.abort();
      case "status":
        return start(() => c.status());
      case "end":
        begun.delete(c);
        return start(() => c.endTransaction(s.disposition));
      case "disconnect":
        begun.delete(c);
        return start(() => c.disconnect(s.disposition));
      case "reconnect":
        begun.delete(c);
        return start(() =>
          c.reconnect({
            shareMode: s.mode,
            protocols: 3,
            initialization: s.init,
          })
        );
    }
  };
  for (const s of steps) {
    run(s);
    if (s.do === "pause") await settle(20);
    check();
  }
  await Promise.all(contexts.map((context) => context.release()));
  await settle(200);
  assert.equal(pending.size, 0, "promises left");
  assert.equal(connections.size, 0);
  assert.equal(lock.owner, null);
  assert.equal(lock.waiting, 0);
  check();
}

for (const profile of [WEB_PROFILE, WINDOWS_PROFILE, PCSC_LITE_PROFILE]) {
  for (const pace of ["sync", "async"] as const) {
    Deno.test(`model: contexts at random, ${profile.name}, ${pace} reader`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 20, maxLength: 120, size: "max" }),
          (steps) => play(steps, profile, pace),
        ),
        { seed: 20, numRuns: 120 },
      );
    });
  }
}
