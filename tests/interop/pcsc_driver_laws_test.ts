// Invariant: a reader of the real pcscd is a reader by the law book.

import assert from "node:assert/strict";
import { VpcdCard } from "../../src/drivers/vpcd/mod.ts";
import {
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_IO_DEVICE_ERROR,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../src/smclib/mod.ts";
import {
  readerDriverLaws,
  type ReaderUnderTest,
} from "../../src/testing/mod.ts";
import { isLongInteropWanted, LONG_INTEROP_SKIPPED } from "./long_interop.ts";
import { type Pcscd, pcscdTest } from "./pcscd.ts";
import { openService } from "./pcsc_driver_service.ts";

/** The pcscd of the law that is being tried: they follow each other. */
let pcscd: Pcscd | null = null;

async function pcscReaderUnderTest(): Promise<ReaderUnderTest> {
  if (pcscd === null) throw new Error("Cannot make a reader: no pcscd");
  const { readers: [name], ports: [port] } = pcscd;
  const service = await openService({ apduTimeoutMs: 2000 });
  let card: VpcdCard | null = null;
  const remove = async () => {
    const out = card;
    card = null;
    await out?.close();
  };
  return {
    device: await service.reader(name),
    async insert({ apdus }) {
      card = await VpcdCard.connect({ card: apdus, port });
    },
    remove,
    async [Symbol.asyncDispose]() {
      await service.close();
      await remove();
    },
  };
}

/** The device has neither `sleep` nor `wake`. */
const SLEEP_LAWS: readonly string[] = [
  "sleep without a card leaves tracking alone",
  "a card that was in at sleep must be reset after waking",
  "sleep powers the card down",
  "a card that comes or goes during sleep is seen",
  "a card exchanged during sleep is a new one",
];

if (!isLongInteropWanted) {
  console.warn(`skipped: the laws over pcscd: ${LONG_INTEROP_SKIPPED}`);
}

readerDriverLaws(pcscReaderUnderTest, {
  name: "PC/SC reader",
  level: "apdu",
  // pcscd asks the reader every 400 ms whether a card is in: two hundred would take minutes.
  inserts: 8,
  deadlineMs: 10_000,
  maxApduBytes: 600,
  waitsForRequests: true,
  // A card exchanged between two looks of the service is one that failed.
  removalStatuses: [
    STATUS_DEVICE_PROTOCOL_ERROR,
    STATUS_IO_DEVICE_ERROR,
    STATUS_UNRECOGNIZED_MEDIA,
  ],
  without: [
    "a mute card is found out: to vpcd a card without an ATR is an empty slot",
    "a card that falls silent is IO_TIMEOUT: a vpcd card without an answer leaves its reader",
    ...SLEEP_LAWS.map((name) => `${name}: the service sleeps, not its readers`),
  ],
  register(name, run, leftOut) {
    if (leftOut !== null || !isLongInteropWanted) {
      Deno.test({ name, ignore: true, fn: () => {} });
      return;
    }
    pcscdTest(name, async (started) => {
      pcscd = started;
      try {
        assert.equal(await run(), null, "no law is left out in silence");
      } finally {
        pcscd = null;
      }
    });
  },
});
