// Invariant: whatever the service answers, the driver's card state is what the contract says.

import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import { PcscCode } from "../../../src/drivers/pcsc/codes.ts";
import {
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_IS_ABSENT,
  SCARD_ABSENT,
  SCARD_ATTR_CHARACTERISTICS,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_DEVICE_ERROR,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../../src/smclib/mod.ts";
import {
  power,
  request,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../requests.ts";
import { bench, READER, sessionBench, startSession } from "./bench.ts";
import { FakePcsc } from "./fake_library.ts";

const SELECT = fromHex("00A4000C023F00");

Deno.test("a card is powered, negotiated, used and powered down", async () => {
  await using made = await bench();
  const { fake, reader } = made;
  assert.equal(await state(reader), SCARD_ABSENT);
  const present = untilPresent(reader);
  fake.insert(READER);
  await present;
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(
    show(await power(reader, SCARD_COLD_RESET)),
    "00000000 3B80800101",
  );
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  assert.equal(
    show(await setProtocol(reader, SCARD_PROTOCOL_Tx)),
    "00000000 02000000",
  );
  assert.equal(await state(reader), SCARD_SPECIFIC);
  fake.onTransmit = (command) => command;
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT)),
    "00000000 00A4000C023F00",
  );
  assert.equal(show(await power(reader, SCARD_POWER_DOWN)), "00000000");
  assert.equal(await state(reader), SCARD_PRESENT);
  const late = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(late.status, STATUS_INVALID_DEVICE_STATE);
});

Deno.test("a cold reset takes the power away, a warm one does not", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  await power(reader, SCARD_WARM_RESET);
  await power(reader, SCARD_COLD_RESET);
  await power(reader, SCARD_POWER_DOWN);
  // Without power a warm reset is a cold one: connecting, then off and on.
  await power(reader, SCARD_WARM_RESET);
  assert.deepEqual(
    fake.calls.filter((call) => /nect/.test(call)),
    [
      "SCardReconnect 2 3 1",
      "SCardReconnect 2 3 2",
      "SCardDisconnect 2",
      "SCardConnect 2 3",
      "SCardReconnect 2 3 2",
    ],
  );
});

Deno.test("the service's choice is reset away only when the caller wants another", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  await power(reader, SCARD_WARM_RESET);
  assert.equal(
    show(await setProtocol(reader, SCARD_PROTOCOL_T0)),
    "00000000 01000000",
  );
  // Reset as the caller did, so that the ATR is still that of the card.
  assert.equal(fake.count("SCardReconnect 2 1 1"), 1);
  assert.equal(fake.count("SCardReconnect"), 2);
  const answer = await transmit(reader, SCARD_PROTOCOL_T0, SELECT);
  assert.equal(show(answer), "00000000 9000");
  assert.equal(
    (await setProtocol(reader, SCARD_PROTOCOL_T1)).status,
    STATUS_INVALID_DEVICE_STATE,
  );
});

Deno.test("a protocol that the service cannot negotiate leaves a card to reset", async () => {
  for (
    const [code, status] of [
      [PcscCode.E_PROTO_MISMATCH, STATUS_NOT_SUPPORTED],
      [PcscCode.E_NO_SMARTCARD, STATUS_NO_MEDIA],
    ]
  ) {
    await using made = await sessionBench();
    const { fake, reader } = made;
    await power(reader, SCARD_COLD_RESET);
    fake.fail("SCardReconnect", code);
    const answer = await setProtocol(reader, SCARD_PROTOCOL_T0);
    assert.equal(answer.status, status);
    assert.ok(await state(reader) <= SCARD_PRESENT);
  }
});

Deno.test("another program's reset ends the session, and a reset brings the next", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  const tracking = untilAbsent(reader);
  fake.resetByOthers(READER);
  const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(cut.status, STATUS_INVALID_DEVICE_STATE);
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(
    (await setProtocol(reader, SCARD_PROTOCOL_Tx)).status,
    STATUS_INVALID_DEVICE_STATE,
  );
  await startSession(reader);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT)),
    "00000000 9000",
  );
  fake.remove(READER);
  await tracking;
});

