// T=1: what belongs to a session, from reset to reset, and what a driver may do wrong.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_TRANSMIT,
  RDF_TRANSMIT,
  SCARD_ATTR_SUPRESS_T1_IFS_REQUEST,
  SmartcardExit,
  SmartcardT1Reply,
  SmartcardT1Request,
  STATUS_BUFFER_OVERFLOW,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
  T1_I_BLOCK,
  T1_IFS_REQUEST,
  T1_INIT,
  T1_START,
} from "../../src/smclib/mod.ts";
import { control, makeIrp, pci, reset, ulong } from "./fake_reader.ts";
import {
  block,
  IFS_REQUEST,
  IFS_RESPONSE,
  OK,
  scripted,
  SELECT,
} from "./scripted_card.ts";

Deno.test("a card that refuses S(IFS request) is used at IFSD 32", () => {
  const { ext, transmit } = scripted();
  const refusal = block(0x82);
  assert.deepEqual(
    transmit(SELECT, [
      [IFS_REQUEST, refusal],
      [IFS_REQUEST, refusal],
      [IFS_REQUEST, refusal],
      [block(0x00, SELECT), block(0x00, "9000")],
    ]),
    OK,
  );
  assert.equal(ext.t1.ifsd, 32);
});

Deno.test("SmartcardT1Request called twice gives the same block", () => {
  const { ext } = scripted();
  ext.readerFunction[RDF_TRANSMIT] = () => {
    const blocks: string[] = [];
    for (let i = 0; i < 3; i++) {
      ext.smartcardRequest.bufferLength = i;
      assert.equal(SmartcardT1Request(ext), STATUS_SUCCESS);
      const { buffer, bufferLength } = ext.smartcardRequest;
      blocks.push(toHex(buffer.subarray(i, bufferLength)));
    }
    assert.deepEqual(blocks, [IFS_REQUEST, IFS_REQUEST, IFS_REQUEST]);
    ext.smartcardRequest.bufferLength = 284;
    assert.equal(SmartcardT1Request(ext), STATUS_BUFFER_OVERFLOW);
    ext.smartcardRequest.bufferLength = 66_000;
    assert.equal(SmartcardT1Request(ext), STATUS_BUFFER_OVERFLOW);
    ext.smartcardReply.bufferLength = 289;
    assert.equal(SmartcardT1Reply(ext), STATUS_INVALID_PARAMETER);
    return STATUS_NO_MEDIA;
  };
  const irp = makeIrp(IOCTL_SMARTCARD_TRANSMIT, pci(2, SELECT), 64);
  assert.equal(control(ext, irp), STATUS_NO_MEDIA);
});

Deno.test("a command dropped half-way does not haunt the next one", () => {
  const { ext, transmit } = scripted();
  const play = ext.readerFunction[RDF_TRANSMIT]!;
  transmit(SELECT, [
    [IFS_REQUEST, IFS_RESPONSE],
    [block(0x00, SELECT), block(0x00, "9000")],
  ]);
  ext.readerFunction[RDF_TRANSMIT] = () => {
    ext.smartcardRequest.bufferLength = 0;
    SmartcardT1Request(ext);
    return STATUS_NO_MEDIA;
  };
  const dropped = makeIrp(IOCTL_SMARTCARD_TRANSMIT, pci(2, "00B00000"), 64);
  assert.equal(control(ext, dropped), STATUS_NO_MEDIA);
  ext.readerFunction[RDF_TRANSMIT] = play;
  assert.deepEqual(
    transmit(SELECT, [
      [block(0xC0), block(0xE0)],
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x00, SELECT), block(0x00, "9000")],
    ]),
    OK,
  );
});

