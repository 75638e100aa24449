// Invariant: after any misbehaviour of a card the next card finds a reader that works.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../../src/bytes.ts";
import { VpcdReader } from "../../../src/drivers/vpcd/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  SCARD_WARM_RESET,
} from "../../../src/smclib/mod.ts";
import {
  power,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../requests.ts";
import {
  ATR_T0,
  frame,
  plainCard,
  type Reaction,
  type Script,
  ScriptedCard,
} from "./scripted_card.ts";

const SUCCESS = "00000000";
const IO_TIMEOUT = "C00000B5";
const NO_MEDIA = "C0000178";
const DEVICE_PROTOCOL_ERROR = "C0000186";

const GET_CHALLENGE = fromHex("0084000008");

function cardOf(onApdu: Script): Script {
  return plainCard(onApdu, ATR_T0);
}

/** Inserts a T=0 card, which TRANSMIT can reach right after the reset. */
async function ready(
  reader: VpcdReader,
  script: Script,
): Promise<ScriptedCard> {
  const card = await ScriptedCard.insert(reader.port, script);
  await untilPresent(reader);
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), `${SUCCESS} 3B00`);
  return card;
}

function challenge(reader: VpcdReader): Promise<string> {
  return transmit(reader, SCARD_PROTOCOL_T0, GET_CHALLENGE).then(show);
}

/** The proof that nothing of an earlier card is left. */
async function worksWithGoodCard(reader: VpcdReader): Promise<void> {
  const card = await ready(
    reader,
    cardOf(() => frame("0102030405060708 9000")),
  );
  assert.equal(await challenge(reader), `${SUCCESS} 01020304050607089000`);
  const absent = untilAbsent(reader);
  await card.remove();
  await absent;
}

/** Ends the sending side and waits until the reader has let go. */
async function hangUp(link: Deno.TcpConn): Promise<void> {
  const chunk = new Uint8Array(64);
  try {
    await link.closeWrite();
    while (await link.read(chunk) !== null);
  } catch (error) {
    // The reader closed with bytes unread, which resets the connection.
    if (!isLetGo(error)) throw error;
  } finally {
    link.close();
  }
}

function isLetGo(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}

Deno.test("an answer after the deadline never reaches a later exchange", async () => {
  await using reader = VpcdReader.listen({ port: 0, apduTimeoutMs: 300 });
  const late = Promise.withResolvers<Uint8Array>();
  const card = await ready(reader, cardOf(() => late.promise));
  const absent = untilAbsent(reader);
  assert.equal(await challenge(reader), IO_TIMEOUT);
  await absent;
  assert.equal(await challenge(reader), NO_MEDIA);
  late.resolve(frame("BAD0 9000"));
  await card.gone;
  await worksWithGoodCard(reader);
});

Deno.test("half an answer is no answer when the deadline comes", async () => {
  await using reader = VpcdReader.listen({ port: 0, apduTimeoutMs: 300 });
  const card = await ready(reader, cardOf(() => fromHex("0004 6F00")));
  assert.equal(await challenge(reader), IO_TIMEOUT);
  assert.equal(await state(reader), SCARD_ABSENT);
  await card.gone;
  await worksWithGoodCard(reader);
});

Deno.test("a card that owes its first ATR is never reported", async () => {
  await using reader = VpcdReader.listen({ port: 0, atrTimeoutMs: 300 });
  const present = untilPresent(reader);
  const card = await ScriptedCard.insert(reader.port, () => "silence");
  await card.gone;
  assert.equal(await state(reader), SCARD_ABSENT);
  const good = await ScriptedCard.insert(reader.port, cardOf(() => "silence"));
  await present;
  await good.remove();
});

Deno.test("a card that owes the ATR of a reset is dropped", async () => {
  await using reader = VpcdReader.listen({ port: 0, atrTimeoutMs: 300 });
  let asked = 0;
  const card = await ScriptedCard.insert(
    reader.port,
    (payload) => payload[0] === 4 && asked++ === 0 ? frame("3B00") : "silence",
  );
  await untilPresent(reader);
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), IO_TIMEOUT);
  assert.equal(await state(reader), SCARD_ABSENT);
  await card.gone;
});

Deno.test("an empty ATR means no card: at insertion, and after a reset", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const empty = await ScriptedCard.insert(
    reader.port,
    plainCard(undefined, new Uint8Array(0)),
  );
  await empty.gone;
  assert.equal(await state(reader), SCARD_ABSENT);

  let asked = 0;
  const fading = await ready(
    reader,
    (payload) =>
      payload[0] !== 4 ? "silence" : asked++ < 2 ? frame("3B00") : frame(""),
  );
  const absent = untilAbsent(reader);
  assert.equal(show(await power(reader, SCARD_WARM_RESET)), NO_MEDIA);
  await absent;
  await fading.gone;
  await worksWithGoodCard(reader);
});

Deno.test("what is no card is dropped as soon as its length is seen", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  for (
    const greeting of [
      new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
      fromHex("0022"),
      fromHex("FFFF"),
    ]
  ) {
    const stranger = await ScriptedCard.insert(reader.port, () => greeting);
    await stranger.gone;
    assert.equal(await state(reader), SCARD_ABSENT);
  }
  await worksWithGoodCard(reader);
});

Deno.test("a frame nobody asked for ends the connection", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const card = await ready(reader, cardOf(() => frame("9000")));
  const absent = untilAbsent(reader);
  await card.send(frame("9000"));
  await absent;
  assert.equal(await challenge(reader), NO_MEDIA);
  await card.gone;
  await worksWithGoodCard(reader);
});

Deno.test("bytes behind the answer end the exchange and the connection", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const card = await ready(reader, cardOf(() => fromHex("0002 9000 00")));
  assert.equal(await challenge(reader), DEVICE_PROTOCOL_ERROR);
  assert.equal(await state(reader), SCARD_ABSENT);
  await card.gone;
  await worksWithGoodCard(reader);
});

Deno.test("an answer without SW1 SW2 is a protocol error, and the card stays", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const answers = [frame(""), frame("90"), frame("9000")];
  await using _card = await ready(reader, cardOf(() => answers.shift()!));
  assert.equal(await challenge(reader), DEVICE_PROTOCOL_ERROR);
  assert.equal(await challenge(reader), DEVICE_PROTOCOL_ERROR);
  assert.equal(await challenge(reader), `${SUCCESS} 9000`);
});

Deno.test("an answer may come byte by byte", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const card: ScriptedCard = await ready(
    reader,
    cardOf(async (): Promise<Reaction> => {
      for (const byte of frame("0102 9000")) {
        await card.send(Uint8Array.of(byte));
      }
      return "silence";
    }),
  );
  assert.equal(await challenge(reader), `${SUCCESS} 01029000`);
  await card.remove();
});

Deno.test("whatever a stranger sends, a good card works afterwards", async () => {
  await using reader = VpcdReader.listen({
    port: 0,
    atrTimeoutMs: 1000,
    apduTimeoutMs: 1000,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 80 }),
      async (noise) => {
        const link = await Deno.connect({
          hostname: "127.0.0.1",
          port: reader.port,
        });
        await link.write(noise);
        await hangUp(link);
        await worksWithGoodCard(reader);
      },
    ),
    { seed: 35963, numRuns: 25 },
  );
});