Deno.test("a request finds the card gone before the watcher does", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  const absent = untilAbsent(reader);
  fake.remove(READER, false);
  const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(cut.status, STATUS_NO_MEDIA);
  assert.equal(await state(reader), SCARD_ABSENT);
  await absent;
  const present = untilPresent(reader);
  fake.insert(READER);
  await present;
  await startSession(reader);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT)),
    "00000000 9000",
  );
});

Deno.test("a look that began before a removal does not bring the card back", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  // The service refuses, and its list of readers does not show it yet.
  fake.fail("SCardTransmit", PcscCode.W_REMOVED_CARD);
  const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(cut.status, STATUS_NO_MEDIA);
  let isBack = false;
  const present = untilPresent(reader).then(() => isBack = true);
  const hold = fake.hold("SCardGetStatusChange");
  fake.wakeForNothing();
  await hold.reached;
  assert.equal(isBack, false);
  assert.equal(await state(reader), SCARD_ABSENT);
  // The next look began after it: if that shows a card, there is one.
  hold.release();
  fake.useByOthers(READER, 1);
  fake.wakeForNothing();
  await present;
  assert.equal(await state(reader), SCARD_PRESENT);
});

Deno.test("a card exchanged between two looks is removed and inserted", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  const absent = request(reader, IOCTL_SMARTCARD_IS_ABSENT);
  fake.remove(READER, false);
  fake.insert(READER);
  assert.equal((await absent).status, STATUS_SUCCESS);
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(
    (await transmit(reader, SCARD_PROTOCOL_T1, SELECT)).status,
    STATUS_INVALID_DEVICE_STATE,
  );
});

Deno.test("an answer that comes after the removal is none", async () => {
  for (const name of ["SCardTransmit", "SCardReconnect"] as const) {
    await using made = await sessionBench();
    const { fake, reader } = made;
    const absent = untilAbsent(reader);
    const hold = fake.hold(name);
    const exchange = name === "SCardTransmit"
      ? transmit(reader, SCARD_PROTOCOL_T1, SELECT)
      : power(reader, SCARD_COLD_RESET);
    await hold.reached;
    fake.remove(READER);
    await absent;
    fake.insert(READER);
    hold.release();
    assert.equal((await exchange).status, STATUS_NO_MEDIA);
    await untilPresent(reader);
    assert.equal(await state(reader), SCARD_PRESENT);
  }
});

Deno.test("a failure of the reader is a removal when one follows", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  fake.onTransmit = () => {
    // vpcd's answer for a card that has just gone.
    queueMicrotask(() => fake.remove(READER));
    return new Uint8Array(0);
  };
  const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(cut.status, STATUS_NO_MEDIA);
});

Deno.test("a failure of the reader without a removal ends the session", async () => {
  const made = await Promise.all(
    [PcscCode.E_NOT_TRANSACTED, PcscCode.S_SUCCESS].map(async (code) => {
      await using made = await sessionBench();
      const { fake, reader } = made;
      if (code === PcscCode.S_SUCCESS) fake.onTransmit = () => fromHex("90");
      else fake.fail("SCardTransmit", code);
      const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
      assert.equal(await state(reader), SCARD_PRESENT);
      return cut.status;
    }),
  );
  assert.deepEqual(made, [
    STATUS_IO_DEVICE_ERROR,
    STATUS_DEVICE_PROTOCOL_ERROR,
  ]);
});

Deno.test("a card that others use is joined at the first reset, and reset at the next", async () => {
  await using made = await bench();
  const { fake, reader } = made;
  fake.insert(READER);
  await untilPresent(reader);
  fake.useByOthers(READER, 1, SCARD_PROTOCOL_T0);
  await power(reader, SCARD_COLD_RESET);
  assert.equal(fake.count("SCardReconnect"), 0);
  // The others' protocol is welcome, so that nobody has to be reset.
  assert.equal(
    show(await setProtocol(reader, SCARD_PROTOCOL_Tx)),
    "00000000 01000000",
  );
  await power(reader, SCARD_COLD_RESET);
  assert.equal(fake.count("SCardReconnect"), 1);
});

