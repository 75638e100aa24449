// Invariant: a fault strikes where its data say and nowhere else, and a link without one is the link that it wraps.
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  type CardLink,
  type FaultEnd,
  faultyLink,
  type LinkFault,
} from "../../../src/drivers/virtual/mod.ts";
import {
  A,
  ATR,
  Bench,
  both,
  C,
  CLEAN,
  COMMAND,
  ScriptedLink,
} from "./fault_bench.ts";

type What = LinkFault["what"];

const never: FaultEnd = { kind: "never" };

/** The numbers of the exchanges that are not what they should be, of `count` after a reset. */
async function struckExchanges(bench: Bench, count: number): Promise<number[]> {
  const struck: number[] = [];
  await bench.reset();
  for (let i = 1; i <= count; i++) {
    if (await bench.exchange() !== CLEAN) struck.push(i);
  }
  return struck;
}

Deno.test("a place is counted from the reset, the exchange or the block", async () => {
  const cases: [What, number[]][] = [
    [{ kind: "lose", at: { byte: 13, since: "reset" } }, [2]],
    [
      { kind: "lose", at: { byte: 13, since: "reset", phase: "any" } },
      [1], // the ATR has four
    ],
    [{ kind: "lose", at: { byte: 3, since: "exchange" } }, [1, 2, 3, 4, 5, 6]],
    [{ kind: "lose", at: { byte: 3, block: 2 } }, [3]],
    [{ kind: "lose", at: { byte: 3, block: 2, phase: "any" } }, [2]],
    [{ kind: "mute", at: { block: 0, since: "exchange", exchange: 4 } }, [4]],
    [{ kind: "mute", at: { block: 1, since: "exchange" } }, []],
    [{ kind: "mute", at: { exchange: 5, direction: "to-card" } }, [5]],
    [{ kind: "mute", at: { which: { kind: "every", every: 3 } } }, [1, 4]],
    [
      { kind: "mute", at: { which: { kind: "every", every: 2, first: 2 } } },
      [3, 5],
    ],
    // The first character of every other block.
    [{ kind: "flip", bit: 0, at: { which: { kind: "every", every: 20 } } }, [
      1,
      3,
      5,
    ]],
    [
      {
        kind: "mute",
        at: { which: { kind: "random", seed: 1, perMillion: 0 } },
      },
      [],
    ],
    [
      {
        kind: "mute",
        at: { which: { kind: "random", seed: 1, perMillion: 1_000_000 } },
      },
      [1, 2, 3, 4, 5, 6],
    ],
  ];
  for (const [what, expected] of cases) {
    const bench: Bench = new Bench([{ what, until: never }]);
    assert.deepEqual(
      await struckExchanges(bench, 6),
      expected,
      JSON.stringify(what),
    );
  }
});

Deno.test("random faults follow from the seed, as often as told", async () => {
  const run = async (seed: number): Promise<number[]> => {
    const bench: Bench = new Bench([{
      what: {
        kind: "mute",
        at: { which: { kind: "random", seed, perMillion: 300_000 } },
      },
      until: never,
    }]);
    return await struckExchanges(bench, 300);
  };
  const first = await run(5);
  assert.deepEqual(await run(5), first);
  assert.notDeepEqual(await run(6), first);
  assert.ok(first.length > 60 && first.length < 120, `${first.length}`);
});

Deno.test("parity under T=0: asked for again three times, then delivered damaged", async () => {
  for (const direction of ["to-card", "from-card"] as const) {
    for (const arrivals of [1, 3, 4]) {
      for (const protocol of ["t0", "t1", null] as const) {
        const bench: Bench = new Bench([{
          what: {
            kind: "parity",
            bit: 0,
            arrivals,
            at: { direction, byte: 9 },
          },
          until: never,
        }], protocol);
        await bench.reset();
        const isRepaired = protocol === "t0" && arrivals <= 3;
        const damaged = direction === "to-card"
          ? both(C.slice(0, 18) + "70", A)
          : both(C, A.slice(0, 18) + "40");
        assert.equal(await bench.exchange(), isRepaired ? CLEAN : damaged);
        assert.deepEqual(
          bench.strikes.map(({ repetitions, byte }) => [repetitions, byte]),
          [[protocol === "t0" ? Math.min(arrivals, 3) : 0, 9]],
        );
      }
    }
  }
});

