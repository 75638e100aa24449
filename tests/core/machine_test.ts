import assert from "node:assert/strict";
import { ARGUMENTS, COMMAND, SLOT_COUNT, SLOTS } from "../../core-as/abi.ts";
import { fromHex } from "../../src/bytes.ts";
import {
  cardTiming,
  crc,
  type CrcVariant,
  effectiveParameters,
  instantiateCore,
  lrc,
  Machine,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  parseApdu,
  parseAtr,
  sharedCore,
  T0ApduExchange,
  T0Exchange,
  T1Session,
} from "../../src/core/mod.ts";
import { eachCore } from "./cores.ts";

Deno.test("the core imports nothing and its memory never grows", () => {
  const core = instantiateCore();
  const before = core.bytes.byteLength;
  using session = new T1Session({}, new Machine(core));
  session.start(new Uint8Array(65544));
  assert.equal(core.bytes.byteLength, before);
});

Deno.test("machines beyond one instance get a further one, and slots are reused", () => {
  const sessions = Array.from({ length: 70 }, () => new T1Session());
  const cores = new Set(sessions.map(({ machine }) => machine.core));
  assert.ok(cores.size >= 2);
  sessions.forEach((session, index) =>
    assert.equal(session.start(Uint8Array.of(0, index, 0, 0)), MACHINE_TRANSFER)
  );
  sessions.forEach((session, index) => {
    assert.equal(session.build(), 8);
    assert.equal(session.machine.send[4], index);
  });
  for (const session of sessions) session[Symbol.dispose]();
  using again = new T1Session();
  assert.ok(cores.has(again.machine.core));
});

Deno.test("a full instance says so, and disposing twice frees once", () => {
  const core = instantiateCore();
  const machines: Machine[] = [];
  while (core.hasFree) machines.push(new Machine(core));
  assert.throws(() => new Machine(core), RangeError);
  machines[0][Symbol.dispose]();
  machines[0][Symbol.dispose]();
  new Machine(core);
  assert.throws(() => new Machine(core), RangeError);
});

Deno.test("misuse by the caller is answered by an error, without a trap", () => {
  using t1 = new T1Session();
  assert.equal(t1.digest(0), MACHINE_ERRORS.STATE);
  assert.equal(t1.build(), 0);
  assert.equal(t1.start(new Uint8Array(0)), MACHINE_ERRORS.COMMAND_LENGTH);
  assert.equal(t1.start(new Uint8Array(65545)), MACHINE_ERRORS.COMMAND_LENGTH);
  assert.equal(t1.start(new Uint8Array(70000)), MACHINE_ERRORS.COMMAND_LENGTH);
  assert.throws(() => t1.startIfs(255), RangeError);
  assert.throws(() => t1.startIfs(0), RangeError);
  assert.equal(t1.start(new Uint8Array(4)), MACHINE_TRANSFER);
  assert.equal(t1.digest(70000), MACHINE_ERRORS.RECEIVE_LENGTH);
  for (
    const [length, offset] of [
      [10, -1],
      [10, 0x7fffffff],
      [2 ** 32 + 5, 0],
      [4, 1.5],
      [NaN, 0],
      [-1, 0],
    ]
  ) {
    assert.equal(t1.digest(length, offset), MACHINE_ERRORS.RECEIVE_LENGTH);
  }
  assert.throws(() => t1.build(66000), RangeError);
  assert.throws(() => t1.reset({ ifscBytes: 0 }), RangeError);
  assert.throws(() => t1.reset({ ifsdBytes: 255 }), RangeError);
  assert.throws(() => {
    t1.nad = 0x88;
  }, RangeError);
  using t0 = new T0Exchange();
  assert.equal(t0.digest(1), MACHINE_ERRORS.STATE);
  assert.equal(t0.build(), 0);
  assert.throws(() => t0.build(-1), RangeError);
  assert.throws(
    () => t0.start(Uint8Array.of(0, 0, 0, 0), { maxNulls: -1 }),
    RangeError,
  );
  assert.equal(
    t0.start(Uint8Array.of(0, 0xb0, 0, 0, 1), { le: 256.9 }),
    MACHINE_ERRORS.TPDU,
  );
  assert.equal(t0.start(new Uint8Array(3)), MACHINE_ERRORS.TPDU);
  assert.equal(machineErrorName(MACHINE_ERRORS.TPDU), "TPDU");
  assert.equal(machineErrorName(-99), "code -99");
});

Deno.test("a machine that is taken again remembers nothing", () => {
  const core = instantiateCore();
  const machine = new Machine(core);
  const t0 = new T0Exchange(machine);
  assert.equal(t0.start(Uint8Array.of(0, 0xb0, 0, 0, 1)), MACHINE_TRANSFER);
  const t1 = new T1Session({}, machine);
  assert.equal(t1.start(Uint8Array.of(0, 0xa4, 0, 0)), MACHINE_TRANSFER);
  const { handle } = machine;
  machine[Symbol.dispose]();
  const again = new Machine(core);
  assert.equal(again.handle, handle);
  assert.equal(new T0Exchange(again).digest(1), MACHINE_ERRORS.STATE);
  assert.equal(new T1Session({}, again).digest(1), MACHINE_ERRORS.STATE);
});

