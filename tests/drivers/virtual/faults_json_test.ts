// Invariant: what parseLinkFaults gives back is what it was given; for anything else it throws a RangeError that names the member.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type LinkFault,
  parseLinkFaults,
  VirtualReader,
} from "../../../src/drivers/virtual/mod.ts";
import { anyFault } from "./fault_arbitrary.ts";

Deno.test("faults survive the way to a file and back", () => {
  fc.assert(
    fc.property(fc.array(anyFault, { maxLength: 6 }), (faults) => {
      const read: unknown = JSON.parse(JSON.stringify(faults));
      assert.deepEqual(parseLinkFaults(read), read);
    }),
    { seed: 78163, numRuns: 2000 },
  );
});

Deno.test("what comes back is a copy that nobody can change", () => {
  const fault = {
    what: {
      kind: "flip",
      bit: [0, 1],
      at: { byte: 1, which: { kind: "every", every: 2 } },
    },
    until: { kind: "times", times: 2 },
  };
  const [copy] = parseLinkFaults([fault]);
  fault.what.at.byte = 9;
  fault.what.bit.push(7);
  fault.until.times = 9;
  assert.deepEqual(copy, {
    what: {
      kind: "flip",
      bit: [0, 1],
      at: { byte: 1, which: { kind: "every", every: 2 } },
    },
    until: { kind: "times", times: 2 },
  });
  for (
    const part of [
      copy,
      copy.what,
      copy.until,
      copy.what.at,
      copy.what.at?.which,
    ]
  ) assert.ok(Object.isFrozen(part));
});

const NEVER = { kind: "never" };
const MUTE = { kind: "mute" };

/** What is read, and what is said of it. */
const BAD: readonly [unknown, string][] = [
  [undefined, "faults is missing, expected an array"],
  [null, "faults is null, expected an array"],
  [{}, "faults is an object, expected an array"],
  ["[]", 'faults is "[]", expected an array'],
  [
    Array.from({ length: 1001 }, () => null),
    "faults.length is 1001, expected at most 1000",
  ],
  [[7], "faults[0] is 7, expected an object"],
  [[[]], "faults[0] is an array, expected an object"],
  [[,], "faults[0] is missing, expected an object"],
  [[{}], "faults[0].what is missing, expected an object"],
  [
    [{ what: {}, until: NEVER }],
    'faults[0].what.kind is missing, expected "flip", "lose", "double", "parity", "remove", "mute", "truncate", "duplicate", "noise", "sequence", "late"',
  ],
  [
    [{ what: { kind: "burn" }, until: NEVER }],
    'faults[0].what.kind is "burn", expected "flip", "lose", "double", "parity", "remove", "mute", "truncate", "duplicate", "noise", "sequence", "late"',
  ],
  [
    [{ what: MUTE, until: NEVER, when: 1 }],
    'faults[0]["when"] is 1, expected no member but what, until',
  ],
  [
    [{ what: { ...MUTE, bit: 1 }, until: NEVER }],
    'faults[0].what["bit"] is 1, expected no member but kind, at',
  ],
  [[{ what: MUTE }], "faults[0].until is missing, expected an object"],
  [
    [{ what: MUTE, until: { kind: "ever" } }],
    'faults[0].until.kind is "ever", expected "times", "bytes", "exchanges", "reset", "never"',
  ],
  [
    [{ what: MUTE, until: { kind: "times" } }],
    "faults[0].until.times is missing, expected 1 to 1000000000",
  ],
  [
    [{ what: MUTE, until: { kind: "bytes", bytes: 0 } }],
    "faults[0].until.bytes is 0, expected 1 to 1000000000",
  ],
  [
    [{ what: MUTE, until: { kind: "exchanges", exchanges: 1.5 } }],
    "faults[0].until.exchanges is 1.5, expected 1 to 1000000000",
  ],
  [
    [{ what: MUTE, until: { kind: "reset", times: 1 } }],
    'faults[0].until["times"] is 1, expected no member but kind',
  ],
  [
    [{ what: { kind: "flip" }, until: NEVER }],
    "faults[0].what.bit is missing, expected 0 to 7, or an array of different ones",
  ],
  ...[8, -1, "3", [], [1, 1], [8], [0, 1, 2, 3, 4, 5, 6, 7, 0]].map((
    bit,
  ): [unknown, string] => [
    [{ what: { kind: "flip", bit }, until: NEVER }],
    `faults[0].what.bit is ${
      Array.isArray(bit) ? "an array" : JSON.stringify(bit)
    }, expected 0 to 7, or an array of different ones`,
  ]),
  [
    [{ what: { kind: "parity", bit: 8 }, until: NEVER }],
    "faults[0].what.bit is 8, expected 0 to 7",
  ],
  [
    [{ what: { kind: "parity", bit: 0, arrivals: 256 }, until: NEVER }],
    "faults[0].what.arrivals is 256, expected 1 to 255",
  ],
  [
    [{ what: { kind: "truncate", keep: 1024 }, until: NEVER }],
    "faults[0].what.keep is 1024, expected 1 to 1023",
  ],
  ...["", "0", "0G", "00 11", "00".repeat(256), 0].map((
    hex,
  ): [unknown, string] => [
    [{ what: { kind: "noise", hex }, until: NEVER }],
    `faults[0].what.hex is ${
      JSON.stringify(
        typeof hex === "string" && hex.length > 40
          ? `${hex.slice(0, 40)}…`
          : hex,
      )
    }, expected 1 to 255 bytes in hexadecimal`,
  ]),
  [
    [{ what: { kind: "sequence", number: "N(X)" }, until: NEVER }],
    'faults[0].what.number is "N(X)", expected "N(S)", "N(R)"',
  ],
  ...[0, -1, 1001, NaN, Infinity].map((waits): [unknown, string] => [
    [{ what: { kind: "late", waits }, until: NEVER }],
    `faults[0].what.waits is ${waits}, expected more than 0, at most 1000`,
  ]),
  [
    [{
      what: { kind: "late", waits: 1, at: { direction: "to-card" } },
      until: NEVER,
    }],
    'faults[0].what.at.direction is "to-card", expected "from-card" for kind "late"',
  ],
  [
    [{
      what: { ...MUTE, at: { direction: "to-card", phase: "atr" } },
      until: NEVER,
    }],
    'faults[0].what.at.direction is "to-card", expected "from-card" in phase "atr"',
  ],
  [
    [{ what: MUTE, until: NEVER }, {
      what: { ...MUTE, at: { byte: 5 } },
      until: NEVER,
    }],
    'faults[1].what.at["byte"] is 5, expected no member but direction, phase, exchange, block, since, which',
  ],
  [
    [{ what: { ...MUTE, at: { since: "block" } }, until: NEVER }],
    'faults[0].what.at.since is "block", expected "reset", "exchange"',
  ],
  [
    [{ what: { ...MUTE, at: { phase: "pps" } }, until: NEVER }],
    'faults[0].what.at.phase is "pps", expected "atr", "after-atr", "any"',
  ],
  [
    [{ what: { ...MUTE, at: null }, until: NEVER }],
    "faults[0].what.at is null, expected an object",
  ],
  [
    [{
      what: { kind: "lose", at: { byte: -1 } },
      until: NEVER,
    }],
    "faults[0].what.at.byte is -1, expected 0 to 1000000000",
  ],
  [
    [{
      what: { ...MUTE, at: { which: { kind: "every", every: 0 } } },
      until: NEVER,
    }],
    "faults[0].what.at.which.every is 0, expected 1 to 1000000",
  ],
  [
    [{
      what: { ...MUTE, at: { which: { kind: "random", seed: 1 } } },
      until: NEVER,
    }],
    "faults[0].what.at.which.perMillion is missing, expected 0 to 1000000",
  ],
  [
    [{
      what: { ...MUTE, at: { which: { kind: "random", seed: 2 ** 32 } } },
      until: NEVER,
    }],
    "faults[0].what.at.which.seed is 4294967296, expected 0 to 4294967295",
  ],
];

