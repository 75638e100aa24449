/**
 * Faults drawn at random.
 *
 * @module
 */

import fc from "fast-check";
import type {
  FaultEnd,
  FaultWhich,
  LinkFault,
} from "../../../src/drivers/virtual/mod.ts";
import { toHex } from "../../../src/bytes.ts";

const direction = fc.constantFrom("to-card" as const, "from-card" as const);

const which: fc.Arbitrary<FaultWhich> = fc.oneof(
  fc.record({
    kind: fc.constant("every" as const),
    every: fc.integer({ min: 1, max: 9 }),
  }, { requiredKeys: ["kind", "every"] }),
  fc.record({
    kind: fc.constant("every" as const),
    every: fc.integer({ min: 1, max: 60 }),
    first: fc.nat(60),
  }),
  fc.record({
    kind: fc.constant("random" as const),
    seed: fc.nat(0xffffffff),
    perMillion: fc.oneof(fc.nat(50_000), fc.nat(1_000_000)),
  }),
);

const place = {
  direction,
  phase: fc.constantFrom("atr" as const, "after-atr" as const, "any" as const),
  exchange: fc.nat(4),
  block: fc.nat(9),
  which,
};

/** Places are mostly loose ones, so that faults do strike. */
function loosely<T>(model: { [key in keyof T]: fc.Arbitrary<T[key]> }) {
  return fc.record(
    Object.fromEntries(
      Object.entries<fc.Arbitrary<unknown>>(model).map(([name, value]) => [
        name,
        fc.option(value, {
          nil: undefined,
          freq: name === "direction" || name === "byte" ? 3 : 1,
        }),
      ]),
    ),
  ).map((found) =>
    Object.fromEntries(
      Object.entries(found).filter(([, value]) => value !== undefined),
    )
  );
}

const blockAt = loosely({
  ...place,
  since: fc.constantFrom("reset", "exchange"),
});
const byteAt = loosely({
  ...place,
  byte: fc.nat(20),
  since: fc.constantFrom("reset", "exchange", "block"),
});

const bit = fc.nat(7);
const what = fc.oneof(
  fc.record({
    kind: fc.constant("flip"),
    bit: fc.oneof(bit, fc.uniqueArray(bit, { minLength: 1 })),
    at: byteAt,
  }),
  fc.record({ kind: fc.constantFrom("lose", "double", "remove"), at: byteAt }),
  fc.record({
    kind: fc.constant("parity"),
    bit,
    arrivals: fc.integer({ min: 1, max: 6 }),
    at: byteAt,
  }),
  fc.record({ kind: fc.constantFrom("mute", "duplicate"), at: blockAt }),
  fc.record({
    kind: fc.constant("truncate"),
    keep: fc.integer({ min: 1, max: 40 }),
    at: blockAt,
  }),
  fc.record({
    kind: fc.constant("noise"),
    hex: fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) =>
      toHex(bytes)
    ),
    at: blockAt,
  }),
  fc.record({
    kind: fc.constant("sequence"),
    number: fc.constantFrom("N(S)", "N(R)"),
    at: blockAt,
  }, { requiredKeys: ["kind", "at"] }),
  fc.record({
    kind: fc.constant("late"),
    waits: fc.constantFrom(0.1, 0.9, 1, 1.1, 2, 3.7),
    at: blockAt,
  }),
);

const until: fc.Arbitrary<FaultEnd> = fc.oneof(
  fc.record({
    kind: fc.constant("times" as const),
    times: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    kind: fc.constant("bytes" as const),
    bytes: fc.integer({ min: 1, max: 400 }),
  }),
  fc.record({
    kind: fc.constant("exchanges" as const),
    exchanges: fc.integer({ min: 1, max: 6 }),
  }),
  fc.constant({ kind: "reset" as const }),
  fc.constant({ kind: "never" as const }),
);

/** Any fault that can be: each kind, place and end. */
export const anyFault: fc.Arbitrary<LinkFault> = fc.record({ what, until })
  .filter(({ what: { kind, at } }) =>
    at.direction !== "to-card" || at.phase !== "atr" && kind !== "late"
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<LinkFault>;