Deno.test("a session that cannot be made takes no slot", () => {
  const core = instantiateCore();
  const before = new Machine(core);
  before[Symbol.dispose]();
  for (let i = 0; i < 100; i++) {
    assert.throws(() => new T1Session({ ifscBytes: 255 }), RangeError);
  }
  using first = new T1Session();
  using second = new T1Session();
  assert.equal(first.machine.core, second.machine.core);
});

Deno.test("a start that is refused leaves no foreign bytes to send", () => {
  using t1 = new T1Session({ ifscBytes: 2 });
  t1.start(Uint8Array.of(1, 2, 3, 4));
  assert.equal(
    t1.start(new Uint8Array(65545).fill(0xee)),
    MACHINE_ERRORS.COMMAND_LENGTH,
  );
  assert.deepEqual(
    [...t1.machine.send.subarray(0, t1.build())],
    [0x00, 0x20, 0x02, 0x01, 0x02, 0x21],
  );
  using t0 = new T0Exchange();
  for (
    const refused of [
      Uint8Array.of(0xff, 0xa4, 0, 0, 0),
      Uint8Array.of(0, 0, 0),
    ]
  ) {
    t0.start(Uint8Array.of(0, 0xa4, 0, 0));
    t0.machine.receive.set([0x90, 0x00]);
    assert.equal(t0.digest(2), 0);
    assert.ok(t0.start(refused) < 0);
    assert.equal(t0.build(), 0);
    assert.equal(t0.responseLength, 0);
    assert.equal(t0.digest(2), MACHINE_ERRORS.STATE);
  }
});

Deno.test("what a slot held is wiped when it is given back", () => {
  const core = instantiateCore();
  const machine = new Machine(core);
  const session = new T1Session({}, machine);
  session.start(new TextEncoder().encode("a PIN of somebody"));
  session.build();
  const { handle } = machine;
  machine[Symbol.dispose]();
  const again = new Machine(core);
  assert.equal(again.handle, handle);
  assert.ok(again.send.every((byte) => byte === 0));
  assert.ok(
    core.bytes.subarray(again.address, again.address + 200_000)
      .every((byte) => byte === 0),
  );
});

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

Deno.test("what a machine does after its end touches nobody else", () => {
  const ended = new T1Session();
  ended[Symbol.dispose]();
  using session = new T1Session();
  const command = Uint8Array.of(0, 1, 2, 3);
  session.begin(command);
  const sent = session.machine.send.slice(0, 16);
  ended.begin(Uint8Array.of(9, 9, 9, 9));
  ended.machine.receive.set([0, 0, 2, 0x90, 0, 0x92]);
  ended.step(6);
  ended.reset({ ifscBytes: 1 });
  assert.deepEqual(session.machine.send.slice(0, 16), sent);
  assert.equal(session.ifsc, 32);
  assert.deepEqual([session.ssn, session.bytesToSend], [0, 4]);
});

Deno.test("machines taken past the pool do not starve it", () => {
  const core = sharedCore();
  const past: Machine[] = [];
  while (core.hasFree) past.push(new Machine(core));
  using first = new Machine();
  assert.notEqual(first.core, core);
  for (const machine of past) machine[Symbol.dispose]();
  const machines = Array.from({ length: 80 }, () => new Machine());
  for (const machine of machines) machine[Symbol.dispose]();
  // All that were given back are taken again before there is a further instance.
  const cores = new Set(machines.map((machine) => machine.core));
  const again = Array.from({ length: 80 }, () => new Machine());
  for (const machine of again) assert.ok(cores.has(machine.core));
  for (const machine of again) machine[Symbol.dispose]();
});

Deno.test("a session that is reset without options keeps those it has", () => {
  using session = new T1Session({ profile: "emv", ifscBytes: 16 });
  session.reset();
  assert.equal(session.begin(Uint8Array.of(0, 0xa4)), 5);
  assert.deepEqual([...session.machine.send.subarray(0, 4)], [
    0,
    0xc1,
    1,
    0xfe,
  ]);
  assert.equal(session.ifsc, 16);
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

Deno.test("an unknown CRC variant is refused", () => {
  const variant = "x25" as CrcVariant;
  assert.throws(() => crc(new Uint8Array(4), variant), /variant x25 found/);
  assert.throws(
    () => new T1Session({ edc: "CRC", crcVariant: variant }),
    /crcVariant is x25/,
  );
});

Deno.test("an APDU exchange begins at rest, on a used machine too", () => {
  using machine = new Machine();
  new T0ApduExchange(machine).start(Uint8Array.of(0, 0xa4, 0, 0));
  assert.equal(new T0ApduExchange(machine).build(), 0);
});

Deno.test("reserved values of an accepted ATR give way to what counts in their place", () => {
  const of = (hex: string) => effectiveParameters(parseAtr(fromHex(hex)));
  assert.equal(of("3B808111FFEF").ifscBytes, 254);
  assert.equal(of("3B8081110010").ifscBytes, 32);
  assert.deepEqual([of("3B1070").fi, of("3B1070").di], [372, 1]);
  assert.equal(of("3B804000").wi, 10);
  assert.equal(of("3B808121A0").bwi, 9);
  const { fi, di, n, wi, bwi, cwi } = of("3B1070");
  const times = cardTiming({
    ...{ fi, di, n, wi, bwi, cwi, f: fi, d: di },
    clockKhz: 4000,
    hasT15: false,
    protocol: 0,
  });
  assert.equal(times.etu, 93);
});
