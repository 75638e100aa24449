import assert from "node:assert/strict";
import {
  instantiateCore,
  Machine,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  T0Exchange,
  T1Session,
} from "../../src/core/mod.ts";

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
