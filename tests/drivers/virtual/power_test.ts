import assert from "node:assert/strict";
import { createCard } from "../../../src/cards/mod.ts";
import { VirtualReader } from "../../../src/drivers/virtual/mod.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T1,
  statusName,
} from "../../../src/smclib/mod.ts";
import { fromHex } from "../../../src/bytes.ts";
import {
  power,
  request,
  setProtocol,
  show,
  state,
  transmit,
} from "../requests.ts";

const SELECT_MF = fromHex("00A4000C023F00");

async function use(reader: VirtualReader): Promise<string> {
  await power(reader, SCARD_COLD_RESET);
  await setProtocol(reader, SCARD_PROTOCOL_T1);
  return show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF));
}

Deno.test("a reader that sleeps is off, and its card has no power", async () => {
  using reader = new VirtualReader();
  const card = createCard();
  reader.insert(card);
  assert.equal(await use(reader), "00000000 9000");
  assert.equal(reader.sleep(), undefined);
  assert.equal(card.isPowered, false);
  const refused = await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF);
  assert.equal(statusName(refused.status), "STATUS_DEVICE_POWERED_OFF");
  reader.wake();
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(await use(reader), "00000000 9000");
});

Deno.test("cards come and go unseen while the reader sleeps", async () => {
  for (const isIn of [false, true]) {
    for (const comesOrGoes of [false, true]) {
      using reader = new VirtualReader();
      if (isIn) reader.insert(createCard());
      let isDone = false;
      const code = isIn
        ? IOCTL_SMARTCARD_IS_ABSENT
        : IOCTL_SMARTCARD_IS_PRESENT;
      const tracking = request(reader, code).then((outcome) => {
        isDone = true;
        return outcome;
      });
      await reader.sleep();
      if (comesOrGoes) {
        if (isIn) reader.remove();
        else reader.insert(createCard());
      }
      for (let i = 0; i < 20; i++) await Promise.resolve();
      assert.equal(isDone, false);
      reader.wake();
      const isInNow = isIn !== comesOrGoes;
      if (isIn || isInNow) {
        assert.equal(statusName((await tracking).status), "STATUS_SUCCESS");
      } else {
        for (let i = 0; i < 20; i++) await Promise.resolve();
        assert.equal(isDone, false);
        reader.cleanup();
        await tracking;
      }
      assert.equal(
        await state(reader),
        isInNow ? SCARD_PRESENT : SCARD_ABSENT,
      );
      if (isInNow) assert.equal(await use(reader), "00000000 9000");
    }
  }
});

Deno.test("a request under way ends before the reader sleeps; waking first calls it off", async () => {
  for (const wakesEarly of [false, true]) {
    const card = createCard();
    const gate = Promise.withResolvers<void>();
    let isSlow = false;
    using reader = new VirtualReader();
    reader.insert({
      attach: (output) => card.attach(output),
      reset: (kind) => card.reset(kind),
      powerOff: () => card.powerOff(),
      receive: (bytes) => {
        const copy = bytes.slice();
        return isSlow
          ? gate.promise.then(() => card.receive(copy))
          : card.receive(copy);
      },
    });
    assert.equal(await use(reader), "00000000 9000");
    isSlow = true;
    const answer = transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF);
    const asleep = reader.sleep();
    assert.ok(asleep instanceof Promise);
    if (wakesEarly) reader.wake();
    gate.resolve();
    if (!wakesEarly) assert.equal(show(await answer), "00000000 9000");
    await answer;
    await asleep;
    isSlow = false;
    if (!wakesEarly) reader.wake();
    assert.equal(await state(reader), SCARD_PRESENT);
    // What comes now is seen.
    const removed = request(reader, IOCTL_SMARTCARD_IS_ABSENT);
    reader.remove();
    assert.equal(statusName((await removed).status), "STATUS_SUCCESS");
  }
});
