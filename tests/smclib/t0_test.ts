// T=0: a command is a TPDU or STATUS_INVALID_PARAMETER, and an answer fits or nothing is copied.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  SmartcardRawReply,
  SmartcardRawRequest,
  SmartcardT0Reply,
  SmartcardT0Request,
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
  statusName,
} from "../../src/smclib/mod.ts";
import { pci } from "./fake_reader.ts";
import { data, t0, transmitting } from "./transmitting.ts";

// command, TPDU (null: INVALID_PARAMETER), lc, le
const commands: [string, string, string | null, number, number][] = [
  ["nothing", "", null, 0, 0],
  ["three bytes", "00A400", null, 0, 0],
  ["case 1", "00A40000", "00A4000000", 0, 0],
  ["case 2", "00B0000010", "00B0000010", 0, 16],
  ["case 2, P3 0", "00B0000000", "00B0000000", 0, 256],
  ["case 3", "00A40000023F00", "00A40000023F00", 2, 0],
  [
    "case 3, 255 bytes",
    `00D60000FF${data(255)}`,
    `00D60000FF${data(255)}`,
    255,
    0,
  ],
  ["data missing (test card)", "00A4000008000000000000", null, 0, 0],
  ["six bytes", "00A400000800", null, 0, 0],
  ["case 4", "00A40000023F0000", null, 0, 0],
  ["P3 0 with data", "00A400000001", null, 0, 0],
  ["extended length", `00D6000000000101`, null, 0, 0],
];

for (const [name, command, tpdu, lc, le] of commands) {
  Deno.test(`SmartcardT0Request: ${name}`, () => {
    const ext = t0(command);
    ext.smartcardRequest.bufferLength = 3;
    const status = SmartcardT0Request(ext);
    if (tpdu === null) {
      assert.equal(status, STATUS_INVALID_PARAMETER);
      assert.equal(ext.smartcardRequest.bufferLength, 3);
      return;
    }
    assert.equal(status, STATUS_SUCCESS);
    const { buffer, bufferLength } = ext.smartcardRequest;
    assert.equal(toHex(buffer.subarray(3, bufferLength)), tpdu);
    assert.deepEqual([ext.t0.lc, ext.t0.le], [lc, le]);
  });
}

Deno.test("SmartcardT0Request: a short command leaves no trace of the one before", () => {
  const ext = t0("00A40000");
  ext.smartcardRequest.buffer.fill(0xFF);
  assert.equal(SmartcardT0Request(ext), STATUS_SUCCESS);
  assert.equal(ext.smartcardRequest.buffer[4], 0);
});

Deno.test("SmartcardT0Request: headers, capacity and room", () => {
  assert.equal(
    SmartcardT0Request(transmitting(new Uint8Array(7))),
    STATUS_INVALID_PARAMETER,
  );
  for (const header of [7, 13]) {
    const input = pci(1, "00A40000");
    input[4] = header;
    assert.equal(
      SmartcardT0Request(transmitting(input)),
      STATUS_INVALID_PARAMETER,
    );
  }
  const long = t0("00B0000001", 512, 11);
  assert.equal(SmartcardT0Request(long), STATUS_SUCCESS);
  assert.equal(
    toHex(long.smartcardRequest.buffer.subarray(0, 5)),
    "00B0000001",
  );
  assert.equal(SmartcardT0Request(t0("00A40000", 9)), STATUS_BUFFER_TOO_SMALL);
  assert.equal(SmartcardT0Request(t0("00A40000", 10)), STATUS_SUCCESS);
  const full = t0("00A40000");
  full.smartcardRequest.bufferLength = 288 - 4;
  assert.equal(SmartcardT0Request(full), STATUS_BUFFER_OVERFLOW);
  full.smartcardRequest.bufferLength = 288 - 5;
  assert.equal(SmartcardT0Request(full), STATUS_SUCCESS);
});

for (
  const [answer, capacity, wanted] of [
    ["", 512, "STATUS_DEVICE_PROTOCOL_ERROR"],
    ["90", 512, "STATUS_DEVICE_PROTOCOL_ERROR"],
    ["9000", 10, "STATUS_SUCCESS"],
    ["9000", 9, "STATUS_BUFFER_TOO_SMALL"],
    ["A1B2C3D4E5F607189000", 17, "STATUS_BUFFER_TOO_SMALL"],
    ["A1B2C3D4E5F607189000", 18, "STATUS_SUCCESS"],
    [`${data(256)}9000`, 266, "STATUS_SUCCESS"],
  ] as const
) {
  Deno.test(`SmartcardT0Reply: ${answer.length / 2} bytes into ${capacity}`, () => {
    const ext = t0("00A40000", capacity);
    const before = ext.ioRequest.replyBuffer.slice();
    ext.smartcardReply.buffer.set(fromHex(answer));
    ext.smartcardReply.bufferLength = answer.length / 2;
    assert.equal(statusName(SmartcardT0Reply(ext)), wanted);
    const { information, replyBuffer } = ext.ioRequest;
    if (wanted !== "STATUS_SUCCESS") {
      assert.equal(information, 0);
      assert.deepEqual(replyBuffer, before);
      return;
    }
    assert.equal(
      toHex(replyBuffer.subarray(0, information)),
      `0100000008000000${answer}`,
    );
  });
}

Deno.test("raw: the request goes with its header, the reply as it stands", () => {
  const ext = transmitting(pci(0x10000, "01020304"), 6);
  ext.smartcardRequest.bufferLength = 1;
  assert.equal(SmartcardRawRequest(ext), STATUS_SUCCESS);
  assert.equal(ext.smartcardRequest.bufferLength, 13);
  assert.equal(
    toHex(ext.smartcardRequest.buffer.subarray(1, 13)),
    "000001000800000001020304",
  );
  ext.smartcardReply.buffer.set(fromHex("AABBCCDDEEFF11"));
  ext.smartcardReply.bufferLength = 7;
  assert.equal(SmartcardRawReply(ext), STATUS_BUFFER_TOO_SMALL);
  assert.equal(ext.ioRequest.information, 0);
  ext.smartcardReply.bufferLength = 6;
  assert.equal(SmartcardRawReply(ext), STATUS_SUCCESS);
  assert.equal(ext.ioRequest.information, 6);
  assert.equal(toHex(ext.ioRequest.replyBuffer.subarray(0, 6)), "AABBCCDDEEFF");
  assert.equal(
    SmartcardRawRequest(transmitting(new Uint8Array(7))),
    STATUS_INVALID_PARAMETER,
  );
  const full = transmitting(pci(0x10000, "01"));
  full.smartcardRequest.bufferLength = 280;
  assert.equal(SmartcardRawRequest(full), STATUS_BUFFER_OVERFLOW);
});
