import assert from "node:assert/strict";
import fc from "fast-check";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import { NameRegistry } from "../../src/resource_manager/name_registry.ts";
import { NumberSet } from "../../src/resource_manager/number_set.ts";
import { FakeReader } from "./fake_reader.ts";
import { FakeTimers } from "./fake_timers.ts";

/** Numbers that fill words, and some far away. */
const number = fc.oneof(
  fc.nat(70),
  fc.nat(1100),
  fc.constantFrom(0xFFFFFFFF, 0x1_0000_0000, 0x7FFFFFFF, 0x80000000),
);

Deno.test("numbers: the first missing one is what counting finds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), number), { maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(40), fc.nat(1100)), { maxLength: 4 }),
      fc.array(number, { minLength: 3, maxLength: 12 }),
      (steps, runs, from) => {
        const numbers = new NumberSet();
        const model = new Set<number>();
        for (const [first, length] of runs) {
          for (let n = first; n < first + length; n++) {
            numbers.add(n);
            model.add(n);
          }
        }
        for (const [add, n] of steps) {
          if (add) numbers.add(n), model.add(n);
          else numbers.delete(n), model.delete(n);
        }
        for (const start of from) {
          let expected = start;
          while (model.has(expected)) expected++;
          assert.equal(numbers.firstMissing(start), expected);
        }
        assert.equal(numbers.isEmpty, model.size === 0);
      },
    ),
    { seed: 78163, numRuns: 150 },
  );
});

Deno.test("names: a free one is what trying one after the other finds", () => {
  const name = fc.oneof(
    fc.constantFrom("A ", "A", "", "A 1 ").chain((stem) =>
      fc.nat(40).map((n) => `${stem}${n}`)
    ),
    fc.constantFrom("A 007", "A 00", "A", "A 1234567890123456", "A\n3", "A -1"),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), name), { maxLength: 200 }),
      (steps) => {
        const names = new NameRegistry();
        const model = new Set<string>();
        for (const [add, taken] of steps) {
          if (add) names.add(taken), model.add(taken);
          else names.delete(taken), model.delete(taken);
          assert.equal(names.has(taken), add);
        }
        for (const stem of ["A ", "A 1 ", "A\n", "new "]) {
          for (const from of [0, 3, 17]) {
            let unit = from;
            while (model.has(`${stem}${unit}`)) unit++;
            assert.equal(names.free(stem, from), `${stem}${unit}`);
          }
        }
      },
    ),
    { seed: 78163, numRuns: 150 },
  );
});

Deno.test("readers: alike ones get the smallest numbers that are free, and system names of their own", async () => {
  await using manager = new ResourceManager({ timers: new FakeTimers() });
  const readers = [];
  for (let i = 0; i < 70; i++) {
    const reader = await manager.addReader(new FakeReader());
    assert.equal(reader.name, `Fake Reader ${i}`);
    assert.equal(reader.systemName, `SCReader${i}`);
    readers.push(reader);
  }
  manager.removeReader(readers[40]);
  manager.removeReader(readers[3]);
  await manager.addReader(new FakeReader(), { name: "Fake Reader 3" });
  const next = await manager.addReader(new FakeReader());
  assert.equal(next.name, "Fake Reader 40");
  assert.equal(next.systemName, "SCReader40");
});

Deno.test("readers: two of a kind that come at once get different names", async () => {
  await using manager = new ResourceManager({ timers: new FakeTimers() });
  const readers = await Promise.all(
    [1, 2, 3].map(() => manager.addReader(new FakeReader())),
  );
  const names = readers.map(({ name }) => name).sort();
  assert.deepEqual(names, ["Fake Reader 0", "Fake Reader 1", "Fake Reader 2"]);
});
