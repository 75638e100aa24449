import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import {
  cardTiming,
  crc,
  type CrcVariant,
  effectiveParameters,
  Machine,
  parseAtr,
  sharedCore,
  T0ApduExchange,
  T1Session,
} from "../../src/core/mod.ts";

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
