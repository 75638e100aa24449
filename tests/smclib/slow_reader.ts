/**
 * A reader whose vendor callback settles when the test says so.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_VENDOR_FIRST,
  type Irp,
  RDF_IOCTL_VENDOR,
} from "../../src/smclib/mod.ts";
import { bareReader, makeIrp } from "./fake_reader.ts";

/** A vendor request with room for 16 bytes. */
export function vendorIrp(signal?: AbortSignal): Irp {
  return makeIrp(
    IOCTL_SMARTCARD_VENDOR_FIRST,
    new Uint8Array(0),
    16,
    signal,
  );
}

/** A reader whose vendor callback settles when the test says so. */
export function slowReader() {
  const ext = bareReader();
  const calls: PromiseWithResolvers<number>[] = [];
  let running = 0;
  ext.readerFunction[RDF_IOCTL_VENDOR] = async () => {
    assert.equal(++running, 1, "callbacks overlap");
    const call = Promise.withResolvers<number>();
    calls.push(call);
    try {
      return await call.promise;
    } finally {
      running--;
    }
  };
  return { ext, calls };
}

/** Lets all promises that can settle do so. */
export async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
