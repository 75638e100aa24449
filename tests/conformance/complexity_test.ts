// Invariant: the work of parsing and of each step grows no faster than what came, whatever came.
import assert from "node:assert/strict";

const SIZES = [1024, 2048, 4096, 8192, 16384];
const COMPILERS_OFF = "--v8-flags=--no-opt,--no-maglev,--no-sparkplug";

/** Slope of log(work) over log(size), by least squares. */
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

Deno.test("the exponents of growth are at most one", async (t) => {
  const script = new URL("complexity_count.ts", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-sys",
      COMPILERS_OFF,
      script.href,
      ...SIZES.map(String),
    ],
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stderr));
  const found = JSON.parse(text.decode(stdout)) as Record<string, number[]>;
  assert.ok(Object.keys(found).length >= 10);
  for (const [name, work] of Object.entries(found)) {
    const slope = exponent(SIZES, work);
    await t.step(`${name}: ${slope.toFixed(3)}`, () => {
      assert.ok(slope < 1.02, `blocks of code run: ${work.join(", ")}`);
    });
  }
});

Deno.test("the exponent of quadratic work is told", () => {
  const found = exponent(SIZES, SIZES.map((size) => size * size));
  assert.ok(Math.abs(found - 2) < 1e-9);
});
