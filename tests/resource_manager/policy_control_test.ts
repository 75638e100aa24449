/** Nothing goes around a policy: neither control codes, nor connections of others. */

import assert from "node:assert/strict";
import { SCARD_LEAVE_CARD } from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
} from "../../src/smclib/mod.ts";
import { bench, fails } from "./bench.ts";

const NAME = "Fake Reader 0";
const APDU = Uint8Array.of(0x00, 0xA4, 0x04, 0x0C);

Deno.test("policy: control requests that do something else are put to both rules", async () => {
  await using setup = await bench();
  const asked: string[] = [];
  const note = (text: string) => (asked.push(text), "seen");
  const connection = await setup.manager.establishContext({
    policy: {
      connect: ({ exists, protocols }) =>
        !exists || note(`connect ${protocols}`),
      transmit: ({ ins, protocol }) => note(`transmit ${ins} ${protocol}`),
      control: ({ code }) => (asked.push(code.toString(16)), true),
      setAttribute: ({ tag, value }) => note(`attribute ${tag} ${value}`),
      dispose: ({ disposition, occasion }) =>
        note(`${occasion} ${disposition}`),
    },
  }).connect(NAME);
  const cases: [number, number[], string][] = [
    [
      IOCTL_SMARTCARD_TRANSMIT,
      [2, 0, 0, 0, 8, 0, 0, 0, 0, 0x20, 0, 1],
      "transmit 32 2",
    ],
    [IOCTL_SMARTCARD_POWER, [0, 0, 0, 0], "control 2"],
    [IOCTL_SMARTCARD_POWER, [1, 0, 0, 0], "control 2"],
    [IOCTL_SMARTCARD_POWER, [2, 0, 0, 0], "control 1"],
    [IOCTL_SMARTCARD_EJECT, [], "control 3"],
    [IOCTL_SMARTCARD_CONFISCATE, [], "control 3"],
    [IOCTL_SMARTCARD_SET_PROTOCOL, [1, 0, 0, 0], "connect 1"],
    [IOCTL_SMARTCARD_SET_ATTRIBUTE, [7, 0, 0, 0, 9], "attribute 7 9"],
  ];
  const { length } = setup.device.log;
  for (const [code, input, expected] of cases) {
    asked.length = 0;
    const work = () => connection.control(code, Uint8Array.from(input));
    await fails("SCARD_E_NO_ACCESS", work);
    assert.deepEqual(asked, [code.toString(16), expected]);
    asked.length = 0;
    await fails(
      "SCARD_E_NO_ACCESS",
      () => connection.control(code + 2 ** 32, Uint8Array.from(input)),
    );
    assert.deepEqual(asked, [code.toString(16), expected], "beyond 32 bits");
  }
  // A header of another length: the APDU could begin anywhere.
  for (const pciLength of [0, 9, 12]) {
    const input = [
      2,
      0,
      0,
      0,
      pciLength,
      0,
      0,
      0,
      0,
      0xB0,
      0,
      0,
      0,
      0x20,
      0,
      0,
    ];
    const message = await fails(
      "SCARD_E_NO_ACCESS",
      () =>
        connection.control(IOCTL_SMARTCARD_TRANSMIT, Uint8Array.from(input)),
    );
    assert.match(message, /header is not one of 8 bytes/);
  }
  assert.equal(setup.device.log.length, length);
});

Deno.test("policy: the end of a context resets without asking, and ends its connections", async () => {
  await using setup = await bench();
  const connection = await setup.manager.establishContext({
    policy: { dispose: () => false },
  }).connect(NAME);
  const { context } = connection;
  const stranger = setup.manager.establishContext({ name: "other" });
  context.assertOwns(connection, "transmit");
  assert.throws(
    () => stranger.assertOwns(connection, "transmit"),
    (error: Error) => {
      assert.equal(error.name, "SCARD_E_INVALID_HANDLE");
      assert.match(error.message, /is not one of context \d+ \("other"\)/);
      return true;
    },
  );
  await connection.beginTransaction();
  const before = setup.reader.slot.resets;
  await context.release();
  assert.equal(setup.reader.slot.resets, before + 1);
  assert.throws(() => context.assertOwns(connection, "transmit"));
  for (
    const work of [
      () => connection.transmit(APDU),
      () => connection.control(0x00312000, APDU),
      () => connection.status(),
      () => connection.getAttribute(0x00010100),
      () => connection.beginTransaction(),
      () => connection.disconnect(SCARD_LEAVE_CARD),
      () => connection.reconnect({ shareMode: "shared", protocols: 3 }),
    ]
  ) await fails("SCARD_E_INVALID_HANDLE", work);
});
