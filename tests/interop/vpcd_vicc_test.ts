// Invariant: a foreign card that listens is found, lost and found again by a reader that connects.

import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes.ts";
import { VpcdReader } from "../../src/drivers/vpcd/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_WARM_RESET,
  STATUS_NO_MEDIA,
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
import { freePort } from "../drivers/vpcd/pair.ts";
import { viccTest } from "./vicc.ts";
import { ReversedVicc } from "./vpcd_reversed_vicc.ts";

const ATR = "3B951381018073FF01000B";
const SELECT_MF = fromHex("00A4000C023F00");

/** Resets the card, chooses the protocol and selects the MF. */
async function use(reader: VpcdReader, action: number): Promise<void> {
  assert.equal(show(await power(reader, action)), `00000000 ${ATR}`);
  await setProtocol(reader, SCARD_PROTOCOL_Tx);
  const selected = await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF);
  assert.equal(show(selected), "00000000 9000");
}

viccTest(
  "reversed, it is found, lost when killed, and found again",
  async (program) => {
    const port = freePort();
    await using reader = VpcdReader.connect({ port, longestPauseMs: 100 });
    assert.equal(await state(reader), SCARD_ABSENT);
    for (let round = 0; round < 2; round++) {
      await using card = new ReversedVicc(program, port);
      await untilPresent(reader);
      await use(reader, SCARD_COLD_RESET);
      await use(reader, SCARD_WARM_RESET);
      const absent = untilAbsent(reader);
      await card.stop();
      await absent;
      const { status } = await power(reader, SCARD_COLD_RESET);
      assert.equal(status, STATUS_NO_MEDIA);
    }
  },
);

viccTest(
  "reversed, it serves one reader, and then the next",
  async (program) => {
    const port = freePort();
    await using _card = new ReversedVicc(program, port);
    for (let round = 0; round < 2; round++) {
      await using reader = VpcdReader.connect({ port, longestPauseMs: 100 });
      await untilPresent(reader);
      await use(reader, SCARD_COLD_RESET);
    }
  },
);
