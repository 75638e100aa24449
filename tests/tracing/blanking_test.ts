// Invariant: the bytes of a PIN occur in nothing that any sink puts out, and lengths stay as they are.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  type CardApplication,
  ProtocolCard,
  type ProtocolCardOptions,
} from "../../src/cards/mod.ts";
import {
  assertBlanked,
  everySink,
  findsOf,
  pinArbitrary,
} from "./pin_outputs.ts";
import { connect, send, tracedReader } from "./traced_reader.ts";

const SEED = 78163;
const PIN_INSTRUCTIONS = [0x20, 0x21, 0x24, 0x25, 0x26, 0x28, 0x2c, 0x2d];

interface PinCommand {
  readonly pin: Uint8Array;
  readonly cla: number;
  readonly ins: number;
  /** Padding before and behind the PIN. */
  readonly before: number;
  readonly behind: number;
}

const pinCommand: fc.Arbitrary<PinCommand> = fc.record({
  pin: pinArbitrary,
  // 'FF' is no class (PPS).
  cla: fc.integer({ min: 0, max: 0xfe }),
  ins: fc.constantFrom(...PIN_INSTRUCTIONS),
  before: fc.integer({ min: 0, max: 40 }),
  behind: fc.integer({ min: 0, max: 40 }),
});

function dataOf({ pin, before, behind }: PinCommand): Uint8Array {
  const data = new Uint8Array(before + pin.length + behind).fill(0x11);
  data.set(pin, before);
  return data;
}

function commandOf(command: PinCommand, isExtended: boolean): Uint8Array {
  const { cla, ins } = command;
  const data = dataOf(command);
  const lc = isExtended ? [0, data.length >> 8, data.length & 255] : [
    data.length,
  ];
  return Uint8Array.of(cla, ins, 0, 1, ...lc, ...data);
}

/** A card that says back what it got. */
const ECHO = {
  process: (command: Uint8Array) =>
    Uint8Array.of(...command.subarray(5, 200), 0x90, 0x00),
  reset: () => {},
};
/** A card that says no more than a status. */
const QUIET = {
  process: () => Uint8Array.of(0x90, 0x00),
  reset: () => {},
};

async function runs(
  protocol: "t0" | "t1",
  commands: readonly Uint8Array[],
  options: ProtocolCardOptions,
  application: CardApplication = QUIET,
) {
  const sinks = everySink();
  const card = new ProtocolCard(application, options);
  const { reader, device } = tracedReader(sinks.tracer, card);
  using _ = reader;
  await connect(device, protocol);
  await send(device, protocol, "00A4040C06F044454E4F01");
  for (const command of commands) await send(device, protocol, command);
  await send(device, protocol, "00B0000004");
  return sinks.outputs();
}

