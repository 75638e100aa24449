// Invariant: a fault strikes what its place names, as long as its end says, and nothing after that.
import assert from "node:assert/strict";
import { toHex } from "../../../src/bytes.ts";
import type { FaultEnd, LinkFault } from "../../../src/drivers/virtual/mod.ts";
import { A, ATR, Bench, both, C, CLEAN } from "./fault_bench.ts";

type What = LinkFault["what"];

const TABLE: readonly [string, What, string][] = [
  ["to-card flip", {
    kind: "flip",
    bit: 3,
    at: { direction: "to-card", byte: 5 },
  }, both("0000061122" + "3B" + "44556671", A)],
  [
    "from-card flip",
    { kind: "flip", bit: [0, 7], at: { byte: 9 } },
    both(
      C,
      "004006A1A2A3A4A5A6" + "C0",
    ),
  ],
  [
    "to-card lose",
    { kind: "lose", at: { direction: "to-card", byte: 0 } },
    both(
      C.slice(2),
      A,
    ),
  ],
  [
    "from-card lose",
    { kind: "lose", at: { byte: 1 } },
    both(
      C,
      "0006A1A2A3A4A5A641",
    ),
  ],
  ["to-card double", {
    kind: "double",
    at: { direction: "to-card", byte: 9 },
  }, both(C + "71", A)],
  ["from-card double", { kind: "double", at: { byte: 0 } }, both(C, "00" + A)],
  ["to-card parity", {
    kind: "parity",
    bit: 0,
    at: { direction: "to-card", byte: 3 },
  }, both("000006" + "10" + C.slice(8), A)],
  [
    "from-card parity",
    { kind: "parity", bit: 7, at: { byte: 3 } },
    both(
      C,
      "004006" + "21" + A.slice(8),
    ),
  ],
  [
    "to-card mute",
    { kind: "mute", at: { direction: "to-card" } },
    both("", ""),
  ],
  ["from-card mute", { kind: "mute" }, both(C, "")],
  ["to-card truncate", {
    kind: "truncate",
    keep: 4,
    at: { direction: "to-card" },
  }, both(C.slice(0, 8), A)],
  [
    "from-card truncate",
    { kind: "truncate", keep: 9 },
    both(C, A.slice(0, 18)),
  ],
  ["to-card duplicate", {
    kind: "duplicate",
    at: { direction: "to-card" },
  }, both(C + C, A)],
  ["from-card duplicate", { kind: "duplicate" }, both(C, A + A)],
  ["to-card noise", {
    kind: "noise",
    hex: "ff00",
    at: { direction: "to-card" },
  }, both("FF00" + C, A)],
  ["from-card noise", { kind: "noise", hex: "A5" }, both(C, "A5" + A)],
  ["to-card sequence", {
    kind: "sequence",
    at: { direction: "to-card" },
  }, both("004006" + C.slice(6, 18) + "31", A)],
  [
    "from-card sequence",
    { kind: "sequence", number: "N(S)" },
    both(
      C,
      "000006" + A.slice(6, 18) + "01",
    ),
  ],
  ["late, within the wait", { kind: "late", waits: 0.5 }, both(C, A, 50)],
  ["late, at its very end", { kind: "late", waits: 1 }, both(C, A, 100)],
  ["late, beyond the wait", { kind: "late", waits: 2.5 }, both(C, "", 100)],
];

/** Each end: how many of five exchanges are struck; `again`: after a reset. */
const ENDS: readonly {
  until: FaultEnd;
  struck: number;
  again: boolean;
}[] = [
  { until: { kind: "times", times: 2 }, struck: 2, again: false },
  // Ten characters a block: the third begins with number 20.
  { until: { kind: "bytes", bytes: 20 }, struck: 2, again: false },
  { until: { kind: "exchanges", exchanges: 3 }, struck: 3, again: false },
  { until: { kind: "reset" }, struck: 5, again: false },
  { until: { kind: "never" }, struck: 5, again: true },
];

