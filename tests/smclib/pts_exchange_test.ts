// PPS at character level: the card's response is taken whole or refused.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  PtsReply,
  PtsRequest,
  STATUS_BUFFER_OVERFLOW,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_SUCCESS,
  statusName,
} from "../../src/smclib/mod.ts";
import { bareReader } from "./fake_reader.ts";

function asked(protocol: 0 | 1 = 1) {
  const ext = bareReader();
  Object.assign(ext.cardCapabilities.ptsData, {
    fl: 9,
    dl: 5,
    clkFrequency: 5000,
    dataRate: 156250,
  });
  ext.smartcardRequest.bufferLength = 2;
  assert.equal(PtsRequest(ext, protocol), STATUS_SUCCESS);
  return ext;
}

Deno.test("the request stands behind the reserved bytes", () => {
  const ext = asked();
  const { buffer, bufferLength } = ext.smartcardRequest;
  assert.equal(toHex(buffer.subarray(2, bufferLength)), "FF11957B");
  assert.equal(ext.ptsWanted, 2);
  assert.equal(
    toHex(asked(0).smartcardRequest.buffer.subarray(2, 6)),
    "FF10957A",
  );
  ext.smartcardRequest.bufferLength = 285;
  assert.equal(PtsRequest(ext, 1), STATUS_BUFFER_OVERFLOW);
});

for (
  const [response, status, fl, dl] of [
    ["FF11957B", "STATUS_SUCCESS", 9, 5],
    ["FF01FE", "STATUS_SUCCESS", 1, 1],
    ["", "STATUS_IO_TIMEOUT", 9, 5],
    ["FF11947A", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
    ["FF10957A", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
    ["FF11957C", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
    ["FE11957A", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
    ["FF11957B00", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
    ["FF21957B", "STATUS_DEVICE_PROTOCOL_ERROR", 9, 5],
  ] as const
) {
  Deno.test(`response ${response || "none"}`, () => {
    const ext = asked();
    const bytes = fromHex(response);
    ext.smartcardReply.buffer.set(bytes);
    ext.smartcardReply.bufferLength = bytes.length;
    assert.equal(statusName(PtsReply(ext)), status);
    const { ptsData } = ext.cardCapabilities;
    assert.deepEqual([ptsData.fl, ptsData.dl], [fl, dl]);
    assert.equal(ptsData.clkFrequency, fl === 1 ? 4000 : 5000);
    assert.equal(PtsReply(ext), STATUS_INVALID_DEVICE_STATE);
  });
}

Deno.test("byte by byte, ptsWanted tells what is missing", () => {
  const ext = asked();
  const bytes = fromHex("FF11957B");
  const missing = [1, 2, 1, 0];
  for (let length = 1; length <= 4; length++) {
    ext.smartcardReply.buffer.set(bytes.subarray(0, length));
    ext.smartcardReply.bufferLength = length;
    const wanted = length < 4
      ? STATUS_MORE_PROCESSING_REQUIRED
      : STATUS_SUCCESS;
    assert.equal(PtsReply(ext), wanted);
    assert.equal(ext.ptsWanted, missing[length - 1]);
  }
});
