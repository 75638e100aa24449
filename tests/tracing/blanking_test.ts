// Invariant: the bytes of a PIN occur in nothing that any sink puts out, and lengths stay as they are.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type CardApplication,
  ProtocolCard,
  type ProtocolCardOptions,
} from "../../src/cards/mod.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  Irp,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { traceDevice, traceLink, Tracer } from "../../src/tracing/mod.ts";
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

/** What the device floor shows of the input of one TRANSMIT, behind its header. */
function shownCommand(tracer: Tracer, command: Uint8Array): string {
  let shown = "";
  const sink = {
    write: ({ detail }: { detail: { kind: string; bytes?: Uint8Array } }) => {
      if (detail.kind === "request") {
        shown = toHex(detail.bytes?.subarray(8) ?? new Uint8Array(0));
      }
    },
  };
  tracer.addSink(sink);
  const device = traceDevice({
    deviceName: "x",
    deviceControl: () => STATUS_SUCCESS,
  }, tracer);
  device.deviceControl(transmitIrp(command));
  tracer.removeSink(sink);
  return shown;
}

function transmitIrp(command: Uint8Array): Irp {
  const systemBuffer = new Uint8Array(8 + command.length);
  systemBuffer.set([2, 0, 0, 0, 8]);
  systemBuffer.set(command, 8);
  return new Irp({
    ioControlCode: IOCTL_SMARTCARD_TRANSMIT,
    systemBuffer,
    inputLength: systemBuffer.length,
    outputLength: 0,
  });
}

Deno.test("what is blanked of a command, and what is not", () => {
  const tracer = new Tracer();
  const rows: Record<string, string> = {
    "0020000104 31323334": "0020000104 2A2A2A2A",
    "00200001": "00200001",
    "00200001 00": "00200001 00",
    // Le behind the data goes with them.
    "0021000102 3132 00": "0021000102 2A2A 2A",
    "00240001000002 3132": "00240001000002 2A2A",
    "8C2C000102 3132": "8C2C000102 2A2A",
    // Malformed: nothing but the header stays.
    "00200001 31323334": "00200001 2A2A2A2A",
    "00200001 04 313233": "00200001 2A 2A2A2A",
    "00200001 00 3132": "00200001 00 3132",
    "00200001 00 00": "00200001 2A2A",
    // Others are shown.
    "00A4000C023F00": "00A4000C023F00",
    "00220001023132": "00220001023132",
    "00C2000007 00200001 023132": "00C2000007 00200001 022A2A",
    // ENVELOPE of a toolkit: data with a tag, of which the second byte is a length.
    "80C2000007 D3200207013132": "80C2000007 D3200207013132",
    // An ENVELOPE within an ENVELOPE is none.
    "00C200000C 00C2000007 00200001 023132":
      "00C200000C 00C2000007 00200001 023132",
    "": "",
    "00": "00",
  };
  for (const [command, shown] of Object.entries(rows)) {
    assert.equal(
      shownCommand(tracer, fromHex(command)),
      toHex(fromHex(shown)),
      command,
    );
  }
  const open = new Tracer({ pins: "show" });
  assert.equal(
    shownCommand(open, fromHex("002000010431323334")),
    "002000010431323334",
  );
});

Deno.test("what is traced stays as it is, also in arrays whose slices are views", () => {
  const { tracer, outputs } = everySink();
  const command = fromHex("002000010431323334");
  let seen = "";
  const device = traceDevice({
    deviceName: "x",
    deviceControl(irp) {
      seen = toHex(irp.systemBuffer.subarray(8));
      return STATUS_SUCCESS;
    },
  }, tracer);
  const { inputLength, systemBuffer } = transmitIrp(command);
  device.deviceControl(
    new Irp({
      ioControlCode: IOCTL_SMARTCARD_TRANSMIT,
      systemBuffer: Buffer.from(systemBuffer),
      inputLength,
      outputLength: 0,
    }),
  );
  assert.equal(seen, toHex(command));
  const sent: string[] = [];
  const link = traceLink(
    {
      reset: () => {},
      powerOff: () => {},
      send: (bytes) => void sent.push(toHex(bytes)),
      receive: () => 0,
      available: 0,
    },
    tracer,
    "r",
  );
  link.send(Buffer.from(command));
  assert.deepEqual(sent, [toHex(command)]);
  assertBlanked(command.subarray(5), outputs());
});

Deno.test("malformed commands with PIN data show four bytes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PIN_INSTRUCTIONS),
      pinArbitrary,
      (ins, pin) => {
        // The first byte of the PIN stands where Lc is expected, and says more than there is.
        const command = Uint8Array.of(0, ins, 0, 1, ...pin);
        const shown = shownCommand(new Tracer(), command);
        assert.equal(
          shown,
          toHex(command.subarray(0, 4)) + "2A".repeat(pin.length),
        );
      },
    ),
    { seed: SEED },
  );
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
