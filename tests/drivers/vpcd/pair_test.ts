// Invariant: whoever connects to whom, reader and card of this driver understand each other.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { createApduCard, DEFAULT_CARD_AID } from "../../../src/cards/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_WARM_RESET,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import {
  power,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../requests.ts";
import { DIRECTIONS, emptyReader } from "./pair.ts";
import { RecordedCard } from "./recorded_card.ts";

const LENGTH = (DEFAULT_CARD_AID.length / 2).toString(16).padStart(2, "0");
const SELECT = fromHex(`00A40400 ${LENGTH} ${DEFAULT_CARD_AID} 00`);
const GET_CHALLENGE = fromHex("0084000008");

for (const direction of DIRECTIONS) {
  Deno.test(`${direction}: a card with files is inserted, used and removed, twice`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const card = createApduCard();
    for (let round = 0; round < 2; round++) {
      assert.equal(await state(reader), SCARD_ABSENT);
      const present = untilPresent(reader);
      const plug = await slot.insert(card);
      await present;
      assert.equal(await state(reader), SCARD_PRESENT);
      for (
        const action of [SCARD_COLD_RESET, SCARD_WARM_RESET, SCARD_COLD_RESET]
      ) {
        const { status, output } = await power(reader, action);
        assert.equal(status, STATUS_SUCCESS);
        assert.equal(toHex(output), toHex(card.atr));
        assert.equal(await state(reader), SCARD_NEGOTIABLE);
        await setProtocol(reader, SCARD_PROTOCOL_Tx);
        const selected = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
        assert.match(show(selected), /^00000000 .*9000$/);
        const random = await transmit(reader, SCARD_PROTOCOL_T1, GET_CHALLENGE);
        assert.match(show(random), /^00000000 [0-9A-F]{16}9000$/);
      }
      assert.equal(
        (await power(reader, SCARD_POWER_DOWN)).status,
        STATUS_SUCCESS,
      );
      assert.ok(plug.isConnected);
      const absent = untilAbsent(reader);
      await plug.close();
      await absent;
      assert.deepEqual(await plug.closed, { reason: "closed" });
      assert.ok(!plug.isConnected);
    }
  });

  Deno.test(`${direction}: a command that is never answered ends at its deadline, and the card may come again`, async () => {
    await using slot = emptyReader(direction, { apduTimeoutMs: 300 });
    const { reader } = slot;
    let isStuck = true;
    const card = new RecordedCard({
      onApdu: () =>
        isStuck ? new Promise<Uint8Array>(() => {}) : fromHex("9000"),
    });
    const ready = async () => {
      await untilPresent(reader);
      await power(reader, SCARD_COLD_RESET);
      await setProtocol(reader, SCARD_PROTOCOL_Tx);
    };
    await using first = await slot.insert(card);
    await ready();
    const late = await transmit(reader, SCARD_PROTOCOL_T1, GET_CHALLENGE);
    assert.equal(late.status, STATUS_IO_TIMEOUT);
    assert.equal(await state(reader), SCARD_ABSENT);
    isStuck = false;
    if (direction === "reader listens") {
      assert.deepEqual(await first.closed, { reason: "reader-gone" });
    }
    // A card that listens is found again by the reader.
    await using _again = direction === "card listens"
      ? null
      : await slot.insert(card);
    await ready();
    const answer = await transmit(reader, SCARD_PROTOCOL_T1, GET_CHALLENGE);
    assert.equal(show(answer), "00000000 9000");
  });

  Deno.test(`${direction}: a card that fails in a command is gone with it`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const card = new RecordedCard({
      onApdu: () => {
        throw new Error("burnt");
      },
    });
    await using _plug = await slot.insert(card);
    await untilPresent(reader);
    await power(reader, SCARD_COLD_RESET);
    await setProtocol(reader, SCARD_PROTOCOL_Tx);
    const answer = await transmit(reader, SCARD_PROTOCOL_T1, GET_CHALLENGE);
    assert.equal(answer.status, STATUS_NO_MEDIA);
  });

  Deno.test(`${direction}: the reader closes while the card works`, async () => {
    await using slot = emptyReader(direction);
    const { reader } = slot;
    const reached = Promise.withResolvers<void>();
    const card = new RecordedCard({
      onApdu: () => {
        reached.resolve();
        return new Promise(() => {});
      },
    });
    await using _plug = await slot.insert(card);
    await untilPresent(reader);
    await power(reader, SCARD_COLD_RESET);
    await setProtocol(reader, SCARD_PROTOCOL_Tx);
    const exchange = transmit(reader, SCARD_PROTOCOL_T1, GET_CHALLENGE);
    await reached.promise;
    await reader.close();
    assert.notEqual((await exchange).status, STATUS_SUCCESS);
  });
}