Deno.test("T=1: any size of blocks, short and extended, answers that repeat the PIN", async () => {
  await fc.assert(
    fc.asyncProperty(
      pinCommand,
      fc.integer({ min: 1, max: 254 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("LRC" as const, "CRC" as const),
      async (command, ifscBytes, isExtended, echoes, edc) => {
        const outputs = await runs(
          "t1",
          [commandOf(command, isExtended)],
          { atr: { protocols: [1], ifscBytes, edc } },
          echoes ? ECHO : QUIET,
        );
        assertBlanked(command.pin, outputs);
        const shown = outputs.events.find(({ floor, detail }) =>
          floor === "device" && detail.kind === "request" && detail.blanked
        );
        assert.ok(shown !== undefined && "bytes" in shown.detail);
        const { bytes } = shown.detail;
        const data = dataOf(command);
        assert.deepEqual(
          bytes.subarray(-data.length),
          new Uint8Array(data.length).fill(0x2a),
        );
        const header = commandOf(command, isExtended);
        const headerBytes = header.length - data.length;
        assert.deepEqual(
          bytes.subarray(8, 8 + headerBytes),
          header.subarray(0, headerBytes),
        );
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
});

Deno.test("T=0: all at once and byte by byte", async () => {
  const procedure = fc.array(
    fc.constantFrom("null" as const, "one" as const, "all" as const),
    { minLength: 1, maxLength: 5 },
  ).filter((bytes) => bytes.some((byte) => byte !== "null"));
  await fc.assert(
    fc.asyncProperty(pinCommand, procedure, async (command, procedure) => {
      const outputs = await runs("t0", [commandOf(command, false)], {
        atr: { protocols: [0] },
        t0: { procedure },
      });
      assertBlanked(command.pin, outputs);
    }),
    { seed: SEED, numRuns: 60 },
  );
});

Deno.test("a link with faults: repeated, cut, doubled and spoilt blocks, echoed by the card", async () => {
  const at = fc.record({
    direction: fc.constantFrom("to-card" as const, "from-card" as const),
    which: fc.record({
      kind: fc.constant("random" as const),
      seed: fc.nat(),
      perMillion: fc.integer({ min: 1_000, max: 200_000 }),
    }),
  });
  const fault = fc.oneof(
    fc.record({
      kind: fc.constant("flip" as const),
      bit: fc.integer({ min: 0, max: 7 }),
      at,
    }),
    fc.record({
      kind: fc.constantFrom("lose" as const, "double" as const),
      at,
    }),
    fc.record({
      kind: fc.constantFrom("mute" as const, "duplicate" as const),
      at,
    }),
    fc.record({
      kind: fc.constant("truncate" as const),
      keep: fc.integer({ min: 1, max: 9 }),
      at,
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      pinCommand,
      fc.integer({ min: 3, max: 30 }),
      fc.array(fault, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("t0" as const, "t1" as const),
      async (command, ifscBytes, faults, protocol) => {
        const sinks = everySink();
        const card = new ProtocolCard(ECHO, {
          atr: protocol === "t0"
            ? { protocols: [0] }
            : { protocols: [1], ifscBytes },
        });
        const { reader, device } = tracedReader(sinks.tracer, card, {
          timer: (_, run) => {
            queueMicrotask(run);
            return () => {};
          },
        });
        using _ = reader;
        await connect(device, protocol);
        const until = { kind: "never" as const };
        reader.inject(faults.map((what) => ({ what, until })));
        const bytes = commandOf(command, false);
        for (let i = 0; i < 3; i++) {
          await send(device, protocol, "00B0000004");
          await send(device, protocol, bytes);
        }
        assertBlanked(command.pin, sinks.outputs());
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

Deno.test("ENVELOPEs of any size, in both protocols", async () => {
  await fc.assert(
    fc.asyncProperty(
      pinCommand,
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom("t0" as const, "t1" as const),
      fc.boolean(),
      async (command, sizes, protocol, isExtended) => {
        // A class byte from C0 on is taken for a tag of a toolkit.
        const cla = command.cla & 0x7f;
        const inner = commandOf({ ...command, cla }, isExtended);
        const envelopes: Uint8Array[] = [];
        for (let at = 0; at < inner.length;) {
          const size = sizes[envelopes.length % sizes.length];
          const segment = inner.subarray(at, at + size);
          at += size;
          envelopes.push(
            Uint8Array.of(cla, 0xc2, 0, 0, segment.length, ...segment),
          );
        }
        const outputs = await runs(protocol, envelopes, {
          atr: { protocols: [protocol === "t0" ? 0 : 1] },
          t0: { envelope: false },
        });
        assertBlanked(command.pin, outputs);
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
});

Deno.test("ENVELOPEs that begin another command than the one before", async () => {
  const pin = fromHex("8182838485");
  const verify = Uint8Array.of(0, 0x20, 0, 1, 5, ...pin);
  const envelope = (...data: number[]) =>
    Uint8Array.of(0, 0xc2, 0, 0, data.length, ...data);
  const plain = [0, 0xa4, 0, 0];
  for (
    const before of [
      // Four bytes may be a whole command, or the header of a longer one.
      [envelope(...plain)],
      [envelope(...plain, 2, 0x3f, 0x00)],
      // Le comes on its own.
      [envelope(...plain, 2, 0x3f, 0x00), envelope(0)],
      [envelope(...plain, 0, 0, 2, 0x3f, 0), envelope(0, 0)],
      // A command outside ends a sequence.
      [envelope(...plain, 99), fromHex("00B0000000")],
    ]
  ) {
    const outputs = await runs("t1", [...before, envelope(...verify)], {
      protocols: ["t1"],
    });
    assertBlanked(pin, outputs);
  }
});

Deno.test("PINs are shown when they are asked for", async () => {
  const pin = fromHex("8182838485");
  const { tracer, outputs } = everySink({ pins: "show" });
  const { reader, device } = tracedReader(
    tracer,
    new ProtocolCard(QUIET, { protocols: ["t1"] }),
  );
  using _ = reader;
  await connect(device, "t1");
  await send(device, "t1", Uint8Array.of(0, 0x20, 0, 1, 5, ...pin));
  const finds = findsOf(pin, outputs());
  // Three floors in two texts and JSON, two captures, the recording, and what was sent.
  assert.ok(finds.length >= 3 * 3 + 2 + 1 + 1, `${finds.length}`);
});
