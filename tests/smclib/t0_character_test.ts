// T=0 at character level: procedure bytes decide who sends what, and silence or nonsense ends the command.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  RDF_TRANSMIT,
  SmartcardT0Reply,
  SmartcardT0Request,
  STATUS_BUFFER_OVERFLOW,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_SUCCESS,
  statusName,
  T0CharacterReply,
  T0CharacterRequest,
} from "../../src/smclib/mod.ts";
import {
  control,
  delivered,
  makeIrp,
  pci,
  reset,
  T0_ATR,
  workingReader,
} from "./fake_reader.ts";
import { data, t0 } from "./transmitting.ts";

/** Runs a command at character level against canned card output; gives what was sent. */
function characterLevel(
  command: string,
  answers: string[],
  header: number,
  restoreHeader: boolean,
) {
  const ext = workingReader(T0_ATR);
  reset(ext);
  const sent: string[] = [];
  const card = [...answers];
  ext.readerFunction[RDF_TRANSMIT] = () => {
    ext.smartcardRequest.bufferLength = header;
    const status = SmartcardT0Request(ext);
    if (status !== STATUS_SUCCESS) return status;
    if (restoreHeader) ext.smartcardRequest.bufferLength = header;
    for (;;) {
      const request = T0CharacterRequest(ext);
      if (request !== STATUS_SUCCESS) return request;
      const { buffer, bufferLength } = ext.smartcardRequest;
      sent.push(toHex(buffer.subarray(header, bufferLength)));
      assert.ok(ext.t0.wanted > 0);
      const answer = fromHex(card.shift() ?? "");
      ext.smartcardReply.buffer.set(answer);
      ext.smartcardReply.bufferLength = answer.length;
      const reply = T0CharacterReply(ext);
      if (reply === STATUS_SUCCESS) return SmartcardT0Reply(ext);
      if (reply !== STATUS_MORE_PROCESSING_REQUIRED) return reply;
      ext.smartcardRequest.bufferLength = header;
    }
  };
  const irp = makeIrp(IOCTL_SMARTCARD_TRANSMIT, pci(1, command), 300);
  const status = control(ext, irp);
  return {
    status: statusName(status),
    sent,
    answer: toHex(delivered(irp).subarray(8)),
  };
}

const conversations: [string, string, string[], string, string[]][] = [
  ["case 1", "00A40000", ["9000"], "9000", ["00A4000000"]],
  ["NULLs first", "00A40000", ["60", "6060", "6A82"], "6A82", [
    "00A4000000",
    "",
    "",
  ]],
  ["ACK all", "00D6000003010203", ["D6", "9000"], "9000", [
    "00D6000003",
    "010203",
  ]],
  [
    "byte by byte, then all",
    "00D6000003010203",
    ["29", "60D6", "9000"],
    "9000",
    ["00D6000003", "01", "0203"],
  ],
  ["SW in the middle", "00D6000003010203", ["29", "6A80"], "6A80", [
    "00D6000003",
    "01",
  ]],
  ["case 2", "00B0000003", ["B0", "0102039000"], "0102039000", [
    "00B0000003",
    "",
  ]],
  ["case 2, all at once", "00B0000002", ["B001029000"], "01029000", [
    "00B0000002",
  ]],
  [
    "case 2, 256 bytes",
    "00B0000000",
    [`B0${data(256)}9000`],
    `${data(256)}9000`,
    ["00B0000000"],
  ],
];

for (const [name, command, answers, answer, sent] of conversations) {
  for (const header of [0, 5]) {
    for (const restoreHeader of [false, true]) {
      Deno.test(`characters: ${name}, header ${header}${restoreHeader ? ", restored" : ""}`, () => {
        assert.deepEqual(
          characterLevel(command, answers, header, restoreHeader),
          { status: "STATUS_SUCCESS", sent, answer },
        );
      });
    }
  }
}

for (
  const [name, command, answers, status] of [
    ["silence", "00B0000003", ["B0", "01", ""], STATUS_IO_TIMEOUT],
    ["silence at once", "00B0000003", [""], STATUS_IO_TIMEOUT],
    ["SW1 alone", "00B0000003", ["6F", ""], STATUS_IO_TIMEOUT],
    ["illegal byte", "00B0000003", ["24"], STATUS_DEVICE_PROTOCOL_ERROR],
    [
      "ACK with nothing left",
      "00D600000101",
      ["D6", "D6"],
      STATUS_DEVICE_PROTOCOL_ERROR,
    ],
    ["ACK in case 1", "00A40000", ["A4"], STATUS_DEVICE_PROTOCOL_ERROR],
    ["INS 6x", "00600000", [], STATUS_INVALID_PARAMETER],
    ["INS 9x", "009A0000", [], STATUS_INVALID_PARAMETER],
    ["CLA FF", "FFA40000", [], STATUS_INVALID_PARAMETER],
  ] as [string, string, string[], number][]
) {
  Deno.test(`characters: ${name}`, () => {
    const { status: found, answer } = characterLevel(command, answers, 0, true);
    assert.equal(found, statusName(status));
    assert.equal(answer, "");
  });
}

Deno.test("characters: nothing outstanding is STATUS_INVALID_DEVICE_STATE", () => {
  const ext = t0("00A40000");
  assert.equal(T0CharacterRequest(ext), STATUS_INVALID_DEVICE_STATE);
  assert.equal(T0CharacterReply(ext), STATUS_INVALID_DEVICE_STATE);
  assert.equal(SmartcardT0Request(ext), STATUS_SUCCESS);
  assert.equal(T0CharacterReply(ext), STATUS_INVALID_DEVICE_STATE);
  assert.equal(T0CharacterRequest(ext), STATUS_SUCCESS);
  ext.smartcardReply.bufferLength = 289;
  assert.equal(T0CharacterReply(ext), STATUS_INVALID_PARAMETER);
  ext.smartcardRequest.bufferLength = 284;
  assert.equal(T0CharacterRequest(ext), STATUS_BUFFER_OVERFLOW);
  ext.smartcardRequest.bufferLength = 66_000;
  assert.equal(T0CharacterRequest(ext), STATUS_BUFFER_OVERFLOW);
});
