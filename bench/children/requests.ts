/**
 * A quarter of a million requests through SmartcardDeviceControl to a callback that answers at
 * once: prints what that takes from the heap, as JSON.
 *
 * @module
 */

import { dispatchReader, vendorRequest } from "../dispatch_reader.ts";
import { SmartcardDeviceControl } from "../../src/smclib/mod.ts";
import { checkMeasurement, usage, warmUp } from "./heap_usage.ts";

const REQUESTS = 250_000;

const ext = dispatchReader();
const buffer = new Uint8Array(16);
const run = () => {
  for (let i = 0; i < REQUESTS; i++) {
    const status = SmartcardDeviceControl(ext, vendorRequest(buffer));
    if (status !== 0) throw new Error("Cannot measure: the request failed");
  }
};
await warmUp(run);
await checkMeasurement(REQUESTS);
console.log(JSON.stringify({ requests: REQUESTS, usages: [usage(run)] }));
