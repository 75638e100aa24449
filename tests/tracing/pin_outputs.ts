/**
 * All that a trace puts out, searched for a PIN.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes.ts";
import {
  jsonSink,
  pcapngSink,
  recordingToJson,
  SessionRecorder,
  textSink,
  type TraceEvent,
  Tracer,
  type TracerOptions,
} from "../../src/tracing/mod.ts";

/** So many bytes of a PIN in a row are a find. */
const WINDOW_BYTES = 3;

/** PINs whose bytes appear nowhere else in a session: from 81 to F8, none twice. */
export const pinArbitrary: fc.Arbitrary<Uint8Array> = fc.uniqueArray(
  fc.integer({ min: 0x81, max: 0xf8 }),
  { minLength: 4, maxLength: 16 },
).map((values) => Uint8Array.from(values));

/** A tracer with every sink there is, and what they put out. */
export function everySink(options: TracerOptions = {}) {
  const texts: string[] = [];
  const chunks: Uint8Array[] = [];
  const events: TraceEvent[] = [];
  const recorder = new SessionRecorder();
  const print = (line: string) => texts.push(line);
  const write = (chunk: Uint8Array) => chunks.push(chunk);
  const tracer = new Tracer({
    ...options,
    sinks: [
      textSink(print),
      textSink(print, { rowBytes: 100_000, limitBytes: 100_000 }),
      jsonSink(print),
      pcapngSink(write),
      pcapngSink(write, { atrAndPps: "gsmtap" }),
      recorder,
      { write: (event) => events.push(event) },
    ],
  });
  const outputs = () => ({
    texts: [...texts, recordingToJson(recorder.recording)],
    chunks,
    events,
  });
  return { tracer, outputs, recorder };
}

/** Places where three bytes of `pin` in a row came out, in text, in bytes, or over several events. */
export function findsOf(
  pin: Uint8Array,
  { texts, chunks, events }: {
    texts: readonly string[];
    chunks: readonly Uint8Array[];
    events: readonly TraceEvent[];
  },
): string[] {
  const windows: string[] = [];
  for (let at = 0; at + WINDOW_BYTES <= pin.length; at++) {
    windows.push(toHex(pin.subarray(at, at + WINDOW_BYTES)));
  }
  const sent = events.map(({ detail }) =>
    detail.kind === "sent" ? toHex(detail.bytes) : ""
  );
  const received = events.map(({ detail }) =>
    detail.kind === "received" ? toHex(detail.bytes) : ""
  );
  const haystacks = [
    ...texts.map((text) => text.replaceAll(/(?<=[0-9A-F]) (?=[0-9A-F])/g, "")),
    ...chunks.map((chunk) => toHex(chunk)),
    sent.join(""),
    received.join(""),
  ];
  return haystacks.filter((text) => windows.some((hex) => text.includes(hex)));
}

/** Fails when anything of `pin` came out. */
export function assertBlanked(
  pin: Uint8Array,
  outputs: Parameters<typeof findsOf>[1],
): void {
  assert.deepEqual(findsOf(pin, outputs), []);
}
