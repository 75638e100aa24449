// Whatever card or reader does, clients get a documented code, and the next card works.

import assert from "node:assert/strict";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import {
  BabblingCard,
  createCard,
  GarbageCard,
  MuteCard,
  SilentCard,
} from "../../src/cards/mod.ts";
import {
  systemTimer,
  type Timer,
  VirtualReader,
} from "../../src/drivers/virtual/mod.ts";
import { SCARD_CODES, scardName } from "../../src/resource_manager/mod.ts";
import {
  STATUS_INVALID_PARAMETER,
  STATUS_IO_DEVICE_ERROR,
  STATUS_IO_TIMEOUT,
} from "../../src/smclib/mod.ts";
import { FakeReader } from "../resource_manager/fake_reader.ts";
import type { RawClient } from "../pcsclite/raw_client.ts";
import { APDU, serverBench } from "../pcsclite/server_bench.ts";

const { COMMANDS } = wire;
const SELECT = Uint8Array.of(0, 0xA4, 0, 0x0C, 2, 0x3F, 0);
/** A hundred times as fast as cards are. */
const hasty: Timer = (milliseconds, run) =>
  systemTimer(milliseconds / 100, run);

const DOCUMENTED: ReadonlySet<number> = new Set([
  SCARD_CODES.SCARD_S_SUCCESS,
  SCARD_CODES.SCARD_E_NO_SMARTCARD,
  SCARD_CODES.SCARD_E_NOT_TRANSACTED,
  SCARD_CODES.SCARD_E_PROTO_MISMATCH,
  SCARD_CODES.SCARD_W_UNRESPONSIVE_CARD,
  SCARD_CODES.SCARD_W_UNPOWERED_CARD,
  SCARD_CODES.SCARD_W_RESET_CARD,
  SCARD_CODES.SCARD_W_REMOVED_CARD,
]);

function isDocumented(rv: number): void {
  assert.ok(DOCUMENTED.has(rv), scardName(rv) ?? String(rv));
}

Deno.test("cards that say nothing, garbage, or far too much", async () => {
  await using b = await serverBench();
  const reader = new VirtualReader({ timer: hasty });
  const name = "Virtual 01 00";
  await b.manager.addReader(reader, { name });
  using client = await b.client();
  const use = async () => {
    const { hCard, rv } = await client.connectCard(name);
    isDocumented(rv);
    if (rv !== 0) return rv;
    const answer = await client.transmit(hCard, SELECT);
    isDocumented(answer.rv);
    await client.ask(COMMANDS.DISCONNECT, wire.DISCONNECT, { hCard });
    return answer.rv;
  };
  const cards = [
    new MuteCard(),
    new SilentCard(),
    new BabblingCard(),
    ...[1, 2, 3, 4].flatMap((seed) => [
      new GarbageCard({ seed }),
      new GarbageCard({ seed, garbageAtr: true }),
    ]),
  ];
  const inserted = async (present: boolean) => {
    for (;;) {
      await client.order(COMMANDS.WAIT_READER_STATE_CHANGE);
      const states = wire.decodeReaderStates(await client.read(2944));
      const state = states.find(({ readerName }) => readerName === name);
      const isIn = (state!.readerState & wire.WIRE_PRESENT) !== 0;
      if (isIn === present) break;
      await client.read(8);
    }
    await client.order(COMMANDS.STOP_WAITING_READER_STATE_CHANGE);
    await client.read(8);
  };
  for (const card of cards) {
    reader.insert(card);
    await inserted(true);
    assert.notEqual(await use(), 0, card.constructor.name);
    reader.remove();
    await inserted(false);
    reader.insert(createCard());
    await inserted(true);
    assert.equal(await use(), 0);
    reader.remove();
    await inserted(false);
  }
});

Deno.test("the card goes during an APDU", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  using other = await b.client();
  const hCard = await client.card(b.names[0]);
  const theirs = await other.card(b.names[0]);
  device.respond = () => {
    device.remove();
    return STATUS_IO_DEVICE_ERROR;
  };
  const { rv } = await client.transmit(hCard, APDU);
  assert.equal(rv, SCARD_CODES.SCARD_E_NO_SMARTCARD);
  for (const [who, card] of [[client, hCard], [other, theirs]] as const) {
    assert.equal(
      (await who.transmit(card, APDU)).rv,
      SCARD_CODES.SCARD_W_REMOVED_CARD,
    );
  }
  device.respond = (apdu) => apdu;
  device.insert();
  const again = await client.card(b.names[0]);
  assert.equal((await client.transmit(again, APDU)).rv, 0);
});

