import assert from "node:assert/strict";
import { allBreaches, allSources, breaches } from "../scripts/layers.ts";

Deno.test("a floor imports only from floors below it", () => {
  assert.ok(allSources().length > 50);
  assert.deepEqual(allBreaches(), []);
});

Deno.test("the layer rule finds what breaks it", () => {
  const broken: [string, string][] = [
    ["src/core/x.ts", 'import { a } from "../smclib/mod.ts";'],
    ["src/core/x.ts", 'import { a } from "../../core-as/t1.ts";'],
    ["src/cards/x.ts", 'import { a } from "../core/mod.ts";'],
    ["src/drivers/vpcd/x.ts", 'import type { A } from "../virtual/mod.ts";'],
    ["src/resource_manager/x.ts", 'export { a } from "../smclib/gate.ts";'],
    ["src/smart_card/x.ts", 'const a = await import("../smclib/mod.ts");'],
    ["src/smclib/x.ts", 'import "npm:left-pad";'],
    ["src/attic/x.ts", ""],
  ];
  for (const [path, text] of broken) {
    assert.equal(breaches(path, text).length, 1, `${path}: ${text}`);
  }
  assert.deepEqual(
    breaches("src/drivers/vpcd/x.ts", 'import "../../smclib/mod.ts";'),
    [],
  );
});
