import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type Core,
  Machine,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  T0Exchange,
  type T0Options,
} from "../../src/core/mod.ts";
import { eachCore, SEED } from "./cores.ts";

/**
 * Plays an exchange written as `> sent < received ...` and returns the response,
 * or the name of the error. `byByte` feeds each answer one character at a time.
 */
function play(
  core: Core,
  tpdu: string,
  script: string,
  options: T0Options & { byByte?: boolean } = {},
): string {
  using machine = new Machine(core);
  const exchange = new T0Exchange(machine);
  let event = exchange.start(fromHex(tpdu), options);
  for (const part of script.match(/[<>][^<>]*/g) ?? []) {
    assert.equal(event, MACHINE_TRANSFER, `${script}: ended before ${part}`);
    const bytes = fromHex(part.slice(1));
    if (part[0] === ">") {
      const length = exchange.build();
      assert.equal(toHex(machine.send.subarray(0, length)), toHex(bytes));
      continue;
    }
    const pieces = options.byByte ? [...bytes].map((b) => [b]) : [bytes];
    for (const piece of bytes.length === 0 ? [[]] : pieces) {
      if (event < 0) return machineErrorName(event);
      assert.equal(event, MACHINE_TRANSFER);
      machine.receive.set(piece);
      event = exchange.digest(piece.length);
    }
  }
  if (event === MACHINE_DONE) return toHex(exchange.response());
  return machineErrorName(event);
}

const DATA_256 = Array.from(
  { length: 256 },
  (_, i) => i.toString(16).padStart(2, "0"),
).join("").toUpperCase();

/** TPDU, exchange, response or error, options: the hold-out exchanges of ISO/IEC 7816-3 10. */
const EXCHANGES: [string, string, string, string, T0Options?][] = [
  ["case 1", "A0A40000", "> A0A4000000 < 9000", "9000"],
  [
    "case 3, ACK all",
    "00D6000003010203",
    "> 00D6000003 < D6 > 010203 < 9000",
    "9000",
  ],
  [
    "case 3, one by one",
    "00D6000003010203",
    "> 00D6000003 < 29 > 01 < 29 > 02 < 29 > 03 < 9000",
    "9000",
  ],
  [
    "NULLs and mixed procedure bytes",
    "00D6000003010203",
    "> 00D6000003 < 60 < 60 < 29 > 01 < D6 > 0203 < 60 < 9000",
    "9000",
  ],
  [
    "SW1 after the first byte",
    "00D6000003010203",
    "> 00D6000003 < 29 > 01 < 6A80",
    "6A80",
  ],
  [
    "case 2, P3 = 0",
    "00B0000000",
    `> 00B0000000 < B0${DATA_256}9000`,
    `${DATA_256}9000`,
  ],
  [
    "case 2, one by one",
    "00B0000002",
    "> 00B0000002 < 4F01 < 4F02 < 9000",
    "01029000",
  ],
  [
    "~ACK then ACK",
    "00B0000003",
    "> 00B0000003 < 4F01B00203 < 9000",
    "0102039000",
  ],
  ["6C is the caller's", "00B0000010", "> 00B0000010 < 6C05", "6C05"],
  [
    "61 is the caller's",
    "00A40400023F00",
    "> 00A4040002 < A4 > 3F00 < 6117",
    "6117",
  ],
  ["case 2 with fewer bytes", "00B0000005", "> 00B0000005 < 6282", "6282"],
  [
    "illegal procedure byte",
    "00B0000002",
    "> 00B0000002 < 2401",
    "PROCEDURE_BYTE",
  ],
  ["VPP variant of ACK", "00B0000002", "> 00B0000002 < B101", "PROCEDURE_BYTE"],
  [
    "ACK after all is sent",
    "00D600000101",
    "> 00D6000001 < D6 > 01 < D6",
    "OVERRUN",
  ],
  [
    "~ACK after all has come",
    "00B0000001",
    "> 00B0000001 < B001 < 4F01",
    "OVERRUN",
  ],
  ["ACK in case 1", "00A40000", "> 00A4000000 < A400", "OVERRUN"],
  ["SW1 and silence", "00B0000001", "> 00B0000001 < 6F <", "TIMEOUT"],
  ["silence", "00B0000001", "> 00B0000001 <", "TIMEOUT"],
  ["more than SW", "00B0000001", "> 00B0000001 < 900000", "OVERRUN"],
  [
    "card talks in our turn",
    "00D6000003010203",
    "> 00D6000003 < D69000",
    "OVERRUN",
  ],
  ["too many NULLs", "00B0000001", "> 00B0000001 < 606060", "TOO_MANY_NULLS", {
    maxNulls: 2,
  }],
  [
    "as many NULLs as allowed",
    "00B0000001",
    "> 00B0000001 < 6060B0019000",
    "019000",
    { maxNulls: 2 },
  ],
  [
    "any number of NULLs",
    "00B0000001",
    "> 00B0000001 < 606060B0019000",
    "019000",
    { maxNulls: Infinity },
  ],
  ["INS 6x", "0060000000", "", "INS"],
  ["INS 9x", "009A000000", "", "INS"],
  ["CLA FF", "FFA4000000", "", "CLA"],
  ["P3 and data disagree", "00D600000401", "", "TPDU"],
  ["Le behind data", "00A40000023F0000", "", "TPDU"],
];