Deno.test("an answer too late runs into the next one, or is lost", async () => {
  const late = (waits: number): LinkFault => ({
    what: { kind: "late", waits },
    until: { kind: "times", times: 1 },
  });
  const mute: LinkFault = {
    what: { kind: "mute", at: { block: 1 } },
    until: never,
  };
  const bench: Bench = new Bench([late(1.5), mute]);
  await bench.reset();
  assert.equal(await bench.exchange(), both(C, "", 100));
  // The second answer is dropped: what was late arrives in its place.
  assert.equal(await bench.exchange(), both(C, A, 50));
  assert.equal(await bench.exchange(), CLEAN);
  bench.link.inject([late(4)]);
  await bench.reset();
  assert.equal(await bench.exchange(), both(C, "", 100));
  assert.equal(await bench.exchange(), CLEAN);
  assert.equal(bench.clock.pending, 1);
  assert.equal(await bench.exchange(), CLEAN);
  assert.equal(bench.clock.pending, 0);
  bench.link.inject([late(4)]);
  assert.equal(await bench.exchange(), both(C, "", 100));
  // Nobody has sent: the same answer is waited for again.
  assert.equal(await bench.receive(10), "");
  assert.equal(await bench.receive(10), "");
  assert.equal(await bench.receive(10), A);
});

Deno.test("a card that goes ends the wait for a late answer", async () => {
  const bench: Bench = new Bench([{
    what: { kind: "late", waits: 0.5 },
    until: never,
  }]);
  await bench.reset();
  bench.link.send(COMMAND);
  const received = bench.link.receive(new Uint8Array(9), 0, 9, 1000);
  bench.inner.reset = () => {};
  bench.inner.send(COMMAND);
  bench.link.cardGone();
  assert.ok(received instanceof Promise);
  await received;
  assert.equal(bench.clock.pending, 0);
});

Deno.test("faults meet on one block in the order of the list", async () => {
  const bench: Bench = new Bench([
    { what: { kind: "flip", bit: 0, at: { byte: 0 } }, until: never },
    { what: { kind: "double", at: { byte: 0 } }, until: never },
    { what: { kind: "lose", at: { byte: 1 } }, until: never },
    // Gone before it could be struck.
    { what: { kind: "flip", bit: 1, at: { byte: 1 } }, until: never },
    { what: { kind: "truncate", keep: 4 }, until: never },
    { what: { kind: "truncate", keep: 6 }, until: never },
    { what: { kind: "noise", hex: "EE" }, until: never },
  ]);
  await bench.reset();
  assert.equal(await bench.exchange(), both(C, "EE" + "0101" + "06A1"));
  assert.deepEqual(
    bench.strikes.map(({ index }) => index).sort(),
    [0, 1, 2, 4, 6],
  );
});

Deno.test("a fault of sequence leaves alone what is no numbered block with a right check", async () => {
  const cases: [string, What, string | null][] = [
    ["00C101FE3E", { kind: "sequence" }, null],
    ["00810081", { kind: "sequence" }, "00910091"],
    ["00810081", { kind: "sequence", number: "N(S)" }, null],
    ["00810080", { kind: "sequence" }, null],
    ["00000101", { kind: "sequence" }, null],
    ["0000", { kind: "sequence" }, null],
    ["0000015A0000", { kind: "sequence" }, null],
  ];
  for (const [block, what, expected] of cases) {
    const bench: Bench = new Bench([{
      what: { ...what, at: { direction: "to-card" } } as What,
      until: never,
    }]);
    await bench.reset();
    bench.inner.heard = [];
    bench.link.send(fromHex(block));
    assert.deepEqual(bench.inner.heard, [expected ?? block]);
  }
});

Deno.test("without faults the link is the one that it wraps, promises included", () => {
  const bench: Bench = new Bench([]);
  assert.equal(bench.link.reset("cold"), undefined);
  const target = new Uint8Array(4);
  assert.equal(bench.link.available, 4);
  assert.equal(bench.link.receive(target, 0, 4, 1), 4);
  assert.equal(bench.link.send(COMMAND), undefined);
  assert.equal(bench.link.powerOff(), undefined);
  assert.equal(bench.link.configure, undefined);
  // Faults that do not fit, or take no time, add none either.
  bench.link.inject([
    { what: { kind: "mute", at: { exchange: 77 } }, until: never },
    { what: { kind: "flip", bit: 0 }, until: never },
  ]);
  assert.equal(bench.link.send(COMMAND), undefined);
  assert.equal(bench.link.receive(target, 0, 4, 1), 4);
  assert.equal(toHex(target), "014107A0");
});

