// Invariant: the same commands get from a replayed card the same answers as from the recorded one.

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
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