Deno.test("SUPRESS_T1_IFS_REQUEST: no S(IFS request) until the next reset", () => {
  const { ext, transmit } = scripted();
  const suppress = () =>
    control(
      ext,
      makeIrp(
        IOCTL_SMARTCARD_SET_ATTRIBUTE,
        ulong(SCARD_ATTR_SUPRESS_T1_IFS_REQUEST),
      ),
    );
  assert.equal(suppress(), STATUS_SUCCESS);
  assert.equal(ext.t1.state, T1_START);
  assert.equal(ext.t1.ifsd, 32);
  assert.deepEqual(
    transmit(SELECT, [[block(0x00, SELECT), block(0x00, "9000")]]),
    OK,
  );
  reset(ext);
  assert.deepEqual(
    transmit(SELECT, [
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x00, SELECT), block(0x00, "9000")],
    ]),
    OK,
  );
  assert.equal(suppress(), STATUS_SUCCESS);
  assert.equal(ext.t1.ifsd, 254);
});

Deno.test("the driver's NAD is sent, and a reset takes it back", () => {
  const { ext, transmit } = scripted();
  ext.t1.nad = 0x21;
  assert.deepEqual(
    transmit(SELECT, [
      [block(0xC1, "FE", 0x21), block(0xE1, "FE", 0x12)],
      [block(0x00, SELECT, 0x21), block(0x00, "9000", 0x12)],
    ]),
    OK,
  );
  assert.throws(() => ext.t1.nad = 0xFF, RangeError);
  reset(ext);
  assert.equal(ext.t1.nad, 0);
});

Deno.test("malformed requests", () => {
  const { ext, transmit } = scripted();
  assert.equal(transmit("", []).status, "STATUS_INVALID_PARAMETER");
  ext.ioRequest.requestBufferLength = 7;
  assert.equal(SmartcardT1Request(ext), STATUS_INVALID_PARAMETER);
  assert.equal(SmartcardT1Reply(ext), STATUS_INVALID_DEVICE_STATE);
  SmartcardExit(ext);
  assert.equal(SmartcardT1Request(ext), STATUS_INVALID_DEVICE_STATE);
  assert.equal(ext.t1.state, T1_INIT);
  assert.equal(ext.t1.replyData.length, 0);
});

Deno.test("the outstanding block is named by t1.state", () => {
  const { ext, transmit } = scripted();
  transmit(SELECT, [
    [IFS_REQUEST, "", () => {
      assert.equal(ext.t1.state, T1_IFS_REQUEST);
      assert.equal(ext.t1.resend, 1);
    }],
    [IFS_REQUEST, IFS_RESPONSE, () => {
      assert.equal(ext.t1.state, T1_I_BLOCK);
      assert.deepEqual([ext.t1.ssn, ext.t1.rsn], [0, 0]);
      assert.equal(ext.t1.moreData, false);
    }],
    [block(0x00, SELECT), block(0x00, "9000")],
  ]);
  assert.deepEqual([ext.t1.ssn, ext.t1.rsn, ext.t1.resynch], [1, 1, 0]);
});

Deno.test("an APDU of 65 544 bytes goes through blocks of 254", () => {
  const { ext } = scripted();
  const size = 65_544;
  let received = 0;
  let number = 0;
  ext.readerFunction[RDF_TRANSMIT] = () => {
    for (;;) {
      ext.smartcardRequest.bufferLength = 0;
      assert.equal(SmartcardT1Request(ext), STATUS_SUCCESS);
      const [, pcb, length] = ext.smartcardRequest.buffer;
      let answer = IFS_RESPONSE;
      if (pcb !== 0xC1) {
        received += length;
        number ^= 1;
        answer = (pcb & 0x20) === 0
          ? block(0x00, "9000")
          : block(0x80 | number << 4);
      }
      ext.smartcardReply.buffer.set(fromHex(answer));
      ext.smartcardReply.bufferLength = answer.length / 2;
      const status = SmartcardT1Reply(ext);
      if (status !== STATUS_MORE_PROCESSING_REQUIRED) return status;
    }
  };
  const command = new Uint8Array(8 + size);
  command.set(pci(2, ""));
  const irp = makeIrp(IOCTL_SMARTCARD_TRANSMIT, command, 64);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(received, size);
});
