import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  createTestCard,
  type TestCard,
  testCardDigest,
  type TestCardOptions,
} from "../../src/cards/mod.ts";

/** What the card sends, by its contacts. */
function wired(card: TestCard): string[] {
  const said: string[] = [];
  card.contacts.attach((bytes) => said.push(toHex(bytes)));
  return said;
}

/** A command above the protocol; "silent" where the card rejects. */
async function ask(card: TestCard, hex: string): Promise<string> {
  try {
    return toHex(await card.apdus.transmit(fromHex(hex)));
  } catch (error) {
    assert.match(String(error), /mute or without power/);
    return "silent";
  }
}

// deno-fmt-ignore
const ANSWERS: readonly [what: string, command: string, answer: string][] = [
  ["ECHO", "80100000020A0B00", "0A0B9000"],
  ["ECHO, extended", "801000000000020A0B0000", "0A0B9000"],
  ["ECHO, CLA 00", "00100000010A00", "0A9000"],
  ["GIVE", "8020070003", "0708099000"],
  ["GIVE FIXED", "8022020500", "05069000"],
  ["TAKE", "8024000002AABB", "9000"],
  ["DIGEST of that", "8026000004", "000211659000"],
  ["NOTHING", "80300000", "9000"],
  ["DAMAGE", "802C0300", "9000"],
  ["SELECT 3F00", "80A40000023F00", "9000"],
  ["SELECT of another file", "80A4000002CAFE", "6A82"],
  ["unknown INS", "80FE0000", "6D00"],
  ["unknown CLA", "40300000", "6E00"],
  ["malformed", "8010000005AA", "6700"],
  ["too short", "8010", "6700"],
  ["the beginning of a chained ECHO", "90100000020102", "9000"],
  ["its end", "80100000010300", "0102039000"],
  ["a chain of another command", "90300000", "6884"],
];

Deno.test("each command does what the table says", async () => {
  const card = createTestCard();
  card.apdus.powerOn();
  for (const [what, command, answer] of ANSWERS) {
    assert.equal(await ask(card, command), answer, what);
  }
  assert.equal(card.commands, ANSWERS.length);
  assert.equal(toHex(testCardDigest(fromHex("AABB"))), "00021165");
});

Deno.test("both faces are one card: a reset through either is a reset", async () => {
  const card = createTestCard({ protocols: ["t0"] });
  const said = wired(card);
  assert.equal(await ask(card, "80300000"), "silent");
  card.contacts.reset("cold");
  assert.equal(await ask(card, "802E000004"), "000100019000");
  card.contacts.receive(fromHex("802E000004"));
  assert.equal(said.pop(), "2E000100029000");
  card.apdus.reset();
  assert.equal(said.pop(), toHex(card.atr));
  card.contacts.receive(fromHex("802E000004"));
  assert.equal(said.pop(), "2E000200019000");
  card.apdus.powerOff();
  assert.equal(await ask(card, "80300000"), "silent");
  card.apdus.powerOn();
  assert.equal(await ask(card, "802E000004"), "000300019000");
  assert.deepEqual(card.history, ["cold", "warm", "off", "cold"]);
  assert.equal(card.resets, 3);
});

Deno.test("MUTE lasts until the next reset, at both faces", async () => {
  const card = createTestCard({ protocols: ["t0"] });
  const said = wired(card);
  card.contacts.reset("cold");
  said.length = 0;
  card.contacts.receive(fromHex("802A000000"));
  card.contacts.receive(fromHex("8030000000"));
  assert.deepEqual(said, []);
  assert.equal(await ask(card, "80300000"), "silent");
  card.contacts.reset("warm");
  assert.equal(await ask(card, "80300000"), "9000");
});

Deno.test("HOLD thinks until it is released; a reset takes its answer away", async () => {
  const card = createTestCard();
  card.apdus.powerOn();
  const first = ask(card, "80320000");
  await card.whenHeld;
  card.release();
  assert.equal(await first, "9000");
  const second = ask(card, "80320000");
  await card.whenHeld;
  card.apdus.reset();
  assert.equal(await second, "silent");
});

