// Invariant: a context keeps nothing of a call that has ended.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./memory_child.ts", import.meta.url));
/** A fiftieth of what twenty thousand answers would take. */
const MOST_GROWTH_BYTES = 200_000;

Deno.test("a long session does not grow", async () => {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--v8-flags=--expose-gc", CHILD],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const growth = Number(new TextDecoder().decode(stdout));
  assert.ok(growth < MOST_GROWTH_BYTES, `${growth} bytes more`);
});
