// In every interleaving of two clients' calls, the device's answers and one event the laws of model_test.ts hold.

import assert from "node:assert/strict";
import { ALL_RULES } from "./rules.ts";
import { REAL_STACK } from "./stack.ts";
import { walk } from "./walk.ts";
import { castName } from "./walk_players.ts";
import { SHORT_CASTS } from "./walk_casts.ts";

for (const rules of ALL_RULES) {
  for (const cast of SHORT_CASTS) {
    Deno.test(`every interleaving, ${rules.profile.name}: ${castName(cast)}`, async () => {
      const totals = { interleavings: 0, choices: 0 };
      await walk(rules, REAL_STACK, cast, totals);
      console.log(`${totals.interleavings} interleavings`);
      assert.ok(totals.interleavings > 100);
    });
  }
}