for (const [name, what, expected] of TABLE) {
  for (const { until, struck, again } of ENDS) {
    Deno.test(`${name}, until ${until.kind}: strikes, and ends`, async () => {
      const bench = new Bench([]);
      await bench.reset();
      bench.link.inject([{ what, until }]);
      const seen: string[] = [];
      for (let i = 0; i < 5; i++) seen.push(await bench.exchange());
      const right = Array.from(
        { length: 5 },
        (_, i) => i < struck ? expected : CLEAN,
      );
      assert.deepEqual(seen, right);
      assert.deepEqual(
        bench.strikes.map(({ exchange, isLast }) => `${exchange} ${isLast}`),
        Array.from(
          { length: struck },
          (_, i) => `${i + 1} ${until.kind === "times" && i + 1 === struck}`,
        ),
      );
      assert.equal(await bench.reset(), toHex(ATR));
      assert.equal(await bench.exchange(), again ? expected : CLEAN);
      assert.equal(bench.link.faults.length, again ? 1 : 0);
      bench.link.inject([]);
      assert.equal(await bench.exchange(), CLEAN);
    });
  }
}

/** A removal ends the session: five times a reset and two exchanges. */
const REMOVAL_ENDS: readonly { until: FaultEnd; struck: number }[] = [
  { until: { kind: "times", times: 2 }, struck: 2 },
  // To the card there are twenty between two resets, from the card fourteen with the ATR.
  { until: { kind: "bytes", bytes: 28 }, struck: 2 },
  // Each reset begins exchange 0, and two more follow.
  { until: { kind: "exchanges", exchanges: 6 }, struck: 2 },
  { until: { kind: "reset" }, struck: 1 },
  { until: { kind: "never" }, struck: 5 },
];

for (const direction of ["to-card", "from-card"] as const) {
  for (const { until, struck } of REMOVAL_ENDS) {
    Deno.test(`${direction} remove, until ${until.kind}: strikes, and ends`, async () => {
      const bench = new Bench([{
        what: { kind: "remove", at: { direction, byte: 4 } },
        until,
      }]);
      const gone = direction === "to-card"
        ? both(C.slice(0, 8), "")
        : both(C, A.slice(0, 8));
      for (let i = 0; i < 5; i++) {
        assert.equal(await bench.reset(), toHex(ATR));
        assert.equal(await bench.exchange(), i < struck ? gone : CLEAN);
        // Without a card nothing passes any more.
        const next = i < struck ? both("", "") : CLEAN;
        assert.equal(await bench.exchange(), next);
        assert.equal(bench.removals, Math.min(i + 1, struck));
      }
      assert.equal(bench.strikes.length, struck);
    });
  }
}

/** What each kind makes of the ATR. */
const ATR_TABLE: readonly [What, string][] = [
  [{ kind: "flip", bit: 0, at: { phase: "atr", byte: 0 } }, "3A021450"],
  [{ kind: "lose", at: { phase: "atr", byte: 1 } }, "3B1450"],
  [{ kind: "double", at: { phase: "atr", byte: 3 } }, "3B02145050"],
  [{ kind: "parity", bit: 4, at: { phase: "any", byte: 0 } }, "2B021450"],
  [{ kind: "remove", at: { phase: "atr", byte: 2 } }, "3B02"],
  [{ kind: "mute", at: { phase: "any" } }, ""],
  [{ kind: "truncate", keep: 1, at: { phase: "atr" } }, "3B"],
  [{ kind: "duplicate", at: { phase: "atr" } }, "3B0214503B021450"],
  [{ kind: "noise", hex: "00", at: { phase: "atr" } }, "003B021450"],
  [{ kind: "late", waits: 2, at: { phase: "atr" } }, ""],
];

for (const [what, expected] of ATR_TABLE) {
  Deno.test(`ATR: ${what.kind} strikes, and ends`, async () => {
    const ends: [FaultEnd, number][] = [
      [{ kind: "times", times: 2 }, 2],
      [{ kind: "bytes", bytes: 8 }, what.kind === "late" ? 3 : 2],
      [{ kind: "exchanges", exchanges: 1 }, 1],
      [{ kind: "reset" }, 1],
      [{ kind: "never" }, 3],
    ];
    for (const [until, struck] of ends) {
      const bench = new Bench([{ what, until }]);
      for (let i = 0; i < 3; i++) {
        const atr = i < struck ? expected : toHex(ATR);
        assert.equal(await bench.reset(), atr, `${until.kind} ${i}`);
      }
      assert.equal(bench.strikes.length, struck);
    }
    const never: FaultEnd = { kind: "never" };
    if (what.at?.phase === "atr" && what.kind !== "remove") {
      const bench = new Bench([{ what, until: never }]);
      await bench.reset();
      assert.equal(await bench.exchange(), CLEAN);
    }
    const at = { ...what.at, phase: "after-atr" };
    const later = new Bench([{ what: { ...what, at } as What, until: never }]);
    assert.equal(await later.reset(), toHex(ATR));
  });
}
