/** PIN commands from named contexts only, and no way around. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  pinCommandsFrom,
  SCARD_PROTOCOL_RAW,
} from "../../src/resource_manager/mod.ts";
import { IOCTL_SMARTCARD_TRANSMIT } from "../../src/smclib/mod.ts";
import { bench, fails } from "./bench.ts";

const NAME = "Fake Reader 0";

const PIN_COMMANDS = [
  ["VERIFY", "0020008104 31323334"],
  ["VERIFY, BER-TLV data", "0021008104 31323334"],
  ["VERIFY, T=0 TPDU without data", "0020008100"],
  ["VERIFY, case 1", "00200081"],
  ["VERIFY, chained", "1020008104 31323334"],
  ["VERIFY, last logical channel, chained, secure messaging", "7F20008100"],
  ["VERIFY, GSM", "A020000108 31323334FFFFFFFF"],
  ["VERIFY, extended length", "0020008100000431323334"],
  ["CHANGE REFERENCE DATA", "0024008102 3132"],
  ["CHANGE REFERENCE DATA, BER-TLV data", "0025008102 3132"],
  ["DISABLE VERIFICATION REQUIREMENT", "0026008102 3132"],
  ["ENABLE VERIFICATION REQUIREMENT", "0028008102 3132"],
  ["RESET RETRY COUNTER", "002C008102 3132"],
  ["RESET RETRY COUNTER, BER-TLV data", "002D008102 3132"],
  ["VERIFY in an ENVELOPE", "00C2000009 0020008104 31323334"],
] as const;

Deno.test("pinCommandsFrom: PIN commands of named contexts alone reach the card", async () => {
  await using setup = await bench();
  const policy = pinCommandsFrom(["opensc"]);
  const open = async (name?: string) =>
    await setup.manager.establishContext({ name, policy }).connect(NAME);
  const named = await open("opensc");
  const others = [await open("OpenSC"), await open(""), await open()];
  for (const [what, hex] of PIN_COMMANDS) {
    const apdu = fromHex(hex.replaceAll(" ", ""));
    for (const other of others) {
      await fails("SCARD_E_NO_ACCESS", () => other.transmit(apdu));
      const header = fromHex("0200000008000000");
      const request = Uint8Array.of(...header, ...apdu);
      await fails(
        "SCARD_E_NO_ACCESS",
        () => other.control(IOCTL_SMARTCARD_TRANSMIT, request),
      );
    }
    assert.ok((await named.transmit(apdu)).length >= 2, what);
  }
  assert.equal(
    setup.device.count(IOCTL_SMARTCARD_TRANSMIT),
    PIN_COMMANDS.length,
  );
  // What is none passes: SELECT, MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION.
  for (const hex of ["00A40400", "002241B6", "002A9E9A", "00B0002000"]) {
    for (const other of others) await other.transmit(fromHex(hex));
  }
});

Deno.test("pinCommandsFrom: no way around through raw bytes and vendors' codes", async () => {
  await using setup = await bench();
  setup.device.vendorControl = () => Uint8Array.of(1);
  const policy = pinCommandsFrom(["opensc"], { controlCodes: [0x00312008] });
  const context = setup.manager.establishContext({ name: "web", policy });
  await fails(
    "SCARD_W_SECURITY_VIOLATION",
    () => context.connect(NAME, { protocols: SCARD_PROTOCOL_RAW }),
  );
  const connection = await context.connect(NAME, { shareMode: "direct" });
  const none = new Uint8Array();
  for (const code of [0x00312000, 0x42000001, 0x00310190, 0x00316124, 0]) {
    await fails("SCARD_E_NO_ACCESS", () => connection.control(code, none));
  }
  for (const code of [0x00312008, 0x00313520, 0x42000D48]) {
    assert.deepEqual(await connection.control(code, none), Uint8Array.of(1));
  }
  await fails(
    "SCARD_E_NO_ACCESS",
    () => connection.control(0x00310030, Uint8Array.of(0, 0, 1, 0)),
  );
});

Deno.test("pinCommandsFrom: for every APDU, class and lengths decide nothing", () => {
  const { transmit } = pinCommandsFrom([]);
  const pin = new Set([0x20, 0x21, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29]);
  for (const ins of [0x2C, 0x2D, 0xC2, 0xC3]) pin.add(ins);
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 300 }),
      fc.constantFrom(1, 2),
      (apdu, protocol) => {
        const [cla, ins, p1, p2] = apdu;
        const verdict = transmit!({
          contextId: 1,
          contextName: "",
          readerName: NAME,
          protocol,
          cla,
          ins,
          p1,
          p2,
          apdu,
        });
        assert.equal(verdict === true, !pin.has(ins));
      },
    ),
    { seed: 78163, numRuns: 2000 },
  );
});
