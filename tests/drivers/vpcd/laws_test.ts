// Invariant: the driver keeps the laws of reader drivers, whoever connects to whom.

import { readerDriverLaws } from "../../../src/testing/mod.ts";
import type { VpcdCard } from "../../../src/drivers/vpcd/mod.ts";
import { DIRECTIONS, emptyReader } from "./pair.ts";

for (const direction of DIRECTIONS) {
  readerDriverLaws(() => {
    const slot = emptyReader(direction);
    let plug: VpcdCard | null = null;
    const remove = async () => {
      await plug?.close();
      plug = null;
    };
    return {
      device: slot.reader,
      insert: async (card) => {
        plug = await slot.insert(card.apdus);
      },
      remove,
      async [Symbol.asyncDispose]() {
        await remove();
        await slot[Symbol.asyncDispose]();
      },
    };
  }, {
    name: `vpcd, ${direction}`,
    level: "apdu",
    maxApduBytes: 65_535,
    waitsForRequests: true,
    without: [
      "a mute card is found out: an empty ATR says that the slot is empty",
      "a card that falls silent is IO_TIMEOUT: requests have no numbers, so a missed deadline ends the connection, and with it the card",
    ],
  });
}
