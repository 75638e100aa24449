/** Invariant: the matcher finds what the rule `(cardAtr & mask) == atr` finds, and no more. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  type AtrMask,
  AtrMatcher,
  matchesAtr,
} from "../../src/card_database/mod.ts";
import { atrLength } from "../../src/card_database/atr_length.ts";
import { parseAtr } from "../../src/core/mod.ts";

// Few values, so that matches are frequent.
const byte = fc.constantFrom(0x00, 0x01, 0x3B, 0xFF);
const atr = fc.uint8Array({ max: 1, minLength: 1, maxLength: 4 });
const cardAtr = fc.array(byte, { minLength: 0, maxLength: 5 })
  .map((bytes) => Uint8Array.from(bytes));
const mask: fc.Arbitrary<AtrMask> = fc.oneof(
  atr.map((bytes) => ({ atr: bytes, mask: null })),
  fc.array(fc.tuple(byte, byte), { minLength: 1, maxLength: 4 }).map((
    pairs,
  ) => ({
    atr: Uint8Array.from(pairs, ([value, kept]) => value & kept),
    mask: Uint8Array.from(pairs, ([, kept]) => kept),
  })),
);

/** The rule, written anew. */
function naive(card: Uint8Array, { atr, mask }: AtrMask): boolean {
  return card.length === atr.length &&
    Array.from(card, (value, i) => value & (mask?.[i] ?? 0xFF))
      .every((value, i) => value === atr[i]);
}

Deno.test("the matcher agrees with the rule", () => {
  fc.assert(
    fc.property(fc.array(mask, { maxLength: 12 }), cardAtr, (masks, card) => {
      const expected = [...masks.keys()].filter((i) => naive(card, masks[i]));
      const matcher = new AtrMatcher(masks);
      assert.deepEqual(matcher.matches(card), expected);
      assert.equal(matcher.some(card), expected.length > 0);
      for (const one of masks) {
        assert.equal(matchesAtr(card, one), naive(card, one));
      }
    }),
    { seed: 78163, numRuns: 500 },
  );
});

Deno.test("a matcher keeps its own copy", () => {
  const one = { atr: fromHex("3B00"), mask: fromHex("FF00") };
  const matcher = new AtrMatcher([one]);
  one.atr.fill(0);
  one.mask.fill(0);
  assert.deepEqual(matcher.matches(fromHex("3B77")), [0]);
  assert.deepEqual(matcher.matches(fromHex("3F77")), []);
});

Deno.test("many types cost a card one look-up a mask", () => {
  const masks = Array.from({ length: 20_000 }, (_, i) => ({
    atr: Uint8Array.of(0x3B, i >> 8, i & 0xFF, 0, 0, 0),
    mask: Uint8Array.of(0xFF, 0xFF, 0xFF, 0, 0, 0),
  }));
  const matcher = new AtrMatcher(masks);
  const card = Uint8Array.of(0x3B, 0x12, 0x34, 5, 6, 7);
  let reads = 0;
  const counted = new Proxy(card, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads++;
      return Reflect.get(target, key, target);
    },
  });
  assert.deepEqual(matcher.matches(counted), [0x1234]);
  assert.equal(reads, card.length);
});

Deno.test("the length of an ATR is what the core's reader says", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), (bytes) => {
      if (bytes.length > 0) bytes[0] = 0x3B;
      assertLength(bytes);
    }),
    { seed: 78163, numRuns: 2000 },
  );
});

Deno.test("the length of real ATRs is found behind any padding", () => {
  const sample = JSON.parse(
    Deno.readTextFileSync(new URL("../data/atr-sample.json", import.meta.url)),
  ) as {
    atrs: { atr: string; expected: { valid: boolean; length_used: number } }[];
  };
  for (const { atr, expected } of sample.atrs) {
    if (!expected.valid) continue;
    const bytes = fromHex(atr).subarray(0, expected.length_used);
    assert.equal(atrLength(bytes), bytes.length, atr);
    const padded = new Uint8Array(bytes.length + 5);
    padded.set(bytes);
    assert.equal(atrLength(padded), bytes.length, atr);
    assert.equal(atrLength(bytes.subarray(0, -1)), null, atr);
  }
});

function assertLength(bytes: Uint8Array): void {
  const length = atrLength(bytes);
  // Longer than 33 bytes is another matter: the core has its limit, this walk none.
  if (length === null || length > 33) return;
  const { lengthUsed, extraBytes, problems } = parseAtr(bytes);
  assert.equal(lengthUsed, length, problems.join());
  assert.equal(extraBytes, bytes.length - length);
}
