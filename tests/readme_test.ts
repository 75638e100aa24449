import assert from "node:assert/strict";
import {
  goalKey,
  GOALS,
  goalsWithoutVerdict,
  judgedGoals,
} from "../bench/goals.ts";
import { FULL } from "../bench/harness.ts";
import { markdown, replaceBetweenMarks } from "../bench/readme_table.ts";
import { type Results, RESULTS_FILE } from "../bench/results.ts";
import {
  formatTarget,
  judge,
  judgeAlone,
  judgeTimes,
} from "../bench/targets.ts";

const README = new URL("../README.md", import.meta.url);

function readResults(): Results {
  return JSON.parse(Deno.readTextFileSync(RESULTS_FILE)) as Results;
}

/** Without what the formatter adds to a table, and where it breaks lines. */
function plain(text: string): string {
  return text.replace(/[\s-]+/g, " ");
}

Deno.test("the figures of the README are those of the last full bench", () => {
  const text = Deno.readTextFileSync(README);
  const results = readResults();
  assert.ok(results.rows.length > 0);
  assert.deepEqual(results.effort, FULL);
  assert.notEqual(results.machine.cc, null);
  assert.equal(
    plain(text),
    plain(replaceBetweenMarks(text, markdown(results))),
  );
});

Deno.test("the last full bench has one verdict on each goal, met or missed, and on nothing else", () => {
  assert.ok(GOALS.length > 0);
  assert.deepEqual(
    judgedGoals(readResults()).map(goalKey).sort(),
    GOALS.map(goalKey).sort(),
  );
});

Deno.test("each verdict follows from the figures, and stands in the README", () => {
  const lines = Deno.readTextFileSync(README).split("\n").map(plain);
  const { rows, amounts, readings } = readResults();
  for (const { work, ours, rival, comparison, target } of rows) {
    if (target === null) continue;
    const verdict = rival === null || comparison === null
      ? judgeAlone(target, ours)
      : judgeTimes(target, ours, rival, comparison);
    assert.deepEqual(verdict, target, work);
  }
  for (const { value, target } of readings) {
    if (target === null) continue;
    assert.deepEqual(judge(target, value), target);
  }
  for (const { bytes, target } of amounts) {
    if (target === null) continue;
    assert.deepEqual(judge(target, bytes), target);
  }
  for (const { work, target } of [...rows, ...amounts, ...readings]) {
    if (target === null) continue;
    const shown = plain(formatTarget(target));
    const isShown = lines.some((line) =>
      line.includes(plain(work)) && line.includes(shown)
    );
    assert.ok(isShown, `${work}: ${shown}`);
  }
});

Deno.test("results without a verdict, as on a machine without a C compiler, are found incomplete", () => {
  const results = readResults();
  assert.deepEqual(goalsWithoutVerdict(results), []);
  const rows = results.rows.filter(({ rival }) => !rival?.name.startsWith("C"));
  const found = goalsWithoutVerdict({ ...results, rows, amounts: [] });
  assert.deepEqual(
    found.map(({ group, measure }) => `${group} ${measure}`),
    [
      "ATR share",
      ...new Array<string>(2).fill("EDC share"),
      ...new Array<string>(4).fill("T=1 share"),
      ...new Array<string>(2).fill("heap amount"),
    ],
  );
});

/** Lines of the driver in the README, from its extension to its initialization. */
Deno.test("the README's driver has about fifty lines", () => {
  const text = Deno.readTextFileSync(README);
  const from = text.indexOf("const ext = new lib.SmartcardExtension();");
  const to = text.indexOf("assert.equal(lib.SmartcardInitialize(ext)");
  assert.ok(from > 0 && to > from);
  const lines = text.slice(from, to).split("\n").filter((line) => line !== "");
  assert.ok(lines.length <= 55, `${lines.length} lines`);
});