Deno.test("the reader goes during an APDU, and while another client is in line", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  using other = await b.client();
  using third = await b.client();
  const hCard = await client.card(b.names[0]);
  const theirs = await other.card(b.names[0]);
  await client.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, { hCard });
  const connecting = third.connectCard(b.names[0]);
  device.pace = "held";
  const lost = client.transmit(hCard, APDU);
  const waiting = other.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, {
    hCard: theirs,
  });
  while (device.held.length === 0) await new Promise((go) => setTimeout(go));
  b.manager.removeReader(b.manager.readers[0]);
  const gone = SCARD_CODES.SCARD_E_READER_UNAVAILABLE;
  assert.equal((await lost).rv, gone);
  assert.ok([gone, SCARD_CODES.SCARD_E_INVALID_VALUE].includes(
    (await waiting).rv as typeof gone,
  ));
  assert.ok([gone, SCARD_CODES.SCARD_E_UNKNOWN_READER].includes(
    (await connecting).rv as typeof gone,
  ));
});

Deno.test("answers of any length, and failures of any kind", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  for (const length of [0, 1, 2, 255, 256, 257, 65536, 65538]) {
    device.respond = () => new Uint8Array(length);
    const answer = await client.transmit(hCard, APDU);
    assert.deepEqual([answer.rv, answer.data.length], [0, length]);
  }
  const bad = [
    () => new Uint8Array(70_000),
    () => STATUS_IO_TIMEOUT,
    () => STATUS_INVALID_PARAMETER,
    () => 0xC0000000 | 0x1234,
    () => {
      throw new Error("a driver with a fault");
    },
  ];
  for (const respond of bad) {
    device.respond = respond;
    const { rv } = await client.transmit(hCard, APDU);
    assert.equal(rv, SCARD_CODES.SCARD_E_NOT_TRANSACTED);
  }
  device.respond = () => Uint8Array.of(0x90, 0);
  assert.equal((await client.transmit(hCard, APDU)).rv, 0);
});

Deno.test("ten thousand insertions and removals: every wait ends, and the count is right", async () => {
  await using b = await serverBench({ card: false });
  const [device] = b.devices;
  const clients: RawClient[] = [];
  for (let i = 0; i < 4; i++) clients.push(await b.client());
  let going = true;
  const watch = async (client: RawClient) => {
    for (;;) {
      await client.order(COMMANDS.WAIT_READER_STATE_CHANGE);
      const [state] = wire.decodeReaderStates(await client.read(2944));
      const present = (state.readerState & wire.WIRE_PRESENT) !== 0;
      assert.equal(present, state.cardAtrLength > 0);
      if (!going) return state.eventCounter;
      await client.read(8);
    }
  };
  const watching = clients.map(watch);
  for (let i = 0; i < 5000; i++) {
    device.insert();
    device.remove();
    // Lets clients look in between now and then.
    if (i % 50 === 0) await new Promise((go) => setTimeout(go));
  }
  going = false;
  await b.manager.addReader(new FakeReader(), { name: "Last 01 00" });
  const counts = await Promise.all(watching);
  assert.equal(new Set(counts).size, 1);
  for (const client of clients) client.close();
});

Deno.test("readers come and go under load", async () => {
  await using b = await serverBench();
  using steady = await b.client();
  const hCard = await steady.card(b.names[0]);
  let going = true;
  const load = async () => {
    using client = await b.client(6);
    let used = 0;
    while (going) {
      for (const { name } of b.manager.readers.slice(1)) {
        const { rv, hCard } = await client.connectCard(name);
        if (rv !== 0) continue;
        used++;
        const answer = await client.transmit(hCard, APDU);
        const ok: number[] = [
          SCARD_CODES.SCARD_S_SUCCESS,
          SCARD_CODES.SCARD_E_INVALID_VALUE,
          SCARD_CODES.SCARD_E_READER_UNAVAILABLE,
        ];
        assert.ok(ok.includes(answer.rv), answer.rv.toString(16));
        await client.ask(COMMANDS.DISCONNECT, wire.DISCONNECT, { hCard });
      }
      await client.order(COMMANDS.GET_READERS_STATE);
      await client.read(2944);
    }
    return used;
  };
  const loads = [load(), load(), load()];
  for (let i = 0; i < 100; i++) {
    const device = new FakeReader();
    device.insert();
    const reader = await b.manager.addReader(device, { name: `R ${i} 00 00` });
    device.pace = i % 2 === 0 ? "sync" : "async";
    for (let times = 0; times < 10; times++) {
      assert.equal((await steady.transmit(hCard, APDU)).rv, 0);
    }
    b.manager.removeReader(reader);
    assert.equal((await steady.transmit(hCard, APDU)).rv, 0);
  }
  going = false;
  const used = await Promise.all(loads);
  assert.ok(used.every((times) => times > 0), `${used}`);
  assert.equal(b.manager.readers.length, 1);
});