Deno.test("closing leaves a joined card alone, and powers an own one down", async () => {
  for (const others of [1, 0]) {
    await using made = await bench();
    const { fake, reader } = made;
    fake.insert(READER);
    await untilPresent(reader);
    fake.useByOthers(READER, others);
    await startSession(reader);
    await reader.close();
    assert.equal(fake.count("SCardDisconnect 0"), others);
    assert.equal(fake.count("SCardDisconnect 2"), 1 - others);
  }
});

Deno.test("exclusive sharing refuses a card that others use", async () => {
  await using made = await bench({ sharing: "exclusive" });
  const { fake, reader } = made;
  fake.insert(READER);
  await untilPresent(reader);
  fake.useByOthers(READER, 1);
  const refused = await power(reader, SCARD_COLD_RESET);
  assert.equal(refused.status, STATUS_DEVICE_BUSY);
  fake.useByOthers(READER, 0);
  assert.equal((await power(reader, SCARD_COLD_RESET)).status, STATUS_SUCCESS);
  assert.equal(fake.count("SCardReconnect 1 3 2"), 1);
});

Deno.test("malformed commands do not reach the service", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  for (
    const [length, status] of [
      [0, STATUS_INVALID_PARAMETER],
      [3, STATUS_INVALID_PARAMETER],
      [65549, STATUS_BUFFER_OVERFLOW],
    ]
  ) {
    const bytes = new Uint8Array(length);
    const got = await transmit(reader, SCARD_PROTOCOL_T1, bytes);
    assert.equal(got.status, status);
  }
  assert.equal(fake.count("SCardTransmit"), 0);
  const small = await transmit(reader, SCARD_PROTOCOL_T1, SELECT, 9 + 7);
  assert.equal(small.status, STATUS_SUCCESS);
  fake.onTransmit = () => new Uint8Array(9);
  const full = await transmit(reader, SCARD_PROTOCOL_T1, SELECT, 16);
  assert.equal(full.status, STATUS_BUFFER_TOO_SMALL);
  assert.equal(await state(reader), SCARD_SPECIFIC);
});

Deno.test("a reset that fails says why", async () => {
  for (
    const [code, status] of [
      [PcscCode.W_REMOVED_CARD, STATUS_NO_MEDIA],
      [PcscCode.E_SHARING_VIOLATION, STATUS_DEVICE_BUSY],
      [PcscCode.E_READER_UNAVAILABLE, STATUS_DEVICE_REMOVED],
    ]
  ) {
    await using made = await bench();
    const { fake, reader } = made;
    fake.insert(READER);
    await untilPresent(reader);
    fake.fail("SCardConnect", code);
    assert.equal((await power(reader, SCARD_COLD_RESET)).status, status);
  }
  await using made = await bench();
  const { fake, reader } = made;
  fake.insert(READER, new Uint8Array(0));
  await untilPresent(reader);
  const mute = await power(reader, SCARD_COLD_RESET);
  assert.equal(mute.status, STATUS_UNRECOGNIZED_MEDIA);
  assert.equal(await state(reader), SCARD_PRESENT);
});

Deno.test("only a reader that says so ejects", async () => {
  await using plain = await sessionBench();
  assert.equal(
    (await request(plain.reader, IOCTL_SMARTCARD_EJECT)).status,
    STATUS_NOT_SUPPORTED,
  );
  const fake = new FakePcsc(READER);
  fake.attributes = new Map([[
    SCARD_ATTR_CHARACTERISTICS,
    fromHex("07000000"),
  ]]);
  await using made = await bench({}, fake);
  fake.insert(READER);
  await untilPresent(made.reader);
  for (const isConnected of [false, true]) {
    if (isConnected) await startSession(made.reader);
    fake.calls.length = 0;
    const { status } = await request(made.reader, IOCTL_SMARTCARD_EJECT);
    assert.equal(status, STATUS_SUCCESS);
    assert.equal(fake.count("SCardDisconnect 3"), 1);
    assert.equal(await state(made.reader), SCARD_PRESENT);
  }
});