eachCore("T=0 exchanges", (core) => {
  for (const [name, tpdu, script, expected, options] of EXCHANGES) {
    assert.equal(play(core, tpdu, script, options), expected, name);
  }
});

eachCore("T=0 exchanges, character by character", (core) => {
  for (const [name, tpdu, script, expected, options] of EXCHANGES) {
    // An overrun is noticed only in what comes at once: later characters are no longer asked for.
    if (expected === "OVERRUN" && /9000/.test(script)) continue;
    assert.equal(
      play(core, tpdu, script, { ...options, byByte: true }),
      expected,
      name,
    );
  }
});

eachCore("the machine asks for no more than the card must send", (core) => {
  using machine = new Machine(core);
  const exchange = new T0Exchange(machine);
  exchange.start(fromHex("00D6000003010203"));
  assert.equal(exchange.wanted, 1);
  exchange.start(fromHex("00B0000010"));
  assert.equal(exchange.wanted, 2);
  machine.receive.set([0xb0, 1]);
  exchange.digest(2);
  assert.equal(exchange.wanted, 17);
});

eachCore("a card that answers anything ends the exchange", (core) => {
  using machine = new Machine(core);
  const exchange = new T0Exchange(machine);
  fc.assert(
    fc.property(
      fc.constantFrom("00A40000", "00B0000000", "00D6000003010203"),
      fc.infiniteStream(fc.uint8Array({ minLength: 0, maxLength: 300 })),
      (tpdu, answers) => {
        let event = exchange.start(fromHex(tpdu), { maxNulls: 100 });
        let steps = 0;
        for (const answer of answers) {
          if (event !== MACHINE_TRANSFER) break;
          const sent = exchange.build();
          assert.ok(sent <= 260);
          machine.receive.set(answer);
          event = exchange.digest(answer.length);
          assert.ok(++steps < 1000);
        }
        if (event === MACHINE_DONE) {
          assert.ok(exchange.responseLength >= 2);
          assert.ok(exchange.responseLength <= 258);
        } else assert.ok(event < 0);
        if (event !== MACHINE_ERRORS.TIMEOUT) {
          assert.equal(exchange.digest(1), MACHINE_ERRORS.STATE);
        }
      },
    ),
    { seed: SEED, numRuns: 1000 },
  );
});

eachCore("EMV: a card that breaks the protocol is deactivated", (core) => {
  const exchange = new T0Exchange(new Machine(core));
  const { receive } = exchange.machine;
  const answers = [[0x24], [0xb0, 1, 0x90, 0, 0], [0x60, 0x60, 0x60], []];
  for (const answer of answers) {
    exchange.start(fromHex("00B0000001"), { profile: "emv", maxNulls: 2 });
    receive.set(answer);
    assert.equal(exchange.digest(answer.length), MACHINE_ERRORS.DEACTIVATE);
    assert.equal(exchange.digest(1), MACHINE_ERRORS.STATE);
  }
  // What is right stays right, and the next TPDU may follow ISO alone.
  exchange.start(fromHex("00B0000001"), { profile: "emv" });
  receive.set([0xb0, 1, 0x90, 0]);
  assert.equal(exchange.digest(4), MACHINE_DONE);
  exchange.start(fromHex("00B0000001"));
  receive.set([0x24]);
  assert.equal(exchange.digest(1), MACHINE_ERRORS.PROCEDURE_BYTE);
  exchange.machine[Symbol.dispose]();
});
