// Whatever callers, callbacks, cards and removal do, in whatever order:
// callbacks never overlap; requests enter first in, first out, and complete exactly once; a synchronous answer and
// irp.ioStatus agree; DEVICE_BUSY is given exactly while a request is pending (to tracking: parked); tracking blocks
// nobody; what is cancelled in the queue never reaches the driver; nothing survives SmartcardExit;
// SmartcardReleaseRemoveLockAndWait settles exactly when the last holder leaves; information never exceeds the capacity;
// an error delivers no bytes; lastError is the status of the last request neither tracking nor GET_LAST_ERROR.

import fc from "fast-check";
import { REAL_LIBRARY } from "./library.ts";
import {
  orderedProperty,
  RUNS,
  scheduledProperty,
  SEED,
} from "./properties.ts";

Deno.test("law of concurrency: the commands decide about the order", async () => {
  await fc.assert(orderedProperty(REAL_LIBRARY), { seed: SEED, numRuns: RUNS });
});

Deno.test("law of concurrency: a scheduler decides about the order", async () => {
  await fc.assert(scheduledProperty(REAL_LIBRARY), {
    seed: SEED,
    numRuns: RUNS,
  });
});
