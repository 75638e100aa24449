// A library with one fault is caught by the properties within their normal number of runs.

import assert from "node:assert/strict";
import fc from "fast-check";
import { BROKEN } from "./broken.ts";
import {
  orderedProperty,
  RUNS,
  scheduledProperty,
  SEED,
} from "./properties.ts";

const parameters = { seed: SEED, numRuns: RUNS, endOnFailure: true };

for (const [fault, library] of BROKEN) {
  Deno.test(`a library is caught that ${fault}`, async () => {
    const ordered = await fc.check(orderedProperty(library), parameters);
    const scheduled = await fc.check(scheduledProperty(library), parameters);
    assert.ok(ordered.failed, "not found where the commands decide");
    assert.ok(scheduled.failed, "not found where a scheduler decides");
  });
}