Deno.test("a link that takes its time has faults, too", async () => {
  const inner = new ScriptedLink();
  const settings: unknown[] = [];
  const slow: CardLink = {
    reset: () => Promise.resolve(inner.reset()),
    powerOff: () => Promise.resolve(),
    send: (bytes) => Promise.resolve(inner.send(bytes)),
    receive: (target, offset, wanted) =>
      Promise.resolve().then(() => inner.receive(target, offset, wanted)),
    // Nothing is ever at hand: characters trickle.
    get available() {
      return 0;
    },
    configure: (each) => {
      settings.push(each);
    },
  };
  const link = faultyLink(slow, [
    {
      what: { kind: "lose", at: { byte: 1 } },
      until: { kind: "times", times: 1 },
    },
    { what: { kind: "duplicate", at: { block: 1 } }, until: never },
    { what: { kind: "sequence", at: { block: 2 } }, until: never },
  ], { protocol: () => "t1" });
  await link.reset("cold");
  const receive = async (wanted: number): Promise<string> => {
    const target = new Uint8Array(32);
    return toHex(
      target.subarray(0, await link.receive(target, 0, wanted, 1000)),
    );
  };
  assert.equal(await receive(4), toHex(ATR));
  await link.send(COMMAND);
  assert.equal(await receive(1), "00");
  assert.equal(await receive(9), "06A1A2A3A4A5A641");
  await link.send(COMMAND);
  assert.equal(await receive(20), A + A);
  await link.send(COMMAND);
  assert.equal(await receive(10), "000006A1A2A3A4A5A601");
  await link.configure?.({} as never);
  assert.equal(settings.length, 1);
});

Deno.test("an ATR that comes twice keeps its convention", async () => {
  // TS '03' of an inverse card; I(0,0) without data, as such a card has it.
  const inverted = fromHex("FFFFFFFF");
  const bench: Bench = new Bench([
    { what: { kind: "duplicate", at: { phase: "atr" } }, until: never },
    { what: { kind: "sequence", at: { direction: "to-card" } }, until: never },
  ]);
  bench.inner.atr = fromHex("03FF03");
  assert.equal(await bench.reset(), "03FF0303FF03");
  bench.inner.heard = [];
  bench.link.send(inverted);
  // N(S) and LRC have bit 6, which such a link carries as bit 1.
  assert.deepEqual(bench.inner.heard, ["FFFDFFFD"]);
});

Deno.test("after the card has gone there is not even noise", async () => {
  const bench: Bench = new Bench([
    { what: { kind: "remove", at: { byte: 0, exchange: 1 } }, until: never },
    {
      what: { kind: "noise", hex: "AA", at: { direction: "to-card" } },
      until: never,
    },
  ]);
  await bench.reset();
  assert.equal(await bench.exchange(), both("AA" + C, ""));
  assert.equal(await bench.exchange(), both("", ""));
  assert.equal(bench.strikes.length, 2);
});

Deno.test("what a card never tires of saying is not taken for ever", async () => {
  const bench: Bench = new Bench([{ what: { kind: "mute" }, until: never }]);
  await bench.reset();
  bench.link.send(COMMAND);
  let asked = 0;
  Object.defineProperty(bench.inner, "available", { get: () => 1 });
  bench.inner.receive = (target, offset, wanted) => {
    asked++;
    target.fill(0x60, offset, offset + wanted);
    return wanted;
  };
  assert.equal(bench.link.available, 0);
  assert.equal(bench.link.receive(new Uint8Array(4), 0, 4, 1), 0);
  assert.ok(asked < 20_000, `${asked}`);
});

Deno.test("faults that cannot be are refused, and those before stay", async () => {
  const link = faultyLink(new ScriptedLink());
  assert.throws(
    () => link.inject([{ what: { kind: "remove" }, until: never }]),
    /^RangeError: Cannot use link fault: faults\[0\]\.what\.kind is "remove"/,
  );
  const bench: Bench = new Bench([{ what: { kind: "mute" }, until: never }]);
  assert.throws(
    () =>
      bench.link.inject([
        { what: { kind: "truncate", keep: 0 }, until: never },
      ]),
    /^RangeError: Cannot read link fault: faults\[0\]\.what\.keep is 0, expected 1 to 1023$/,
  );
  await bench.reset();
  assert.equal(await bench.exchange(), both(C, ""));
});
