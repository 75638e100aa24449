// An Irp completes exactly once, and a request that ends with an error delivers no bytes.

import assert from "node:assert/strict";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { Irp } from "../../src/smclib/mod.ts";
import { makeIrp } from "./fake_reader.ts";

Deno.test("the first completion counts", async () => {
  const irp = makeIrp(0x00310004, new Uint8Array(0), 8);
  assert.equal(irp.ioStatus.status, STATUS_PENDING);
  const early = irp.completion;
  assert.equal(irp.complete(STATUS_SUCCESS, 8), true);
  assert.equal(irp.complete(STATUS_NO_MEDIA), false);
  assert.deepEqual(irp.ioStatus, { status: STATUS_SUCCESS, information: 8 });
  assert.equal(await early, STATUS_SUCCESS);
  assert.equal(await irp.completion, STATUS_SUCCESS);
});

Deno.test("a promise asked for after the end settles too", async () => {
  const irp = makeIrp(0x00310004);
  irp.complete(STATUS_NO_MEDIA | 0);
  assert.equal(await irp.completion, STATUS_NO_MEDIA);
});

Deno.test("errors deliver nothing, warnings may", () => {
  const failed = makeIrp(0x00310004, new Uint8Array(0), 8);
  failed.complete(STATUS_NO_MEDIA, 8);
  assert.equal(failed.ioStatus.information, 0);
  const warned = makeIrp(0x00310004, new Uint8Array(0), 8);
  warned.complete(STATUS_BUFFER_OVERFLOW, 8);
  assert.equal(warned.ioStatus.information, 8);
});

Deno.test("the buffer holds input and output", () => {
  const make = (inputLength: number, outputLength: number) =>
    new Irp({
      ioControlCode: 0x00310004,
      systemBuffer: new Uint8Array(4),
      inputLength,
      outputLength,
    });
  assert.equal(make(4, 4).outputLength, 4);
  assert.throws(() => make(5, 0), RangeError);
  assert.throws(() => make(0, 5), RangeError);
});
