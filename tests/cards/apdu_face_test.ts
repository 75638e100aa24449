// Invariant: a card above its protocol answers every command exactly as the application does.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type ApduCard,
  apduFace,
  type CardApplication,
  createApduCard,
  createCard,
  DEFAULT_CARD_AID,
  DEFAULT_CARD_PIN,
  FileSystemApplication,
} from "../../src/cards/mod.ts";

const LENGTH = (DEFAULT_CARD_AID.length / 2).toString(16).padStart(2, "0");
const SELECT = `00A40400${LENGTH}${DEFAULT_CARD_AID}00`;
const ASK_PIN = "00200001";

async function send(card: ApduCard, command: string): Promise<string> {
  return toHex(await card.transmit(fromHex(command)));
}

/** An application that notes its commands, and does as told. */
function noting(
  process: CardApplication["process"] = () => fromHex("9000"),
): CardApplication & { notes: string[] } {
  const notes: string[] = [];
  return {
    notes,
    process(command) {
      notes.push(toHex(command));
      return process(command);
    },
    reset: () => void notes.push("reset"),
  };
}

Deno.test("the card with files is that of createCard: ATR, files and PIN", async () => {
  const card = createApduCard();
  assert.equal(toHex(card.atr), toHex(createCard().atr));
  await card.powerOn();
  assert.match(await send(card, SELECT), /9000$/);
  assert.equal(await send(card, "00FF0000"), "6D00");
  assert.equal(await send(card, "00"), "6700");
  const pin = toHex(new TextEncoder().encode(DEFAULT_CARD_PIN));
  const length = (pin.length / 2).toString(16).padStart(2, "0");
  assert.equal(await send(card, `${ASK_PIN}${length}${pin}`), "9000");
  assert.equal(await send(card, ASK_PIN), "9000");
  await card.reset();
  assert.match(await send(card, ASK_PIN), /^63C/);
});

Deno.test("protocols and ATR of the card with files may be chosen, and challenges too", async () => {
  const atr = (options: Parameters<typeof createApduCard>[1]) =>
    toHex(createApduCard(undefined, options).atr);
  for (const protocols of [["t0"], ["t1"], ["t0", "t1"]] as const) {
    assert.equal(
      atr({ protocols }),
      toHex(createCard(undefined, { protocols }).atr),
    );
  }
  assert.equal(atr({ atr: fromHex("3B00") }), "3B00");
  const card = createApduCard(undefined, {
    random: (length) => new Uint8Array(length).fill(7),
  });
  card.powerOn();
  assert.equal(await send(card, "0084000004"), "070707079000");
});

Deno.test("power on and reset reach the application, and without power nothing does", async () => {
  const application = noting();
  const card = apduFace(application);
  const refused = {
    message: "Cannot transmit: the card has no power, expected a power on",
  };
  assert.throws(() => card.transmit(fromHex("00A40000")), refused);
  card.reset();
  assert.deepEqual(application.notes.splice(0), []);
  card.powerOn();
  await card.transmit(fromHex("00A40000"));
  card.reset();
  card.powerOff();
  assert.throws(() => card.transmit(fromHex("00A40000")), refused);
  assert.deepEqual(application.notes, ["reset", "00A40000", "reset"]);
});

Deno.test("each command is the application's own, to keep and to change", async () => {
  const kept: Uint8Array[] = [];
  const card = apduFace({
    process(command) {
      kept.push(command);
      return fromHex("9000");
    },
    reset() {},
  });
  card.powerOn();
  const buffer = fromHex("00A40000");
  await card.transmit(buffer);
  buffer[3] = 1;
  await card.transmit(buffer);
  assert.deepEqual(kept.map((command) => toHex(command)), [
    "00A40000",
    "00A40001",
  ]);
  kept[1].fill(0xEE);
  assert.equal(toHex(buffer), "00A40001");
});

Deno.test("an application that answers later is waited for, and one that fails answers 6F00", async () => {
  for (
    const [process, answer] of [
      [() => Promise.resolve(fromHex("01029000")), "01029000"],
      [() => Promise.reject(new Error("torn")), "6F00"],
      [() => {
        throw new Error("burnt");
      }, "6F00"],
      [() => new Uint8Array(1), "6F00"],
    ] as [CardApplication["process"], string][]
  ) {
    const card = apduFace(noting(process));
    card.powerOn();
    assert.equal(await send(card, "00A40000"), answer);
  }
});

Deno.test("the ATR is built or given, and belongs to the card", () => {
  const application = new FileSystemApplication();
  assert.equal(toHex(apduFace(application).atr), "3B00");
  assert.equal(
    toHex(apduFace(application, { atr: { protocols: [1] } }).atr),
    "3B800181",
  );
  const given = fromHex("3B02AABB");
  const card = apduFace(application, { atr: given });
  given.fill(0);
  card.atr.fill(0);
  assert.equal(toHex(card.atr), "3B02AABB");
  for (const length of [0, 1, 34]) {
    assert.throws(
      () => apduFace(application, { atr: new Uint8Array(length) }),
      new RangeError(
        `Cannot make APDU card: the ATR has ${length} bytes, expected 2 to 33`,
      ),
    );
  }
});
