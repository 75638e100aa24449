// T=1: the loop of a driver against a scripted card, block by block.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import {
  SmartcardT1Reply,
  STATUS_INVALID_DEVICE_STATE,
  T1_I_BLOCK,
  T1_INIT,
  T1_R_BLOCK,
  T1_START,
} from "../../src/smclib/mod.ts";
import { reset } from "./fake_reader.ts";
import {
  block,
  IFS_REQUEST,
  IFS_RESPONSE,
  OK,
  scripted,
  SELECT,
  type Turn,
} from "./scripted_card.ts";

Deno.test("the vectors of the blocks", () => {
  assert.equal(IFS_REQUEST, "00C101FE3E");
  assert.equal(block(0xE3, "03"), "00E30103E1");
  assert.equal(block(0x81), "00810081");
  assert.equal(block(0x82), "00820082");
  assert.equal(block(0x00, SELECT), "00000500A4040000A5");
});

Deno.test("S(IFS request) comes before the first block only, numbers go on", () => {
  const { ext, transmit } = scripted();
  assert.equal(ext.t1.state, T1_INIT);
  assert.equal(ext.t1.ifsd, 254);
  assert.deepEqual(
    transmit(SELECT, [
      [IFS_REQUEST, IFS_RESPONSE, () => assert.equal(ext.t1.ifsd, 254)],
      [block(0x00, SELECT), block(0x00, "9000")],
    ]),
    OK,
  );
  assert.equal(ext.t1.state, T1_START);
  assert.deepEqual(
    transmit(SELECT, [[block(0x40, SELECT), block(0x40, "9000")]]),
    OK,
  );
  assert.deepEqual(
    transmit(SELECT, [[block(0x00, SELECT), block(0x00, "9000")]]),
    OK,
  );
  reset(ext);
  assert.equal(ext.t1.state, T1_INIT);
});

Deno.test("chains both ways, within IFSC, and the answer is collected apart", () => {
  const { ext, transmit } = scripted("3B 80 81 11 20 30");
  const command = "00D6000040" + "5A".repeat(64);
  const part = (from: number, to: number) => command.slice(2 * from, 2 * to);
  assert.deepEqual(
    transmit(command, [
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x20, part(0, 32)), block(0x90), () => {
        assert.equal(ext.t1.bytesSent, 32);
        assert.equal(ext.t1.bytesToSend, 37);
        assert.equal(ext.t1.infBytesSent, 32);
        assert.equal(ext.t1.originalState, T1_I_BLOCK);
      }],
      [block(0x60, part(32, 64)), block(0x80)],
      [block(0x00, part(64, 69)), block(0x20, "0102"), () => {
        assert.equal(ext.t1.state, T1_R_BLOCK);
        assert.equal(ext.t1.originalState, T1_R_BLOCK);
        assert.equal(ext.t1.bytesReceived, 2);
      }],
      [block(0x90), block(0x40, "039000")],
    ]),
    { status: "STATUS_SUCCESS", bytes: "02000000080000000102039000" },
  );
  assert.equal(toHex(ext.t1.replyData), "0102039000");
});

Deno.test("wtx stretches one wait and is cleared by the next reply", () => {
  const { ext, transmit } = scripted();
  assert.deepEqual(
    transmit(SELECT, [
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x00, SELECT), block(0xC3, "05"), () => {
        assert.equal(ext.t1.wtx, 5);
        assert.equal(ext.t1.originalState, T1_I_BLOCK);
      }],
      [block(0xE3, "05"), block(0x00, "9000"), () => {
        assert.equal(ext.t1.wtx, 0);
      }],
    ]),
    OK,
  );
});

Deno.test("a card that changes its IFSC is obeyed, also by the next command", () => {
  const { ext, transmit } = scripted();
  transmit(SELECT, [
    [IFS_REQUEST, IFS_RESPONSE],
    [block(0x00, SELECT), block(0xC1, "04")],
    [block(0xE1, "04"), block(0x00, "9000")],
  ]);
  assert.equal(ext.t1.ifsc, 4);
  assert.deepEqual(
    transmit(SELECT, [
      [block(0x60, "00A40400"), block(0x80)],
      [block(0x00, "00"), block(0x40, "9000")],
    ]),
    OK,
  );
});

Deno.test("silence and damage: R-blocks, RESYNCH, and the command from its first byte", () => {
  const { ext, transmit } = scripted();
  transmit(SELECT, [
    [IFS_REQUEST, IFS_RESPONSE],
    [block(0x00, SELECT), block(0x00, "9000")],
  ]);
  const damaged = block(0x40, "9000").slice(0, -2) + "00";
  const turns: Turn[] = [
    [block(0x40, SELECT), damaged, () => assert.equal(ext.t1.lastError, 1)],
    [block(0x91), "", () => assert.equal(ext.t1.lastError, 2)],
    [block(0x91), ""],
    [block(0xC0), ""],
    [block(0xC0), block(0xE0)],
    [IFS_REQUEST, IFS_RESPONSE],
    [block(0x00, SELECT), block(0x00, "9000")],
  ];
  assert.deepEqual(transmit(SELECT, turns), OK);
});

Deno.test("a mute card ends in STATUS_DEVICE_PROTOCOL_ERROR and delivers nothing", () => {
  const { ext, transmit } = scripted();
  assert.deepEqual(
    transmit(SELECT, [[IFS_REQUEST, ""], [IFS_REQUEST, ""], [IFS_REQUEST, ""]]),
    { status: "STATUS_DEVICE_PROTOCOL_ERROR", bytes: "" },
  );
  assert.equal(SmartcardT1Reply(ext), STATUS_INVALID_DEVICE_STATE);
});

Deno.test("an answer that does not fit copies nothing and keeps both sides in step", () => {
  const { transmit } = scripted();
  assert.deepEqual(
    transmit("00A40400", [
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x00, "00A40400"), block(0x00, "0102039000")],
    ], 12),
    { status: "STATUS_BUFFER_TOO_SMALL", bytes: "" },
  );
  assert.deepEqual(
    transmit(SELECT, [[block(0x40, SELECT), block(0x40, "9000")]], 10),
    OK,
  );
});

Deno.test("the answer overwrites the request only when the exchange is over", () => {
  const { ext, transmit } = scripted();
  const command = SELECT + "00".repeat(40);
  assert.deepEqual(
    transmit(command, [
      [IFS_REQUEST, IFS_RESPONSE],
      [block(0x00, command), block(0x20, "FF".repeat(100)), () => {
        assert.equal(
          toHex(ext.ioRequest.requestBuffer.subarray(0, 13)),
          "0200000008000000" + SELECT,
        );
      }],
      [block(0x90), block(0x40, "9000")],
    ]).bytes,
    "0200000008000000" + "FF".repeat(100) + "9000",
  );
});
