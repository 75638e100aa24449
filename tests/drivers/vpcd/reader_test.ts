// Invariant: card and reader stay in step, or the connection ends; no exchange succeeds without an answer.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { VpcdReader } from "../../../src/drivers/vpcd/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
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
import {
  ATR_T0,
  ATR_T1,
  frame,
  plainCard,
  type Reaction,
  ScriptedCard,
} from "./scripted_card.ts";

const SUCCESS = "00000000";
const BUFFER_OVERFLOW = "80000005";
const INVALID_PARAMETER = "C000000D";
const UNRECOGNIZED_MEDIA = "C0000014";
const BUFFER_TOO_SMALL = "C0000023";
const NOT_SUPPORTED = "C00000BB";
const NO_MEDIA = "C0000178";
const INVALID_DEVICE_STATE = "C0000184";

const SELECT_MF = fromHex("00A4000C023F00");

/** Inserts a card and brings it to the state that TRANSMIT needs. */
async function ready(
  reader: VpcdReader,
  script = plainCard(),
): Promise<ScriptedCard> {
  const card = await ScriptedCard.insert(reader.port, script);
  await untilPresent(reader);
  assert.match(show(await power(reader, SCARD_COLD_RESET)), /^00000000 3B/);
  const selected = await setProtocol(reader, SCARD_PROTOCOL_Tx);
  assert.match(show(selected), /^00000000 0[12]000000$/);
  return card;
}

Deno.test("a card is inserted by connecting and removed by leaving", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  assert.equal(await state(reader), SCARD_ABSENT);
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), NO_MEDIA);

  const present = untilPresent(reader);
  const card = await ScriptedCard.insert(
    reader.port,
    plainCard(() => frame("6F00 9000")),
  );
  await present;
  assert.equal(await state(reader), SCARD_PRESENT);

  const atr = await power(reader, SCARD_COLD_RESET);
  assert.equal(show(atr), `${SUCCESS} ${toHex(ATR_T1)}`);
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
    INVALID_DEVICE_STATE,
  );
  const selected = await setProtocol(reader, SCARD_PROTOCOL_Tx);
  assert.equal(show(selected), `${SUCCESS} 02000000`);
  assert.equal(await state(reader), SCARD_SPECIFIC);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
    `${SUCCESS} 6F009000`,
  );
  assert.equal(show(await power(reader, SCARD_POWER_DOWN)), SUCCESS);
  assert.equal(await state(reader), SCARD_PRESENT);

  const absent = untilAbsent(reader);
  await card.remove();
  await absent;
  assert.equal(await state(reader), SCARD_ABSENT);
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), NO_MEDIA);
});

Deno.test("each power action has its control codes", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using card = await ScriptedCard.insert(reader.port, plainCard());
  await untilPresent(reader);
  const frames = async (action: number) => {
    card.received.length = 0;
    const { status } = await power(reader, action);
    assert.equal(status, 0);
    return card.received.join(" ");
  };
  assert.equal(await frames(SCARD_WARM_RESET), "01 04");
  assert.equal(await frames(SCARD_WARM_RESET), "02 04");
  assert.equal(await frames(SCARD_COLD_RESET), "00 01 04");
  // Nothing answers a power down: its frame is seen with the next exchange.
  await power(reader, SCARD_POWER_DOWN);
  assert.equal(await frames(SCARD_COLD_RESET), "00 01 04");
});

Deno.test("T=0 and T=1 both carry the APDU as it is", async () => {
  for (
    const [atr, protocol] of [
      [ATR_T0, SCARD_PROTOCOL_T0],
      [ATR_T1, SCARD_PROTOCOL_T1],
    ] as const
  ) {
    await using reader = VpcdReader.listen({ port: 0 });
    await using card = await ready(reader, plainCard(undefined, atr));
    for (
      const apdu of [
        "00A4000C",
        "00B0000000",
        "00A4000C023F00",
        "00A40000023F0000",
        "00B00000000000",
      ]
    ) {
      const answer = await transmit(reader, protocol, fromHex(apdu));
      assert.equal(show(answer), `${SUCCESS} 9000`);
      assert.equal(card.received.at(-1), apdu);
    }
  }
});

Deno.test("only protocols of the card are selected", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using _card = await ScriptedCard.insert(reader.port, plainCard());
  await untilPresent(reader);
  await power(reader, SCARD_COLD_RESET);
  for (const mask of [SCARD_PROTOCOL_T0, SCARD_PROTOCOL_RAW]) {
    assert.equal(show(await setProtocol(reader, mask)), NOT_SUPPORTED);
  }
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  for (const mask of [SCARD_PROTOCOL_Tx, SCARD_PROTOCOL_T1]) {
    assert.equal(
      show(await setProtocol(reader, mask)),
      `${SUCCESS} 02000000`,
    );
  }
});

Deno.test("of two protocols T=1 is preferred, and T=0 taken where only that is wanted", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using _card = await ScriptedCard.insert(
    reader.port,
    plainCard(undefined, fromHex("3B80800101")),
  );
  await untilPresent(reader);
  for (const mask of [SCARD_PROTOCOL_Tx, SCARD_PROTOCOL_T0]) {
    await power(reader, SCARD_COLD_RESET);
    const protocol = mask === SCARD_PROTOCOL_T0 ? "01" : "02";
    assert.equal(
      show(await setProtocol(reader, mask)),
      `${SUCCESS} ${protocol}000000`,
    );
  }
});

