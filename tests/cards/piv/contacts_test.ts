// Invariant: over T=0, over T=1 and above both, the card answers the same.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { createPivApduCard, createPivCard } from "../../../src/cards/mod.ts";
import { PlainT1Reader, t0Transmit, Wire } from "../test_reader.ts";

const GUID = new Uint8Array(16).fill(7);
const CERTIFICATE = new Uint8Array(900).map((_, i) => i * 11);
const OBJECTS = new Map([[0x5fc105, CERTIFICATE]]);
const SETTINGS = { guid: GUID, objects: OBJECTS };

const SCRIPT = [
  "00A4040009A0000003080000100000",
  "00CB3FFF035C017E00",
  "00CB3FFF055C035FC10200",
  "00200080",
  "0020008008313233343536FFFF",
  "00200080",
  "00FF0000",
  "00CB3FFF055C035FC10500",
];

/** What the card answers above its protocols. */
async function expected(): Promise<string[]> {
  const card = createPivApduCard(SETTINGS);
  await card.powerOn();
  const answers: string[] = [];
  for (const hex of SCRIPT) {
    let answer = toHex(await card.transmit(fromHex(hex)));
    while (answer.slice(-4, -2) === "61") {
      const more = toHex(await card.transmit(fromHex("00C0000000")));
      answer = answer.slice(0, -4) + more;
    }
    answers.push(answer);
  }
  assert.equal(answers.at(-1), `53820384${toHex(CERTIFICATE)}9000`);
  return answers;
}

Deno.test("T=1: the same answers, in blocks", async () => {
  const wire = new Wire(createPivCard({ ...SETTINGS, protocols: ["t1"] }));
  wire.reset();
  const reader = new PlainT1Reader(wire);
  for (const [index, answer] of (await expected()).entries()) {
    let got = toHex(await reader.transmit(fromHex(SCRIPT[index])));
    while (got.slice(-4, -2) === "61") {
      const more = toHex(await reader.transmit(fromHex("00C0000000")));
      got = got.slice(0, -4) + more;
    }
    assert.equal(got, answer, SCRIPT[index]);
  }
});

Deno.test("T=0: the same answers, by GET RESPONSE of the transport", async () => {
  const wire = new Wire(createPivCard({ ...SETTINGS, protocols: ["t0"] }));
  wire.reset();
  for (const [index, answer] of (await expected()).entries()) {
    const command = fromHex(SCRIPT[index]);
    const data = command.subarray(5, 5 + (command[4] ?? 0));
    const got = await t0Transmit(wire, 0, command.subarray(0, 4), data);
    assert.equal(toHex(got), answer, SCRIPT[index]);
  }
});

Deno.test("an own ATR stays as it is, and both protocols are offered without one", () => {
  const atr = fromHex("3B8001 81".replace(" ", ""));
  assert.equal(toHex(createPivCard({ atr }).atr), "3B800181");
  assert.equal(toHex(createPivApduCard({ atr }).atr), "3B800181");
  const plain = toHex(createPivCard().atr);
  assert.match(plain, /8073C021C0..$/);
});
