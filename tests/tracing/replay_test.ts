// Invariant: the same commands get from a replayed card the same answers as from the recorded one.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type ApduCard,
  type CardApplication,
  createCard,
  DEFAULT_CARD_PIN,
  ProtocolCard,
} from "../../src/cards/mod.ts";
import { type ReaderDevice, SCARD_WARM_RESET } from "../../src/smclib/mod.ts";
import {
  jsonSink,
  parseRecording,
  parseTrace,
  type Recording,
  recordingOf,
  recordingToJson,
  recordSession,
  ReplayedCard,
  type ReplayMismatch,
  type ReplayOptions,
  SessionRecorder,
  Tracer,
} from "../../src/tracing/mod.ts";
import { apduDevice } from "./apdu_device.ts";
import { connect, send, tracedReader } from "./traced_reader.ts";

const PIN = toHex(new TextEncoder().encode(DEFAULT_CARD_PIN));
const SELECT_APPLICATION = "00A4040C06F044454E4F01";

type Step = (device: ReaderDevice) => Promise<string>;

/** Steps of a session with a card of this protocol, first of them the reset. */
function sessionOf(protocol: "t0" | "t1"): readonly Step[] {
  const sends = (command: string): Step => (device) =>
    send(device, protocol, command);
  const more = protocol === "t0"
    ? ["00A4040006F044454E4F01", "00C000001E", "00B2011CFF", "00B2011C10"]
    : ["00A4040006F044454E4F0100", "00B2011C00", "00D6810000000304050600"];
  return [
    (device) => connect(device, protocol),
    ...[
      SELECT_APPLICATION,
      "00B0810020",
      "00B0820000",
      "0020000104FFFFFFFF",
      `0020000104${PIN}`,
      "00D68200050102030405",
      "00B0820005",
      ...more,
      "00A40000021234",
      "80FF0000",
    ].map(sends),
    (device) => connect(device, protocol, SCARD_WARM_RESET),
    ...[SELECT_APPLICATION, "00B0820005", "0084000008"].map(sends),
  ];
}

async function play(
  device: ReaderDevice,
  steps: readonly Step[],
): Promise<string[]> {
  const answers: string[] = [];
  for (const step of steps) answers.push(await step(device));
  return answers;
}

async function recorded(
  protocol: "t0" | "t1",
  tracer = new Tracer(),
): Promise<
  { recording: Recording; answers: string[]; steps: readonly Step[] }
> {
  const card = createCard(undefined, { protocols: [protocol] });
  const { reader, device } = tracedReader(tracer, card);
  using _ = reader;
  using recorder = recordSession(tracer);
  const steps = sessionOf(protocol);
  const answers = await play(device, steps);
  return { recording: recorder.stop(), answers, steps };
}

/** Plays `steps` against the recording in a virtual reader. */
async function replayed(
  recording: Recording,
  steps: readonly Step[],
  options: ReplayOptions = {},
): Promise<{ answers: string[]; mismatches: readonly ReplayMismatch[] }> {
  const card = new ReplayedCard(recording, options);
  const application: CardApplication = card.application;
  const contacts = new ProtocolCard(application, { atr: card.atr });
  const { reader, device } = tracedReader(new Tracer(), contacts);
  using _ = reader;
  const answers = await play(device, steps);
  return { answers, mismatches: card.mismatches };
}

for (const protocol of ["t0", "t1"] as const) {
  for (const mode of ["strict", "lookup"] as const) {
    Deno.test(`a recorded session is replayed through a virtual reader: ${protocol}, ${mode}`, async () => {
      const { recording, answers, steps } = await recorded(protocol);
      const json = recordingToJson(recording);
      assert.ok(!json.includes(PIN));
      assert.deepEqual(parseRecording(json), recording);
      const again = await replayed(parseRecording(json), steps, { mode });
      assert.deepEqual(again, { answers, mismatches: [] });
      assert.equal(recording.resets.length, 2);
    });
  }
}

Deno.test("a trace that was saved is a recording, too", async () => {
  const lines: string[] = [];
  const tracer = new Tracer({ sinks: [jsonSink((line) => lines.push(line))] });
  const { recording } = await recorded("t1", tracer);
  assert.deepEqual(recordingOf(parseTrace(lines)), recording);
});

Deno.test("a session with a device that has no link is recorded and replayed", async () => {
  const steps = sessionOf("t1");
  const tracer = new Tracer();
  const recorder = recordSession(tracer);
  const original = createCard(undefined, { protocols: ["t1"] });
  const alone: ApduCard = {
    atr: original.atr,
    powerOn: () => original.application.reset(),
    reset: () => original.application.reset(),
    powerOff: () => {},
    transmit: (command) => original.application.process(command.slice()),
  };
  const answers = await play(apduDevice(alone, tracer), steps);
  const recording = recorder.stop();
  for (const mode of ["strict", "lookup"] as const) {
    const card = new ReplayedCard(recording, { mode });
    const shape: ApduCard = card;
    assert.deepEqual(
      await play(apduDevice(shape, new Tracer()), steps),
      answers,
    );
    assert.equal(card.isFinished, true);
    assert.deepEqual(card.mismatches, []);
  }
});

/** A recording by hand: for each reset its ATR and pairs of command and answer; an empty answer is silence. */
function recordingBy(
  ...resets: [atr: string, ...pairs: [command: string, answer: string][]][]
): Recording {
  return {
    reader: "r",
    isTruncated: false,
    resets: resets.map(([atr, ...pairs]) => ({
      reset: "cold",
      atr: fromHex(atr),
      exchanges: pairs.map(([command, answer]) => ({
        protocol: "t1",
        command: fromHex(command),
        response: answer === "" ? null : fromHex(answer),
        status: answer === "" ? "STATUS_IO_TIMEOUT" : "STATUS_SUCCESS",
      })),
    })),
  };
}

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

Deno.test("the recorder keeps to its limit and its reader", async () => {
  const tracer = new Tracer();
  const small = new SessionRecorder({ limitBytes: 300 });
  const other = new SessionRecorder({ reader: "another" });
  small.listen(tracer);
  other.listen(tracer);
  const { recording, steps } = await recorded("t1", tracer);
  assert.equal(recording.isTruncated, false);
  assert.equal(small.isTruncated, true);
  const kept = small.stop();
  assert.equal(kept.isTruncated, true);
  assert.deepEqual(
    kept.resets[0].exchanges,
    recording.resets[0].exchanges.slice(0, kept.resets[0].exchanges.length),
  );
  assert.ok(kept.resets[0].exchanges.length < steps.length);
  assert.deepEqual(other.stop().resets, []);
  assert.equal(tracer.isActive, false);
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