Deno.test("APDUs that a frame cannot carry are refused, and the card never sees them", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using card = await ready(reader);
  const before = card.received.length;
  const refuse = async (lengthBytes: number) =>
    show(
      await transmit(
        reader,
        SCARD_PROTOCOL_T1,
        new Uint8Array(lengthBytes).fill(4),
      ),
    );
  for (const lengthBytes of [0, 1, 3]) {
    assert.equal(await refuse(lengthBytes), INVALID_PARAMETER);
  }
  for (const lengthBytes of [65536, 65544]) {
    assert.equal(await refuse(lengthBytes), BUFFER_OVERFLOW);
  }
  assert.equal(card.received.length, before);
  assert.equal(await refuse(4), `${SUCCESS} 9000`);
});

Deno.test("the longest frames pass both ways", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const answer = new Uint8Array(2 + 65535).fill(0xA5);
  answer.set([0xFF, 0xFF]);
  await using card = await ready(reader, plainCard(() => answer));
  const command = new Uint8Array(65535).map((_, i) => i % 251);
  const got = await transmit(reader, SCARD_PROTOCOL_T1, command);
  assert.equal(toHex(got.output), toHex(answer.subarray(2)));
  assert.equal(card.received.at(-1), toHex(command));
});

Deno.test("an answer beyond the caller's capacity delivers nothing and does no harm", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  await using _card = await ready(reader, plainCard(() => frame("6F00 9000")));
  const select = (capacityBytes: number) =>
    transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF, capacityBytes).then(show);
  assert.equal(await select(8 + 3), BUFFER_TOO_SMALL);
  assert.equal(await select(8 + 4), `${SUCCESS} 6F009000`);
});

Deno.test("a card that dies in an exchange is no media, never an empty success", async () => {
  for (const last of ["", "00", "00 04 6F"]) {
    await using reader = VpcdReader.listen({ port: 0 });
    const card: ScriptedCard = await ready(
      reader,
      plainCard(async (): Promise<Reaction> => {
        await card.send(fromHex(last));
        return "leave";
      }),
    );
    const absent = untilAbsent(reader);
    assert.equal(
      show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
      NO_MEDIA,
    );
    await absent;
    assert.equal(await state(reader), SCARD_ABSENT);
    await card.gone;
  }
});

Deno.test("a card may answer and leave at once: the answer counts", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const card: ScriptedCard = await ready(
    reader,
    plainCard(async (): Promise<Reaction> => {
      await card.send(frame("9000"));
      return "leave";
    }),
  );
  const answer = await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF);
  assert.equal(show(answer), `${SUCCESS} 9000`);
  await untilAbsent(reader);
  await card.gone;
});

Deno.test("one card at a time: the second waits until the first has gone", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const first = await ready(reader, plainCard(() => frame("9001")));
  await using second = await ScriptedCard.insert(
    reader.port,
    plainCard(() => frame("9002"), ATR_T0),
  );
  const select = (protocol: number) =>
    transmit(reader, protocol, SELECT_MF).then(show);
  assert.equal(await select(SCARD_PROTOCOL_T1), `${SUCCESS} 9001`);
  assert.deepEqual(second.received, []);

  const absent = untilAbsent(reader);
  await first.remove();
  await absent;
  await untilPresent(reader);
  // The session of the first card has nothing to say about the second.
  assert.equal(await select(SCARD_PROTOCOL_T1), INVALID_DEVICE_STATE);
  assert.equal(
    show(await power(reader, SCARD_COLD_RESET)),
    `${SUCCESS} ${toHex(ATR_T0)}`,
  );
  assert.equal(await select(SCARD_PROTOCOL_T0), `${SUCCESS} 9002`);
});

Deno.test("an ATR that is none leaves the card in and unpowered", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  const atr = ATR_T1.slice();
  await using _card = await ScriptedCard.insert(
    reader.port,
    plainCard(undefined, atr),
  );
  await untilPresent(reader);
  atr[atr.length - 1] ^= 1;
  assert.equal(show(await power(reader, SCARD_COLD_RESET)), UNRECOGNIZED_MEDIA);
  assert.equal(await state(reader), SCARD_PRESENT);
  atr[atr.length - 1] ^= 1;
  assert.match(show(await power(reader, SCARD_WARM_RESET)), /^00000000 3B/);
});

Deno.test("a frame goes out in one piece", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  using link = await Deno.connect({
    hostname: "127.0.0.1",
    port: reader.port,
  });
  const chunk = new Uint8Array(64);
  assert.equal(await link.read(chunk), 3);
  await link.write(frame("3B00"));
  await untilPresent(reader);
  const reset = power(reader, SCARD_COLD_RESET);
  let seen = "";
  while (!seen.endsWith("000104")) {
    seen += toHex(chunk.subarray(0, (await link.read(chunk))!));
  }
  await link.write(frame("3B00"));
  await reset;
  const answer = transmit(reader, SCARD_PROTOCOL_T0, SELECT_MF);
  assert.equal(await link.read(chunk), 2 + SELECT_MF.length);
  await link.write(frame("9000"));
  assert.equal(show(await answer), `${SUCCESS} 9000`);
});
