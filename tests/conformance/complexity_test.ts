// Invariant: the work of parsing and of each step grows no faster than what came, whatever came.
import assert from "node:assert/strict";
import { runDeno } from "../../scripts/run_program.ts";
import { type Growth, WORK } from "./complexity_work.ts";

const SIZES = [1024, 2048, 4096, 8192, 16384];
const COMPILERS_OFF = "--v8-flags=--no-opt,--no-maglev,--no-sparkplug";

/** Between which exponents each growth lies; work that stops early or does nothing lies beside. */
const EXPONENTS: Readonly<Record<Growth, readonly [number, number]>> = {
  constant: [-0.02, 0.02],
  linear: [0.9, 1.02],
  quadratic: [1.9, 2.02],
};

/** Slope of log(work) over log(size), by least squares; not a number where a work is 0. */
function exponent(sizes: readonly number[], work: readonly number[]): number {
  const x = sizes.map(Math.log);
  const y = work.map(Math.log);
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const above = x.reduce(
    (sum, value, i) => sum + (value - mx) * (y[i] - my),
    0,
  );
  const below = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  return above / below;
}

function fits(growth: Growth, slope: number): boolean {
  const [low, high] = EXPONENTS[growth];
  return low < slope && slope < high;
}

Deno.test("work grows as it should", async (t) => {
  const script = new URL("complexity_count.ts", import.meta.url);
  const { success, stdout, stderr } = await runDeno([
    "run",
    "--quiet",
    "--allow-sys",
    COMPILERS_OFF,
    script.href,
    ...SIZES.map(String),
  ]);
  assert.ok(success, stderr);
  const found = JSON.parse(stdout) as Record<string, number[]>;
  assert.deepEqual(Object.keys(found), Object.keys(WORK));
  for (const [name, { growth }] of Object.entries(WORK)) {
    const work = found[name];
    const slope = exponent(SIZES, work);
    await t.step(`${name}: ${slope.toFixed(3)}, ${growth}`, () => {
      assert.ok(
        fits(growth, slope),
        `blocks of code run and bytes copied: ${work.join(", ")}`,
      );
    });
  }
});

Deno.test("exponents are told apart, and no work has none", () => {
  const of = (work: (size: number) => number) =>
    exponent(SIZES, SIZES.map(work));
  assert.ok(Math.abs(of((size) => size * size) - 2) < 1e-9);
  assert.ok(fits("linear", of((size) => 7 * size + 100)));
  assert.ok(!fits("linear", of((size) => Math.min(size, 8192))));
  assert.ok(fits("constant", of(() => 5)));
  assert.ok(!fits("constant", of(() => 0)));
  assert.ok(!fits("linear", of((size) => size === 1024 ? 0 : size)));
});
