// A resource manager with one fault is caught by the properties within their normal number of runs.

import assert from "node:assert/strict";
import fc from "fast-check";
import { BROKEN } from "./broken.ts";
import {
  exactProperty,
  orderedProperty,
  RUNS,
  scheduledProperty,
  SEED,
} from "./properties.ts";
import { ALL_RULES } from "./rules.ts";
import type { Stack } from "./stack.ts";

// What a faulty manager forgets may fail when its run is over: that is no news then.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
});

const PROPERTIES = [exactProperty, orderedProperty, scheduledProperty];

/** Whether one of the properties finds the fault, under one of the profiles. */
async function isCaught(stack: Stack): Promise<boolean> {
  for (const property of PROPERTIES) {
    for (const rules of ALL_RULES) {
      const { failed } = await fc.check(property(rules, stack), {
        seed: SEED,
        numRuns: RUNS,
        endOnFailure: true,
      });
      if (failed) return true;
    }
  }
  return false;
}

for (const [fault, stack] of BROKEN) {
  Deno.test(`a manager is caught that ${fault}`, async () => {
    assert.ok(await isCaught(stack), "no property fails");
  });
}
