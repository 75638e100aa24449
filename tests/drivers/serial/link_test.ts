// The link alone, and the queue behind it.

import assert from "node:assert/strict";
import { toHex } from "../../../src/bytes.ts";
import { createTestCard, invertCharacters } from "../../../src/cards/mod.ts";
import { CharacterQueue } from "../../../src/drivers/serial/character_queue.ts";
import { PhoenixLink } from "../../../src/drivers/serial/mod.ts";
import {
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  statusName,
} from "../../../src/smclib/mod.ts";
import { power, state } from "../requests.ts";
import { VirtualClock } from "./clocks.ts";
import { connect, exchange, useTestCard } from "./sessions.ts";
import { SimulatedPhoenix } from "./simulated_phoenix.ts";
import { SimulatedPort } from "./simulated_port.ts";
import { workplace } from "./workplace.ts";

const T0 = SCARD_PROTOCOL_T0;

Deno.test("a link answers an inverse card with odd parity, told by nobody", async () => {
  const clock = new VirtualClock();
  const adaptor = new SimulatedPhoenix({ clock });
  const card = createTestCard({ protocols: ["t0"], convention: "inverse" });
  adaptor.insert(card.contacts);
  const port = new SimulatedPort(adaptor);
  const link = new PhoenixLink(port, { timer: clock.timer });
  await link.reset("cold");
  const target = new Uint8Array(64);
  const length = card.atr.length;
  assert.equal(await link.receive(target, 3, length, 2e6, 1e6), length);
  const atr = invertCharacters(target.subarray(3, 3 + length));
  assert.equal(toHex(atr), toHex(card.atr));
  await link.send(invertCharacters(Uint8Array.of(0x80, 0x30, 0, 0, 0)));
  assert.equal(await link.receive(target, 0, 2, 1e6, 1e6), 2);
  assert.equal(toHex(invertCharacters(target.subarray(0, 2))), "9000");
  assert.equal(link.available, 0);
  assert.deepEqual(adaptor.violations, []);
  await port.close();
  await link.done;
  // A link whose port is gone is silent, and does not wait.
  await link.reset("warm");
  await link.send(Uint8Array.of(1));
  assert.equal(await link.receive(target, 0, 1, 1e6, 1e6), 0);
});

Deno.test("what the card said before is dropped when the reader sends", async () => {
  const clock = new VirtualClock();
  const adaptor = new SimulatedPhoenix({ clock });
  const card = createTestCard({ protocols: ["t0"] });
  adaptor.insert(card.contacts);
  const port = new SimulatedPort(adaptor);
  const link = new PhoenixLink(port, { timer: clock.timer });
  await link.reset("cold");
  const target = new Uint8Array(64);
  // The whole ATR is there, one character of it is taken.
  assert.equal(await link.receive(target, 0, 1, 1e6, 1e6), 1);
  await new Promise<void>((resolve) => clock.timer(100, resolve));
  assert.equal(link.available, card.atr.length - 1);
  await link.send(Uint8Array.of(0x80, 0x30, 0, 0, 0));
  assert.equal(await link.receive(target, 0, 2, 1e6, 1e6), 2);
  assert.equal(toHex(target.subarray(0, 2)), "9000");
  await link.powerOff();
  assert.equal(adaptor.isReset, true);
  assert.equal(await link.receive(target, 0, 2, 1e6, 1e6), 0);
  await port.close();
  await link.done;
});

Deno.test("the gap counts from the last character, the total from the start", async () => {
  const clock = new VirtualClock();
  const queue = new CharacterQueue(clock.timer);
  const feed = (times: number[]) => {
    for (const time of times) {
      clock.timer(time, () => queue.push(Uint16Array.of(time), 1));
    }
  };
  const waitFor = async (
    wanted: number,
    limits: { totalMs: number; gapMs: number; firstMs?: number },
  ) => {
    const began = clock.now;
    await queue.wait(wanted, limits);
    const outcome = [queue.length, clock.now - began];
    // Lets what is still on its way arrive.
    await new Promise<void>((resolve) => clock.timer(1000, resolve));
    queue.clear();
    return outcome;
  };
  feed([9, 18, 27, 36]);
  assert.deepEqual(await waitFor(4, { totalMs: 100, gapMs: 10 }), [4, 36]);
  feed([9, 20, 29]);
  assert.deepEqual(await waitFor(3, { totalMs: 100, gapMs: 10 }), [1, 19]);
  feed([9, 18, 27, 36]);
  assert.deepEqual(await waitFor(4, { totalMs: 30, gapMs: 10 }), [3, 30]);
  feed([9, 18]);
  assert.deepEqual(
    await waitFor(2, { totalMs: 100, gapMs: 10, firstMs: 5 }),
    [0, 5],
  );
  feed([]);
  clock.timer(3, () => queue.interrupt());
  assert.deepEqual(await waitFor(2, { totalMs: 100, gapMs: 10 }), [0, 3]);
});

Deno.test("a queue that is full drops what comes", () => {
  const queue = new CharacterQueue(new VirtualClock().timer);
  for (let i = 0; i < 10; i++) queue.push(new Uint16Array(512), 512);
  assert.equal(queue.length, 2048);
  queue.drop(2047);
  assert.equal(queue.length, 1);
});

Deno.test("a card pulled while it is held in reset stays in reset", async () => {
  await using place = await workplace({ card: createTestCard().contacts });
  const reset = power(place.reader, SCARD_COLD_RESET);
  await new Promise<void>((resolve) => place.clock.timer(5, resolve));
  place.adaptor.remove();
  assert.equal(statusName((await reset).status), "STATUS_NO_MEDIA");
  assert.equal(place.adaptor.isReset, true);
});

Deno.test("a card exchanged in the middle of a command: NO_MEDIA, and the new one is there", async () => {
  const first = createTestCard({ protocols: ["t0"] });
  await using place = await workplace({ card: first.contacts });
  await connect(place.reader, T0);
  const answer = exchange(place.reader, T0, "80320000");
  await first.whenHeld;
  place.adaptor.remove();
  place.adaptor.insert(createTestCard({ protocols: ["t0"] }).contacts);
  assert.equal(await answer, "STATUS_NO_MEDIA");
  assert.equal(await state(place.reader), SCARD_PRESENT);
  await connect(place.reader, T0);
  await useTestCard(place.reader, T0);
});
