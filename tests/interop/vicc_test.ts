// Invariant: a foreign card, written by others against vsmartcard's reader, is a card in this reader.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { VpcdReader } from "../../src/drivers/vpcd/mod.ts";
import {
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
} from "../../src/smclib/mod.ts";
import {
  power,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../drivers/requests.ts";
import { Vicc, viccTest } from "./vicc.ts";

const ATR = "3B951381018073FF01000B";
const SELECT_MF = "00A4000C023F00";

/** Sends one APDU in hexadecimal, and shows the status and the answer. */
async function send(reader: VpcdReader, apdu: string): Promise<string> {
  return show(await transmit(reader, SCARD_PROTOCOL_T1, fromHex(apdu)));
}

async function reset(reader: VpcdReader, action: number): Promise<void> {
  assert.equal(show(await power(reader, action)), `00000000 ${ATR}`);
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  assert.equal(
    show(await setProtocol(reader, SCARD_PROTOCOL_Tx)),
    "00000000 02000000",
  );
  assert.equal(await state(reader), SCARD_SPECIFIC);
}

viccTest("is powered, reset and selected", async (program) => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using _card = new Vicc(program, reader.port);
  await untilPresent(reader);
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(
    show(await power(reader, SCARD_COLD_RESET)),
    `00000000 ${ATR}`,
  );
  assert.equal(
    (await setProtocol(reader, SCARD_PROTOCOL_T0)).status,
    STATUS_NOT_SUPPORTED,
  );
  await reset(reader, SCARD_WARM_RESET);
  assert.equal(await send(reader, SELECT_MF), "00000000 9000");
  assert.equal(show(await power(reader, SCARD_POWER_DOWN)), "00000000");
  assert.equal(await state(reader), SCARD_PRESENT);
  await reset(reader, SCARD_COLD_RESET);
  assert.equal(await send(reader, SELECT_MF), "00000000 9000");
});

viccTest("keeps a file that was created, written and read", async (program) => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using _card = new Vicc(program, reader.port);
  await untilPresent(reader);
  await reset(reader, SCARD_COLD_RESET);
  const script: [apdu: string, answer: string][] = [
    [SELECT_MF, "9000"],
    ["00B0000010", "6986"],
    // CREATE FILE: transparent, 16 bytes, identifier 4001.
    ["00E0000010620E8002001082010183024001880108", "9000"],
    ["00A4000C024001", "9000"],
    // With Le, since Debian's vicc crashes without; then it warns of no data (6282).
    ["00D6000004DEADBEEF00", "(9000|6282)"],
    ["00B0000006", "DEADBEEF00009000"],
    ["00A4000C021234", "6A82"],
    // VERIFY with vicc's PIN, which is 1234.
    ["002000000431323334", "9000"],
    ["80FF0000", "6D00"],
    ["0084000008", "[0-9A-F]{16}9000"],
  ];
  for (const [apdu, answer] of script) {
    const expected = new RegExp(`^00000000 ${answer}$`);
    assert.match(await send(reader, apdu), expected, apdu);
  }

  await reset(reader, SCARD_WARM_RESET);
  assert.equal(await send(reader, "00A4000C024001"), "00000000 9000");
  assert.equal(await send(reader, "00B0000004"), "00000000 DEADBEEF9000");
});

viccTest(
  "is removed when killed, and another takes its place",
  async (program) => {
    await using reader = VpcdReader.listen({ port: 0 });
    for (let round = 0; round < 2; round++) {
      const present = untilPresent(reader);
      await using card = new Vicc(program, reader.port);
      await present;
      await reset(reader, SCARD_COLD_RESET);
      assert.equal(await send(reader, SELECT_MF), "00000000 9000");
      const absent = untilAbsent(reader);
      await card.stop();
      await absent;
      assert.equal(await state(reader), SCARD_ABSENT);
      const late = await transmit(
        reader,
        SCARD_PROTOCOL_T1,
        fromHex(SELECT_MF),
      );
      assert.equal(late.status, STATUS_NO_MEDIA);
    }
  },
);

viccTest("waits while another vicc is in", async (program) => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using first = new Vicc(program, reader.port);
  await untilPresent(reader);
  await using _second = new Vicc(program, reader.port);
  await reset(reader, SCARD_COLD_RESET);
  const absent = untilAbsent(reader);
  await first.stop();
  await absent;
  await untilPresent(reader);
  await reset(reader, SCARD_COLD_RESET);
  assert.equal(await send(reader, SELECT_MF), "00000000 9000");
});

viccTest("is no media when it crashes over a command", async (program) => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using card = new Vicc(program, reader.port);
  await untilPresent(reader);
  await reset(reader, SCARD_COLD_RESET);
  // Debian's vicc 3.3 ends with a TypeError when it has to build an FCI.
  const answer = await send(reader, "00A40000023F00");
  if (!/^C0000178$/.test(answer)) {
    assert.match(answer, /^00000000 .*9000$/);
    return;
  }
  assert.match(await card.ended, /Error/);
  assert.equal(await state(reader), SCARD_ABSENT);
});

viccTest(
  "of other types is a card with an ATR, or none at all",
  async (program) => {
    await using reader = VpcdReader.listen({ port: 0 });
    {
      await using card = new Vicc(program, reader.port, "cryptoflex");
      const irp = new Irp({
        ioControlCode: IOCTL_SMARTCARD_IS_PRESENT,
        systemBuffer: new Uint8Array(0),
        inputLength: 0,
        outputLength: 0,
      });
      await reader.deviceControl(irp);
      await Promise.race([irp.completion, card.ended]);
      if (irp.isCompleted) {
        const { output } = await power(reader, SCARD_COLD_RESET);
        assert.match(toHex(output), /^3[BF]/);
      } else {
        // Debian's vicc 3.3 ends with a TypeError over this card's ATR.
        assert.match(await card.ended, /Error/);
        assert.equal(await state(reader), SCARD_ABSENT);
      }
      reader.cleanup();
    }
    await using _card = new Vicc(program, reader.port);
    await untilPresent(reader);
    await reset(reader, SCARD_COLD_RESET);
  },
);