Deno.test("what is wrong is named, with what was found and what was expected", () => {
  for (const [value, message] of BAD) {
    assert.throws(() => parseLinkFaults(value), {
      name: "RangeError",
      message: `Cannot read link fault: ${message}`,
    });
  }
});

Deno.test("inherited members and getters are none", () => {
  const inherits = Object.create({ what: MUTE, until: NEVER });
  const getter = {
    what: MUTE,
    get until(): unknown {
      throw new Error("must not run");
    },
  };
  for (const value of [[inherits], [getter]]) {
    assert.throws(() => parseLinkFaults(value), /^RangeError: Cannot read/);
  }
  const polluted: unknown = JSON.parse(
    '[{"what":{"kind":"mute","__proto__":{"kind":"flip"}},"until":{"kind":"never"}}]',
  );
  assert.throws(() => parseLinkFaults(polluted), /\["__proto__"\]/);
});

/** Reads; whatever it is, a list or the one error comes out. */
function readAny(value: unknown): void {
  let read: readonly LinkFault[];
  try {
    read = parseLinkFaults(value);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    assert.match(error.message, /^Cannot read link fault: faults/);
    return;
  }
  assert.deepEqual(parseLinkFaults(read), read);
}

Deno.test("anything at all is read or refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything({ withBigInt: true, withMap: true, withSparseArray: true }),
        fc.array(fc.anything()),
      ),
      readAny,
    ),
    { seed: 78163, numRuns: 2000 },
  );
});

Deno.test("a good list with one member gone astray is read or refused", () => {
  fc.assert(
    fc.property(
      fc.array(anyFault, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom<unknown>(-1, 1e10, 0.5, "", "to-card", [], {}),
      ),
      (faults, place, stray) => {
        let count = 0;
        const visit = (value: unknown): unknown => {
          if (typeof value !== "object" || value === null) return value;
          if (Array.isArray(value)) return value.map(visit);
          return Object.fromEntries(
            Object.entries(value).map(([name, member]) => [
              name,
              count++ === place % 12 ? stray : visit(member),
            ]),
          );
        };
        readAny(visit(faults));
      },
    ),
    { seed: 78163, numRuns: 3000 },
  );
});

Deno.test("a reader refuses faults that are none", () => {
  const faults = [{ what: { kind: "burn" } }] as unknown as LinkFault[];
  assert.throws(
    () => new VirtualReader({ faults }),
    /^RangeError: Cannot read/,
  );
  using reader = new VirtualReader();
  assert.throws(() => reader.inject(faults), /^RangeError: Cannot read/);
  assert.deepEqual(reader.faults, []);
});
