// Invariant: of a command with PIN data a trace shows the header and lengths, and the command itself stays as it is.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { fromHex, NO_BYTES, toHex } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  Irp,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { traceDevice, traceLink, Tracer } from "../../src/tracing/mod.ts";
import { assertBlanked, everySink, pinArbitrary } from "./pin_outputs.ts";

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

function transmitIrp(command: Uint8Array, pciBytes = 8): Irp {
  const systemBuffer = new Uint8Array(8 + command.length);
  systemBuffer.set([2, 0, 0, 0, pciBytes]);
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
      fc.constantFrom(0x20, 0x21, 0x24, 0x26, 0x28, 0x2c),
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
    { seed: 78163 },
  );
});

Deno.test("a command that does not stand behind eight bytes of SCARD_IO_REQUEST is not shown", () => {
  const gap = new Uint8Array(4);
  const property = fc.property(
    pinArbitrary,
    fc.integer({ min: 0, max: 40 }),
    fc.boolean(),
    (pin, pciBytes, hasGap) => {
      fc.pre(pciBytes !== 8);
      const { tracer, outputs } = everySink();
      const device = traceDevice({
        deviceName: "x",
        deviceControl: () => STATUS_SUCCESS,
      }, tracer);
      const command = Buffer.concat([
        hasGap ? gap : NO_BYTES,
        fromHex("00200001"),
        Uint8Array.of(pin.length),
        pin,
      ]);
      device.deviceControl(transmitIrp(command, pciBytes));
      assertBlanked(pin, outputs());
    },
  );
  fc.assert(property, { seed: 78163 });
});
