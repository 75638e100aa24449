import assert from "node:assert/strict";
import { createCard } from "../../../src/cards/mod.ts";
import {
  type VirtualMechanics,
  VirtualReader,
} from "../../../src/drivers/virtual/mod.ts";
import {
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SWALLOW,
  SCARD_ABSENT,
  SCARD_ATTR_CHARACTERISTICS,
  SCARD_ATTR_ICC_PRESENCE,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_SWALLOWED,
  statusName,
} from "../../../src/smclib/mod.ts";
import { readU32le, writeU32le } from "../../../src/bytes.ts";
import { power, request, state, untilAbsent } from "../requests.ts";

async function move(reader: VirtualReader, code: number): Promise<string> {
  return statusName((await request(reader, code)).status);
}

async function attribute(reader: VirtualReader, tag: number): Promise<number> {
  const input = new Uint8Array(4);
  writeU32le(input, 0, tag);
  const { output } = await request(
    reader,
    IOCTL_SMARTCARD_GET_ATTRIBUTE,
    input,
    4,
  );
  return output.length === 4 ? readU32le(output, 0) : output[0];
}

Deno.test("the mechanics are what the options say, and nothing else is supported", async () => {
  const cases: [VirtualMechanics | undefined, number][] = [
    [undefined, 2],
    [{}, 2],
    [{ ejects: false }, 0],
    [{ swallows: true }, 3],
    [{ swallows: true, ejects: false, confiscates: true }, 5],
  ];
  for (const [mechanics, mask] of cases) {
    using reader = new VirtualReader({ mechanics });
    assert.equal(await attribute(reader, SCARD_ATTR_CHARACTERISTICS), mask);
    const codes: [number, number][] = [
      [1, IOCTL_SMARTCARD_SWALLOW],
      [2, IOCTL_SMARTCARD_EJECT],
      [4, IOCTL_SMARTCARD_CONFISCATE],
    ];
    for (const [bit, code] of codes) {
      // No card is in: what is supported has nothing to move.
      assert.equal(
        await move(reader, code),
        (mask & bit) === 0 ? "STATUS_NOT_SUPPORTED" : "STATUS_NO_MEDIA",
      );
    }
  }
});

Deno.test("a card that is swallowed is so whenever it has no power, until it leaves", async () => {
  using reader = new VirtualReader({ mechanics: { swallows: true } });
  reader.insert(createCard());
  assert.equal(await state(reader), SCARD_PRESENT);
  assert.equal(await attribute(reader, SCARD_ATTR_ICC_PRESENCE), 1);
  assert.equal(
    await move(reader, IOCTL_SMARTCARD_SWALLOW),
    "STATUS_SUCCESS",
  );
  assert.equal(await state(reader), SCARD_SWALLOWED);
  assert.equal(await attribute(reader, SCARD_ATTR_ICC_PRESENCE), 2);
  await power(reader, SCARD_COLD_RESET);
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  await move(reader, IOCTL_SMARTCARD_SWALLOW);
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  await power(reader, SCARD_POWER_DOWN);
  assert.equal(await state(reader), SCARD_SWALLOWED);
  reader.inject([{
    what: { kind: "mute", at: { phase: "any" } },
    until: { kind: "never" },
  }]);
  const failed = await power(reader, SCARD_COLD_RESET);
  assert.equal(statusName(failed.status), "STATUS_IO_TIMEOUT");
  assert.equal(await state(reader), SCARD_SWALLOWED);
  assert.equal(await move(reader, IOCTL_SMARTCARD_EJECT), "STATUS_SUCCESS");
  assert.equal(await state(reader), SCARD_ABSENT);
  reader.insert(createCard());
  assert.equal(await state(reader), SCARD_PRESENT);
});

Deno.test("a confiscated card leaves the slot and stays with the reader", async () => {
  using reader = new VirtualReader({ mechanics: { confiscates: true } });
  const card = createCard();
  reader.insert(card);
  const removed = untilAbsent(reader);
  assert.equal(
    await move(reader, IOCTL_SMARTCARD_CONFISCATE),
    "STATUS_SUCCESS",
  );
  await removed;
  assert.equal(card.isPowered, false);
  assert.deepEqual(reader.confiscated, [card]);
  assert.equal(await state(reader), SCARD_ABSENT);
  assert.equal(await attribute(reader, SCARD_ATTR_ICC_PRESENCE), 4);
  reader.insert(createCard());
  assert.equal(await attribute(reader, SCARD_ATTR_ICC_PRESENCE), 2);
  assert.equal(reader.confiscated.length, 1);
});
