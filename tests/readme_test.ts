import assert from "node:assert/strict";
import { markdown, replaceBetweenMarks } from "../bench/readme_table.ts";
import { type Results, RESULTS_FILE } from "../bench/results.ts";

const README = new URL("../README.md", import.meta.url);

/** Without what the formatter adds to a table, and where it breaks lines. */
function plain(text: string): string {
  return text.replace(/[\s-]+/g, " ");
}

Deno.test("the figures of the README are those of the last full bench", () => {
  const text = Deno.readTextFileSync(README);
  const results = JSON.parse(Deno.readTextFileSync(RESULTS_FILE)) as Results;
  assert.ok(results.rows.length > 0);
  assert.equal(
    plain(text),
    plain(replaceBetweenMarks(text, markdown(results))),
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
