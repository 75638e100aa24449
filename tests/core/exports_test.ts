// Invariant: whatever numbers reach the module, it answers a code and stays within the slot.
import assert from "node:assert/strict";
import { ARGUMENTS, COMMAND, SLOT_COUNT, SLOTS } from "../../core-as/abi.ts";
import {
  crc,
  lrc,
  Machine,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  parseApdu,
  parseAtr,
  T1Session,
} from "../../src/core/mod.ts";
import { eachCore } from "./cores.ts";

// A handle out of range is wrapped, so the first slots are used as they come.
eachCore(
  "the exports themselves refuse what their face never sends",
  (core) => {
    const { exports } = core;
    const machine = new Machine(core);
    const { handle } = machine;
    const t1 = new T1Session({}, machine);
    const { STATE, COMMAND_LENGTH, RECEIVE_LENGTH, TPDU } = MACHINE_ERRORS;
    assert.equal(exports.slot(handle + SLOT_COUNT), exports.slot(handle));
    assert.equal(exports.t1_start(handle, 1, 0), COMMAND_LENGTH);
    assert.equal(exports.t1_start(handle, 1, 65545), COMMAND_LENGTH);
    assert.equal(exports.t1_start(handle, 2, 0), STATE);
    assert.equal(exports.t1_start(handle, 2, 255), STATE);
    assert.equal(exports.t1_start(handle, 0, 0), STATE);
    assert.equal(exports.t1_start(handle, 5, 0), STATE);
    assert.equal(exports.t1_step(handle, -1), RECEIVE_LENGTH);
    assert.equal(exports.t1_step(handle, 70_000), RECEIVE_LENGTH);
    assert.equal(exports.t1_step(handle, 4), STATE);
    assert.equal(t1.begin(Uint8Array.of(0, 0xa4)), 6);
    assert.equal(t1.step(0.5), RECEIVE_LENGTH);
    for (const offset of [-1, 66_000, 0x7fffffff]) {
      assert.equal(exports.t1_build(handle, offset), STATE);
      assert.equal(exports.t0_build(handle, offset), STATE);
      assert.equal(exports.t0_apdu_build(handle, offset), STATE);
      assert.equal(exports.t0_digest(handle, offset, 70_000), RECEIVE_LENGTH);
      assert.equal(
        exports.t0_apdu_digest(handle, offset, 70_000),
        RECEIVE_LENGTH,
      );
    }
    assert.equal(exports.t0_start(handle, 4, 0, 0), TPDU);
    assert.equal(exports.edc_crc(-1, 4), -1);
    assert.equal(exports.edc_crc(5, 4), -1);
    assert.equal(exports.pps_length(1), 2);
    machine[Symbol.dispose]();
  },
);

eachCore("the registers of a T=1 session", (core) => {
  const t1 = new T1Session({ ifscBytes: 2, ifsdBytes: 254 }, new Machine(core));
  const { receive } = t1.machine;
  t1.suppressIfs();
  assert.equal(t1.begin(Uint8Array.of(0, 0xa4, 0)), 6);
  assert.deepEqual(
    [t1.state, t1.ifsc, t1.ifsd, t1.ssn, t1.rsn, t1.nad, t1.wtx],
    [2, 2, 32, 0, 0, 0, 0],
  );
  assert.deepEqual(
    [t1.moreData, t1.bytesToSend, t1.bytesSent, t1.infBytesSent],
    [true, 3, 0, 2],
  );
  receive.set([0, 0x80, 0, 0x81]);
  assert.equal(t1.step(4), 4);
  assert.deepEqual([t1.resend, t1.lastError, t1.resynch], [1, 1, 0]);
  receive.set([0, 0x90, 0, 0x90]);
  assert.equal(t1.step(4), 5);
  assert.deepEqual([t1.ssn, t1.moreData, t1.bytesSent], [1, false, 2]);
  receive.set([0, 0, 2, 0x90, 0, 0x92]);
  assert.equal(t1.step(6), 0);
  const out = new Uint8Array(4);
  assert.equal(t1.copyResponse(out, 1), 2);
  assert.deepEqual([...out], [0, 0x90, 0, 0]);
  assert.deepEqual([t1.bytesReceived, t1.responseLength, t1.rsn], [2, 2, 1]);
  t1.machine[Symbol.dispose]();
});

Deno.test("bytes that no call could take are refused", () => {
  const tooMany = new Uint8Array(70_000);
  assert.throws(() => parseAtr(tooMany), /70000 bytes found/);
  assert.throws(() => parseApdu(tooMany), /70000 bytes found/);
  assert.throws(() => lrc(tooMany), /70000 bytes found/);
  assert.throws(() => crc(tooMany, "13239"), /70000 bytes found/);
});

eachCore("numbers out of range are brought into it", (core) => {
  const { exports } = core;
  const machine = new Machine(core);
  const { handle } = machine;
  const before = core.bytes.slice(0, machine.address);
  for (const ifsc of [-1000, 0, 255, -0x7fffff00, 0x7fffffff]) {
    exports.t1_reset(handle, ifsc, ifsc, 1, ifsc, -1 & ~4, 9);
    core.bytes.set([0, 0xa4, 0, 0], machine.address + COMMAND);
    assert.equal(exports.t1_start(handle, 1, 4), MACHINE_TRANSFER);
    assert.equal(exports.t1_build(handle, 0), 9);
  }
  assert.deepEqual(
    core.bytes.slice(SLOTS, machine.address),
    before.slice(SLOTS),
  );
  assert.equal(exports.edc_lrc(0x1000000), -1);
  assert.equal(exports.edc_lrc(-1), -1);
  assert.equal(exports.edc_crc(0, 0x1000000), -1);
  // A reader with more rates than there is room for, none of which fits.
  core.words.fill(0, ARGUMENTS >> 2, (ARGUMENTS >> 2) + 9);
  core.words.set([3, 1, 0, 0x95, -1, 4000, 1e6, 0x7fffffff], ARGUMENTS >> 2);
  exports.select_protocol();
  core.words.set(
    [1, 1, 0x7fffffff, 7, 1, 65535, 10, 4, 13, 1, 0, 0],
    ARGUMENTS >> 2,
  );
  exports.timing_compute();
  machine[Symbol.dispose]();
});
