// Invariant: a card of this project is a card in the real pcscd, for programs that know nothing of either.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { createApduCard, DEFAULT_CARD_AID } from "../../src/cards/mod.ts";
import { VpcdCard } from "../../src/drivers/vpcd/mod.ts";
import { RecordedCard } from "../drivers/vpcd/recorded_card.ts";
import { pcscdTest } from "./pcscd.ts";
import {
  EMPTY,
  LEAVE,
  PcscLite,
  PRESENT,
  RESET,
  UNPOWER,
} from "./vpcd_pcsclite.ts";

const LENGTH = (DEFAULT_CARD_AID.length / 2).toString(16).padStart(2, "0");
const SELECT = `00A40400${LENGTH}${DEFAULT_CARD_AID}00`;
const T1 = 2;

/** What the application says to a card with files. */
const SCRIPT: readonly [command: string, answer: RegExp][] = [
  [SELECT, /9000$/],
  ["0084000008", /^[0-9A-F]{16}9000$/],
  ["00FF0000", /^6D00$/],
  ["00A4000C02DEAD", /^6A82$/],
];

pcscdTest(
  "a card with files connects, and is used as any other",
  async ({ ports, readers }) => {
    const card = createApduCard();
    await using plug = await VpcdCard.connect({ card, port: ports[0] });
    await using context = await PcscLite.open();
    assert.equal(await context.until(readers[0], PRESENT), toHex(card.atr));
    const connection = await context.connect(readers[0]);
    assert.equal(connection.protocol, T1);
    for (const initialization of [LEAVE, RESET, UNPOWER]) {
      await connection.reconnect(initialization);
      for (const [command, answer] of SCRIPT) {
        const got = await connection.transmit(fromHex(command));
        assert.match(toHex(got), answer, command);
      }
    }
    await connection.disconnect(UNPOWER);
    await plug.close();
    await context.until(readers[0], EMPTY);
  },
);

pcscdTest(
  "resets and power reach the card as what they are",
  async ({ ports, readers }) => {
    const card = new RecordedCard();
    await using _plug = await VpcdCard.connect({ card, port: ports[0] });
    await using context = await PcscLite.open();
    await context.until(readers[0], PRESENT);
    const connection = await context.connect(readers[0]);
    assert.match(card.take(), /^on( off on)?$/);
    await connection.reconnect(RESET);
    assert.equal(card.take(), "reset");
    await connection.reconnect(UNPOWER);
    assert.equal(card.take(), "off on");
    await connection.transmit(fromHex("00A4000C"));
    assert.equal(card.take(), "00A4000C");
    await connection.disconnect(LEAVE);
  },
);

pcscdTest(
  "two cards in two slots, and the longest frames both ways",
  async ({ ports, readers }) => {
    const longest = new Uint8Array(65535).map((_, i) => i % 251);
    const first = new RecordedCard({ onApdu: () => longest });
    const second = new RecordedCard({ onApdu: () => new Uint8Array(65538) });
    await using _first = await VpcdCard.connect({
      card: first,
      port: ports[0],
    });
    await using _second = await VpcdCard.connect({
      card: second,
      port: ports[1],
    });
    await using context = await PcscLite.open();
    await context.until(readers[0], PRESENT);
    await context.until(readers[1], PRESENT);
    const [one, two] = [
      await context.connect(readers[0]),
      await context.connect(readers[1]),
    ];
    first.take();
    const command = Uint8Array.from(longest);
    assert.equal(toHex(await one.transmit(command)), toHex(longest));
    assert.equal(first.take(), toHex(command));
    assert.equal(toHex(await two.transmit(fromHex("00B00000000000"))), "6700");
    await one.disconnect(LEAVE);
    await two.disconnect(LEAVE);
  },
);

pcscdTest(
  "a card that reconnects finds a pcscd that was started again",
  async (pcscd) => {
    const { ports, readers } = pcscd;
    await pcscd.stop();
    const ends: string[] = [];
    await using _plug = await VpcdCard.connect({
      card: createApduCard(),
      port: ports[0],
      reconnect: true,
      longestPauseMs: 50,
      onDisconnect: ({ reason }) => ends.push(reason),
    });
    for (let round = 0; round < 2; round++) {
      await pcscd.start();
      await using context = await PcscLite.open();
      await context.until(readers[0], PRESENT);
      const connection = await context.connect(readers[0]);
      const got = await connection.transmit(fromHex(SELECT));
      assert.match(toHex(got), /9000$/);
      await connection.disconnect(LEAVE);
      await pcscd.stop();
    }
    await pcscd.start();
    await using context = await PcscLite.open();
    await context.until(readers[0], PRESENT);
    assert.deepEqual(ends, ["reader-gone", "reader-gone"]);
  },
);

pcscdTest(
  "in reversed mode the readers come to cards that listen",
  async (pcscd) => {
    const { ports, readers } = pcscd;
    const card = createApduCard();
    await using first = VpcdCard.listen({ card, port: ports[0] });
    await using _second = VpcdCard.listen({
      card: new RecordedCard(),
      port: ports[1],
    });
    await pcscd.start();
    await using context = await PcscLite.open();
    assert.equal(await context.until(readers[0], PRESENT), toHex(card.atr));
    const connection = await context.connect(readers[0]);
    for (const [command, answer] of SCRIPT) {
      const got = await connection.transmit(fromHex(command));
      assert.match(toHex(got), answer, command);
    }
    await connection.disconnect(LEAVE);
    assert.ok(first.isConnected);
  },
  { isReversed: true },
);
