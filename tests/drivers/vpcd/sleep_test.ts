// Invariant: a reader that sleeps tells nothing, and when it wakes it tells what it missed.

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  STATUS_DEVICE_POWERED_OFF,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import {
  power,
  request,
  state,
  untilAbsent,
  untilPresent,
} from "../requests.ts";
import { DIRECTIONS, emptyReader } from "./pair.ts";
import { RecordedCard } from "./recorded_card.ts";

for (const direction of DIRECTIONS) {
  Deno.test(`${direction}: the card is powered down in its sleep, and stays`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const off = Promise.withResolvers<void>();
    const card = new RecordedCard({ onPowerOff: () => off.resolve() });
    await using _plug = await slot.insert(card);
    await untilPresent(reader);
    await power(reader, SCARD_COLD_RESET);
    await reader.sleep();
    await off.promise;
    assert.equal(card.take(), "on off");
    const { status } = await power(reader, SCARD_COLD_RESET);
    assert.equal(status, STATUS_DEVICE_POWERED_OFF);
    await reader.wake();
    assert.equal(await state(reader), SCARD_PRESENT);
    const reset = await power(reader, SCARD_COLD_RESET);
    assert.equal(reset.status, STATUS_SUCCESS);
  });

  Deno.test(`${direction}: a removal in its sleep is told when it wakes`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const plug = await slot.insert(new RecordedCard());
    await untilPresent(reader);
    let isTold = false;
    const absent = request(reader, IOCTL_SMARTCARD_IS_ABSENT).then((end) => {
      isTold = true;
      return end;
    });
    await reader.sleep();
    await plug.close();
    // An exchange over the same loop of events, so that the reader has heard of the removal.
    await using other = emptyReader("reader listens");
    await using _other = await other.insert(new RecordedCard());
    await untilPresent(other.reader);
    assert.ok(!isTold);
    await reader.wake();
    assert.equal((await absent).status, STATUS_SUCCESS);
    await untilAbsent(reader);
    assert.equal(await state(reader), SCARD_ABSENT);
  });

  Deno.test(`${direction}: a card that came in its sleep is there when it wakes`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const present = untilPresent(reader);
    await reader.sleep();
    const asked = Promise.withResolvers<void>();
    const card = new RecordedCard();
    const atr = card.atr;
    Object.defineProperty(card, "atr", {
      get() {
        asked.resolve();
        return atr;
      },
    });
    await using _plug = await slot.insert(card);
    await asked.promise;
    await reader.wake();
    await present;
    assert.equal(await state(reader), SCARD_PRESENT);
  });
}

Deno.test("a reader that is sent to sleep while it wakes stays off", async () => {
  await using slot = emptyReader("reader listens");
  const { reader } = slot;
  await using _plug = await slot.insert(new RecordedCard());
  await untilPresent(reader);
  await reader.sleep();
  const woken = reader.wake();
  await reader.sleep();
  await woken;
  assert.equal(
    (await power(reader, SCARD_COLD_RESET)).status,
    STATUS_DEVICE_POWERED_OFF,
  );
  await reader.wake();
  assert.equal((await power(reader, SCARD_COLD_RESET)).status, STATUS_SUCCESS);
});

Deno.test("a second wake waits for the first: the card has one request at a time", async () => {
  await using slot = emptyReader("reader listens");
  const { reader } = slot;
  await using _plug = await slot.insert(new RecordedCard());
  await untilPresent(reader);
  await reader.sleep();
  const first = reader.wake();
  await reader.wake();
  assert.equal((await power(reader, SCARD_COLD_RESET)).status, STATUS_SUCCESS);
  await first;
});
