// Invariant: slots stand beside each other on consecutive ports, and open and close together.

import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import {
  VpcdCard,
  type VpcdReader,
  VpcdSlots,
} from "../../../src/drivers/vpcd/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  STATUS_DEVICE_REMOVED,
} from "../../../src/smclib/mod.ts";
import {
  power,
  setProtocol,
  show,
  state,
  transmit,
  untilPresent,
} from "../requests.ts";
import { freePort, onFreedPort } from "./pair.ts";
import { RecordedCard } from "./recorded_card.ts";

/** A card that answers each command with its number. */
function numbered(slot: number): RecordedCard {
  return new RecordedCard({ onApdu: () => Uint8Array.of(slot, 0x90, 0) });
}

/** Asks the card in `reader` for its number. */
async function ask(reader: VpcdReader): Promise<string> {
  await untilPresent(reader);
  await power(reader, SCARD_COLD_RESET);
  await setProtocol(reader, SCARD_PROTOCOL_Tx);
  return show(
    await transmit(reader, SCARD_PROTOCOL_T1, fromHex("0084000008")),
  );
}

Deno.test("sixteen slots hold sixteen cards at a time", async () => {
  await using slots = await VpcdSlots.listen({ slots: 16, port: 0 });
  const { readers } = slots;
  const [{ port }] = readers;
  assert.deepEqual(
    readers.map((reader) => reader.port),
    Array.from({ length: 16 }, (_, slot) => port + slot),
  );
  assert.equal(readers[0].name, "Virtual PCD 00 00");
  assert.equal(readers[15].name, "Virtual PCD 00 0F");
  await using cards = new AsyncDisposableStack();
  for (const [slot, reader] of readers.entries()) {
    cards.use(
      await VpcdCard.connect({ card: numbered(slot), port: reader.port }),
    );
  }
  const answers = await Promise.all(readers.map(ask));
  for (const [slot, answer] of answers.entries()) {
    const number = slot.toString(16).toUpperCase().padStart(2, "0");
    assert.equal(answer, `00000000 ${number}9000`);
  }
});

Deno.test("a card belongs to one slot, and the others stay empty", async () => {
  await using slots = await VpcdSlots.listen({ port: 0, name: "Desk" });
  const [first, second] = slots.readers;
  assert.equal(slots.readers.length, 2);
  assert.equal(second.name, "Desk 00 01");
  await using _card = await VpcdCard.connect({
    card: numbered(1),
    port: second.port,
  });
  assert.equal(await ask(second), "00000000 019000");
  assert.equal(await state(first), SCARD_ABSENT);
});

Deno.test("slots may connect, each to the card on its port", async () => {
  const port = freePort();
  await using slots = await VpcdSlots.connect({ port, longestPauseMs: 10 });
  await using _first = VpcdCard.listen({ card: numbered(0), port });
  await using _second = VpcdCard.listen({ card: numbered(1), port: port + 1 });
  assert.deepEqual(await Promise.all(slots.readers.map(ask)), [
    "00000000 009000",
    "00000000 019000",
  ]);
});

Deno.test("if one port is taken no slot stays open", async () => {
  const port = freePort();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: port + 1 });
  await assert.rejects(VpcdSlots.listen({ port }), Deno.errors.AddrInUse);
  taken.close();
  await using slots = await onFreedPort(() => VpcdSlots.listen({ port }));
  await slots.close();
  for (const reader of slots.readers) {
    const { status } = await power(reader, SCARD_COLD_RESET);
    assert.equal(status, STATUS_DEVICE_REMOVED);
  }
});

Deno.test("a signal closes all slots", async () => {
  const controller = new AbortController();
  const slots = await VpcdSlots.listen({ port: 0, signal: controller.signal });
  controller.abort();
  await slots.close();
  await assert.rejects(
    VpcdSlots.listen({ port: 0, signal: controller.signal }),
    { name: "AbortError" },
  );
  await assert.rejects(VpcdSlots.connect({ signal: controller.signal }), {
    name: "AbortError",
  });
});

Deno.test("numbers of slots and rows of ports out of range are refused", async () => {
  for (const slots of [0, 17, 1.5]) {
    await assert.rejects(
      VpcdSlots.listen({ slots }),
      new RangeError(
        `Cannot open vpcd slots: slots is ${slots}, expected 1 to 16`,
      ),
    );
  }
  await assert.rejects(
    VpcdSlots.connect({ slots: 2, port: 65535 }),
    new RangeError(
      "Cannot open vpcd slots: port is 65535, expected 0 to 65534",
    ),
  );
  await assert.rejects(VpcdSlots.connect({ port: 0 }), {
    name: "RangeError",
    message: /port is 0, expected 1 to 65535$/,
  });
});