Deno.test("resets can be mute or garbage, at both faces", () => {
  const mute = createTestCard({ reset: "mute" });
  const said = wired(mute);
  mute.contacts.reset("cold");
  assert.deepEqual(said, []);
  assert.equal(mute.apdus.atr.length, 0);
  const garbage = createTestCard({ reset: "garbage" });
  const noise = wired(garbage);
  garbage.contacts.reset("cold");
  assert.deepEqual(noise, ["3B800102"]);
  assert.equal(toHex(garbage.apdus.atr), "3B800102");
});

Deno.test("the ATR says what the options say", () => {
  const atrs: [TestCardOptions, string][] = [
    [{ protocols: ["t0"] }, "3B0454455354"],
    [{ protocols: ["t0"], ta1: 0x95, wi: 2 }, "3B9495400254455354"],
    [{ convention: "inverse", protocols: ["t0"] }, "3F0454455354"],
    [{ protocols: ["t1"], ifscBytes: 32 }, "3B848111205445535422"],
    [{ specific: "t1" }, "3B84908111FE544553546C"],
  ];
  for (const [options, expected] of atrs) {
    const card = createTestCard(options);
    assert.equal(toHex(card.atr), expected);
    assert.deepEqual(card.apdus.atr, card.atr);
  }
  assert.throws(() => createTestCard({ ifscBytes: 255 }), RangeError);
});

Deno.test("DAMAGE spoils as many blocks as it says, then no more", () => {
  const card = createTestCard({ protocols: ["t1"] });
  const said = wired(card);
  card.contacts.reset("cold");
  const send = (block: string) => {
    said.length = 0;
    card.contacts.receive(fromHex(block));
    return said.join(" ");
  };
  assert.equal(send("000004802C0200AA"), "000002900092");
  assert.equal(send("00400480300000F4"), "0040029000D3");
  // R(1), other error: the same block again.
  assert.equal(send("00920092"), "0040029000D3");
  assert.equal(send("00920092"), "0040029000D2");
});

Deno.test("an ATR is held until it is released, at both faces", async () => {
  const card = createTestCard({ protocols: ["t0"] });
  const said = wired(card);
  const reached: string[] = [];
  card.holdNext("atr", () => reached.push("contacts"));
  const cold = card.contacts.reset("cold");
  assert.deepEqual([reached, said], [["contacts"], []]);
  await card.whenHeld;
  card.release();
  assert.deepEqual(said, [toHex(card.atr)]);
  await cold;
  card.holdNext("atr", () => reached.push("apdus"));
  const warm = card.apdus.reset();
  assert.deepEqual(reached, ["contacts", "apdus"]);
  // Without power there is nothing to send, and nothing to wait for.
  card.contacts.powerOff();
  await warm;
  assert.equal(said.length, 1);
  // Only the next one is held.
  assert.equal(card.contacts.reset("cold"), undefined);
  assert.equal(said.length, 2);
});

Deno.test("a PPS response is held until it is released, however its request came", async () => {
  for (const pieces of [["FF10956A"], ["FF", "1095", "6A"]]) {
    const card = createTestCard({ protocols: ["t0"], ta1: 0x95 });
    const said = wired(card);
    card.contacts.reset("cold");
    said.length = 0;
    const request = fromHex(pieces.join(""));
    request[3] = request[0] ^ request[1] ^ request[2];
    card.holdNext("pps");
    let from = 0;
    for (const piece of pieces) {
      const end = from + piece.length / 2;
      card.contacts.receive(request.subarray(from, end));
      from = end;
    }
    await card.whenHeld;
    assert.deepEqual(said, []);
    card.release();
    assert.deepEqual(said, [toHex(request)]);
  }
});

Deno.test("the loss of power can be watched for, and comes once", () => {
  const card = createTestCard();
  let losses = 0;
  card.holdNext("off", () => losses++);
  card.contacts.powerOff();
  assert.equal(losses, 0, "without power there is none to lose");
  card.contacts.reset("cold");
  card.contacts.powerOff();
  assert.equal(losses, 1);
});

Deno.test("HOLD asks for time as ECHO does, and a NULL can be sent beside it", async () => {
  const card = createTestCard({ protocols: ["t0"], convention: "inverse" });
  const said = wired(card);
  card.contacts.reset("cold");
  said.length = 0;
  // 80 32 02 00 00 in inverse convention.
  const busy = card.contacts.receive(fromHex("FEB3BFFFFF"));
  await card.whenHeld;
  card.sendNull();
  card.release();
  await busy;
  assert.deepEqual(said, ["F9F9", "F9", "F6FF"]);
});
