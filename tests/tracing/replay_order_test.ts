// Invariant: a replayed card answers what was recorded, and reports the rest.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  parseRecording,
  recordingToJson,
  ReplayedCard,
  type ReplayMismatch,
} from "../../src/tracing/mod.ts";
import { recordingBy } from "./recording_by.ts";

Deno.test("strict: what comes out of order is refused, reported, and changes nothing", () => {
  const heard: ReplayMismatch[] = [];
  const card = new ReplayedCard(
    recordingBy(
      ["3B00", ["00A40000", "9000"], ["0020000102 2A2A", "63C2"]],
      ["3B01 41", ["00B0000001", "079000"]],
    ),
    { onMismatch: (mismatch) => heard.push(mismatch) },
  );
  const says = (hex: string) => toHex(card.transmit(fromHex(hex)));
  assert.equal(says("00A40000"), "6F00");
  assert.equal(toHex(card.atr), "3B00");
  card.powerOn();
  // A reset before the first command counts once.
  card.reset();
  assert.equal(says("00B0000001"), "6F00");
  assert.equal(says("00A40000"), "9000");
  assert.equal(says("00200001038182 83"), "6F00");
  assert.equal(says("00200001028182"), "63C2");
  assert.equal(says("00200001028182"), "6F00");
  assert.equal(card.isFinished, false);
  assert.equal(toHex(card.atr), "3B0141");
  card.powerOff();
  card.powerOn();
  assert.equal(says("00B0000001"), "079000");
  assert.equal(card.isFinished, true);
  assert.equal(toHex(card.atr), "3B0141");
  card.reset();
  assert.equal(says("00B0000001"), "6F00");
  assert.deepEqual(heard.map(({ message }) => message), [
    "Cannot replay command 1: 00A40000 found, expected no command",
    "Cannot replay command 2: 00B0000001 found, expected 00A40000",
    "Cannot replay command 4: 00200001032A2A2A found, expected 00200001022A2A",
    "Cannot replay command 6: 00200001022A2A found, expected no command",
    "Cannot replay command 8: 00B0000001 found, expected no command",
  ]);
  assert.deepEqual(card.mismatches, heard);
  assert.deepEqual(heard[0].expected, null);
  assert.equal(toHex(heard[1].expected ?? new Uint8Array(0)), "00A40000");
});

Deno.test("strict: resets that nothing follows count where the ATR changes", () => {
  const card = new ReplayedCard(recordingBy(
    ["3B00"],
    ["3B00"],
    ["3B0141"],
    ["3B00", ["00A40000", "9000"]],
  ));
  const atrs: string[] = [];
  for (let i = 0; i < 4; i++) {
    atrs.push(toHex(card.atr));
    card.powerOn();
  }
  assert.deepEqual(atrs, ["3B00", "3B0141", "3B00", "3B00"]);
  assert.equal(toHex(card.transmit(fromHex("00A40000"))), "9000");
});

Deno.test("lookup: answers in order, the last one again and again, over resets", () => {
  const card = new ReplayedCard(
    recordingBy(
      ["3B00", ["0020000101 2A", "63C2"], ["0020000101 2A", "63C1"]],
      ["3B00", ["0020000101 2A", "9000"], ["00A4000002 3F00", "9000"]],
    ),
    { mode: "lookup" },
  );
  const says = (hex: string) => toHex(card.transmit(fromHex(hex)));
  card.powerOn();
  assert.deepEqual(
    [1, 2, 3, 4].map((pin) => says(`00200001010${pin}`)),
    ["63C2", "63C1", "9000", "9000"],
  );
  assert.equal(card.isFinished, false);
  // Le behind data makes no other command.
  assert.equal(says("00A40000023F0000"), "9000");
  assert.equal(card.isFinished, true);
  assert.equal(says("00A40000023F01"), "6F00");
  assert.equal(
    card.mismatches[0].message,
    "Cannot replay command 6: 00A40000023F01 found, expected a recorded one",
  );
  for (let i = 0; i < 200; i++) says("00FF0000");
  assert.equal(card.mismatches.length, 100);
});

Deno.test("where the recorded card was silent, the replayed one is", () => {
  const card = new ReplayedCard(recordingBy(["3B00", ["00A40000", ""]]));
  card.powerOn();
  assert.throws(
    () => card.transmit(fromHex("00A40000")),
    /Cannot answer 00A40000: the recorded card did not \(STATUS_IO_TIMEOUT\)/,
  );
  assert.throws(() => new ReplayedCard(recordingBy()), RangeError);
});

Deno.test("a recording that is none says what is wrong with it", () => {
  const good = JSON.parse(
    recordingToJson(recordingBy(["3B00", ["00A40000", "9000"]])),
  );
  const reset = good.resets[0];
  const exchange = reset.exchanges[0];
  const rows: [unknown, RegExp][] = [
    [{ ...good, format: "x" }, /"format" is "x", expected "deno-smartcard rec/],
    [{ ...good, version: 3 }, /"version" is 3, expected 1/],
    [{ ...good, resets: {} }, /"resets" is \{\}, expected a list/],
    [{ ...good, resets: [7] }, /recording, reset 0: 7 found, expected an obj/],
    [{ ...good, resets: [{ ...reset, reset: "x" }] }, /expected cold, warm/],
    [{ ...good, resets: [{ ...reset, atr: "3" }] }, /"atr" is "3"/],
    [
      {
        ...good,
        resets: [{ ...reset, exchanges: [{ ...exchange, protocol: "t2" }] }],
      },
      /recording, reset 0, exchange 0: "protocol" is "t2", expected t0, t1, raw/,
    ],
  ];
  for (const [value, message] of rows) {
    assert.throws(() => parseRecording(JSON.stringify(value)), {
      name: "TypeError",
      message,
    });
  }
  assert.throws(() => parseRecording("{"), /no JSON found, expected JSON/);
});

Deno.test("a strict replay of any commands is the recording", () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 12 });
  const pair = fc.tuple(bytes, bytes);
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 10 }), (pairs) => {
      const texts = pairs.map(([command, answer]): [string, string] => [
        toHex(command),
        toHex(answer),
      ]);
      const card = new ReplayedCard(recordingBy(["3B00", ...texts]));
      card.powerOn();
      for (const [command, answer] of pairs) {
        assert.deepEqual(
          toHex(card.transmit(command)),
          toHex(answer),
        );
      }
      assert.equal(card.isFinished, true);
    }),
    { seed: 78163 },
  );
});
