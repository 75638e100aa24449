/**
 * The engine's parts: generator, mutations, feedback, corpus, minimiser.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes.ts";
import { Corpus } from "./corpus.ts";
import { Feedback } from "./feedback.ts";
import { minimise } from "./minimise.ts";
import { Mutator } from "./mutate.ts";
import { Random } from "./random.ts";

const SEED = 78163;

/** Adds an input that shows `keys`; returns whether it was kept. */
const consider = (corpus: Corpus, input: Uint8Array, ...keys: number[]) =>
  corpus.consider(input, Uint32Array.from(keys), keys.length);

Deno.test("the generator repeats itself for a seed and a stream, and is even", () => {
  const first = (seed: number, stream: string) =>
    new Random(seed, stream).next();
  assert.equal(first(1, "a"), first(1, "a"));
  assert.notEqual(first(1, "a"), first(2, "a"));
  assert.notEqual(first(1, "a"), first(1, "b"));
  const random = new Random(SEED);
  const counts = new Array<number>(10).fill(0);
  let yes = 0;
  for (let i = 0; i < 10_000; i++) {
    counts[random.below(10)]++;
    if (random.chance(0.25)) yes++;
  }
  assert.ok(counts.every((count) => count > 850 && count < 1150), `${counts}`);
  assert.ok(yes > 2300 && yes < 2700, `${yes}`);
  assert.equal(random.below(0), 0);
  const within = Array.from({ length: 200 }, () => random.within(3, 6));
  assert.deepEqual([...new Set(within)].sort(), [3, 4, 5, 6]);
  assert.ok(random.oneIn(1));
  assert.equal(random.pick(["only"]), "only");
  assert.throws(() => random.pick([]), RangeError);
});

Deno.test("mutations stay within the buffer, and change what they are given", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 1, max: 40 }),
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 60 }),
      (seed, maxBytes, input, donor) => {
        const mutator = new Mutator(maxBytes, new Random(seed));
        const before = toHex(donor);
        mutator.load(input);
        assert.equal(toHex(mutator.view), toHex(input.subarray(0, maxBytes)));
        for (let i = 0; i < 50; i++) {
          mutator.mutate(donor);
          assert.ok(mutator.view.length <= maxBytes);
        }
        assert.equal(toHex(donor), before);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("mutations reach every input of one byte, from nothing", () => {
  const random = new Random(SEED);
  const mutator = new Mutator(1, random);
  const nothing = new Uint8Array(0);
  const seen = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    if (random.chance(0.25)) mutator.load(nothing);
    else mutator.mutate(nothing);
    seen.add(toHex(mutator.view));
  }
  assert.equal(seen.size, 257);
});

Deno.test("a view of the buffer may be loaded back", () => {
  const mutator = new Mutator(8, new Random(SEED));
  mutator.load(Uint8Array.of(1, 2, 3, 4));
  mutator.load(mutator.view.subarray(1));
  assert.deepEqual([...mutator.view], [2, 3, 4]);
});

Deno.test("counts of a feature fall into the buckets of AFL", () => {
  const feedback = new Feedback();
  const bucket = (count: number) => {
    for (let i = 0; i < count; i++) feedback.feature(7);
    assert.equal(feedback.settle(), 1);
    return feedback.keys[0] - 7 * 8;
  };
  const counts = [1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 127, 128, 255, 256, 9999];
  assert.deepEqual(counts.map(bucket), [
    ...[0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7, 7],
  ]);
  assert.equal(feedback.settle(), 0);
  for (const id of [-1, 0.5, 65536, NaN]) {
    assert.throws(() => feedback.feature(id), RangeError);
  }
});

Deno.test("the corpus keeps what is new, and the shorter of two that show the same", () => {
  const corpus = new Corpus();
  const random = new Random(SEED);
  const facts = () => [corpus.size, corpus.bytes, corpus.features];
  assert.ok(consider(corpus, new Uint8Array(9), 8, 16));
  assert.ok(!consider(corpus, new Uint8Array(9), 8, 16));
  assert.ok(!consider(corpus, new Uint8Array(2)));
  assert.ok(consider(corpus, new Uint8Array(12), 8, 9));
  assert.deepEqual(facts(), [2, 21, 2]);
  // Takes over one of the two keys of the first, then the other.
  assert.ok(consider(corpus, new Uint8Array(5), 8));
  assert.deepEqual(facts(), [3, 26, 2]);
  assert.ok(consider(corpus, new Uint8Array(4), 16));
  assert.deepEqual(facts(), [3, 21, 2]);
  const picked = new Set<number>();
  for (let i = 0; i < 200; i++) picked.add(corpus.pick(random).length);
  assert.deepEqual([...picked].sort(), [12, 4, 5]);
});

Deno.test("the corpus keeps a copy", () => {
  const corpus = new Corpus();
  const input = Uint8Array.of(1);
  consider(corpus, input, 0);
  input[0] = 2;
  assert.deepEqual([...corpus.pick(new Random(SEED))], [1]);
});

Deno.test("the corpus prefers short and recent inputs", () => {
  const corpus = new Corpus();
  const random = new Random(SEED);
  for (let i = 0; i < 100; i++) {
    consider(corpus, new Uint8Array(i % 2 === 0 ? 1000 + i : i), i);
  }
  let short = 0;
  let recent = 0;
  for (let i = 0; i < 1000; i++) {
    const { length } = corpus.pick(random);
    if (length < 1000) short++;
    if (length % 1000 >= 50) recent++;
  }
  assert.ok(short > 570, `${short} of 1000 are short`);
  assert.ok(recent > 700, `${recent} of 1000 are recent`);
});

Deno.test("the corpus stays within its bounds", () => {
  const random = new Random(SEED);
  for (const limits of [{ maxEntries: 50 }, { maxBytes: 2000 }]) {
    const corpus = new Corpus(limits);
    let kept = 0;
    for (let i = 0; i < 5000; i++) {
      const keys = Array.from({ length: 3 }, () => random.below(524_288));
      const input = new Uint8Array(random.below(100));
      if (consider(corpus, input, ...keys)) kept++;
      assert.ok(corpus.size > 0 && corpus.size <= (limits.maxEntries ?? 5000));
      assert.ok(corpus.bytes <= (limits.maxBytes ?? 5000));
      assert.ok(corpus.pick(random).length < 100);
    }
    assert.ok(kept > 4000);
    assert.ok(corpus.features > 10_000);
    assert.ok(consider(corpus, new Uint8Array(3000), 1));
  }
});

Deno.test("what is minimised still fails, and nothing can be left out of it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.nat(),
      (noise, needle, where) => {
        const wanted = toHex(needle, " ");
        const fails = (bytes: Uint8Array) => toHex(bytes, " ").includes(wanted);
        const at = where % (noise.length + 1);
        const input = Uint8Array.from([
          ...noise.subarray(0, at),
          ...needle,
          ...noise.subarray(at),
        ]);
        assert.equal(toHex(minimise(input, fails), " "), wanted);
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("bytes that do not matter become zero, within a bounded number of runs", () => {
  const input = new Uint8Array(100).fill(0x55);
  const long = (bytes: Uint8Array) => bytes.length >= 10 && bytes[7] === 0x55;
  assert.equal(toHex(minimise(input, long)), "00000000000000550000");
  let runs = 0;
  const never = () => {
    runs++;
    return false;
  };
  assert.equal(
    minimise(new Uint8Array(70_000).fill(1), never, 500).length,
    70_000,
  );
  assert.equal(runs, 500);
});
