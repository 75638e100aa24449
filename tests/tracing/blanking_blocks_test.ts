// Invariant: repeated, restarted and interleaved blocks of T=1 give no byte of a PIN away.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import type { CardLink } from "../../src/contact_reader/mod.ts";
import { traceLink } from "../../src/tracing/mod.ts";
import { assertBlanked, everySink, pinArbitrary } from "./pin_outputs.ts";

/** T=1 only, IFSC 254, LRC. */
const ATR_T1 = fromHex("3B808131FE4501");

/** A link whose card says what it is told to say. */
function puppet() {
  let incoming: Uint8Array = new Uint8Array(0);
  const sinks = everySink();
  const link: CardLink = {
    reset: () => {},
    powerOff: () => {},
    send: () => {},
    receive(target, offset) {
      target.set(incoming, offset);
      return incoming.length;
    },
    available: 0,
  };
  const traced = traceLink(link, sinks.tracer, "r");
  const says = (bytes: Uint8Array) => {
    incoming = bytes;
    traced.receive(new Uint8Array(300), 0, bytes.length, 1);
  };
  traced.reset("cold");
  says(ATR_T1);
  return { traced, says, outputs: sinks.outputs };
}

function block(pcb: number, inf: ArrayLike<number> = []): Uint8Array {
  const bytes = Uint8Array.of(0, pcb, inf.length, ...Array.from(inf), 0);
  bytes[bytes.length - 1] = bytes.reduce((sum, byte) => sum ^ byte, 0);
  return bytes;
}

/** The blocks of a command, numbered from `ns` on. */
function chainOf(command: Uint8Array, size: number, ns: number): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < command.length; at += size, ns ^= 1) {
    const more = at + size < command.length ? 0x20 : 0;
    blocks.push(block(ns << 6 | more, command.subarray(at, at + size)));
  }
  return blocks;
}

const disturbances = fc.array(
  fc.constantFrom(
    "repeat" as const,
    "r-block" as const,
    "ifs" as const,
    "wtx" as const,
    "silence" as const,
    "none" as const,
    "none" as const,
  ),
  { maxLength: 30 },
);

Deno.test("chains with repetitions, S-blocks and silence in between", () => {
  fc.assert(
    fc.property(
      pinArbitrary,
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, 1),
      disturbances,
      (pin, size, ns, disturbed) => {
        const { traced, says, outputs } = puppet();
        const command = Uint8Array.of(0, 0x20, 0, 1, pin.length, ...pin);
        const blocks = chainOf(command, size, ns);
        blocks.forEach((bytes, at) => {
          traced.send(bytes);
          switch (disturbed[at] ?? "none") {
            case "repeat":
              says(block(0x81));
              traced.send(bytes);
              break;
            case "r-block":
              traced.send(block(0x82));
              says(block(0x92));
              traced.send(bytes);
              break;
            case "ifs":
              says(block(0xc1, [32]));
              traced.send(block(0xe1, [32]));
              break;
            case "wtx":
              says(block(0xc3, [2]));
              traced.send(block(0xe3, [2]));
              break;
            case "silence":
              says(new Uint8Array(0));
              traced.send(bytes);
          }
          says(block(0x80 | (at & 1) << 4));
        });
        // The card repeats what it got.
        says(block(0x20, pin));
        traced.send(block(0x90));
        says(block(0x40, [0x90, 0x00]));
        assertBlanked(pin, outputs());
      },
    ),
    { seed: 78163, numRuns: 200 },
  );
});

Deno.test("a chain that is given up and begun again, by RESYNCH, ABORT, a reset, or without a word", () => {
  fc.assert(
    fc.property(
      pinArbitrary,
      fc.integer({ min: 2, max: 12 }),
      fc.nat({ max: 6 }),
      fc.constantFrom("resynch", "abort", "reset", "nothing"),
      fc.boolean(),
      (pin, size, given, way, isOther) => {
        const { traced, says, outputs } = puppet();
        const verify = Uint8Array.of(0, 0x20, 0, 1, pin.length, ...pin);
        // What was begun is the same command, or a harmless one.
        const begun = isOther
          ? Uint8Array.of(0, 0xd6, 0, 0, 40, ...new Uint8Array(40).fill(0x11))
          : verify;
        const parts = chainOf(begun, size, 0).slice(0, 1 + given);
        for (const bytes of parts) {
          traced.send(bytes);
          says(block(0x80));
        }
        let ns = 0;
        if (way === "resynch") {
          traced.send(block(0xc0));
          says(block(0xe0));
        } else if (way === "abort") {
          says(block(0xc2));
          traced.send(block(0xe2));
          ns = parts.length & 1;
        } else if (way === "reset") {
          traced.reset("warm");
          says(ATR_T1);
        } else {
          // Begun again with the number of the last block, as if that had been lost.
          ns = (parts.length - 1) & 1;
        }
        for (const bytes of chainOf(verify, size, ns)) {
          traced.send(bytes);
          says(block(0x80));
        }
        assertBlanked(pin, outputs());
      },
    ),
    { seed: 78163, numRuns: 300 },
  );
});

Deno.test("check bytes tell nothing of what was blanked", () => {
  const { traced, outputs } = puppet();
  traced.send(block(0x00, fromHex("002000010431323334")));
  const { detail } = outputs().events.at(-1) ?? assert.fail("no event");
  assert.ok("bytes" in detail);
  assert.deepEqual(
    detail.bytes,
    fromHex("000009 0020000104 2A2A2A2A 2A"),
  );
});
