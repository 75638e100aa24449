// Invariant: pieces of one command are one command; anything in between ends it, and counts as itself.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { readTlvs, tlv } from "../../../src/cards/piv/tlv.ts";
import { MemoryStore } from "./memory_store.ts";
import { PIN, PivHost, verifyPin } from "./piv_host.ts";

const FIRST = `1020008004${PIN.slice(0, 8)}`;
const LAST = `0020008004${PIN.slice(8)}`;

Deno.test("a command in pieces, also empty ones", async () => {
  const host = new PivHost();
  await host.run(
    [FIRST, "9000"],
    ["10200080", "9000"],
    [LAST, "9000"],
    ["0020FF80", "9000"],
    [FIRST, "9000"],
    [LAST, "9000"],
    ["00200080", "9000"],
  );
});

Deno.test("what comes between ends a chain", async () => {
  for (
    const [between, answer] of [
      ["00CB3FFF035C017F00", "6A82"],
      ["00FF0000", "6D00"],
      ["00C0000000", "6985"],
      ["00", "6700"],
      ["80200080", "6E00"],
      ["0C200080", "6882"],
      ["01200080", "6881"],
      ["10200081053132", "6700"],
      ["10200081", "9000"],
    ] as const
  ) {
    const host = new PivHost();
    await host.run([FIRST, "9000"], [between, answer], [LAST, "6A80"]);
    assert.equal(host.card.state.pin.triesLeft, 3);
  }
});

Deno.test("a chain that is too long is given up", async () => {
  const host = new PivHost();
  const piece = `10DB3FFF00FF00${"00".repeat(0xff00)}`;
  await host.run([piece, "6700"]);
  const short = `10DB3FFFFF${"00".repeat(255)}`;
  for (let i = 0; i < 64; i++) await host.run([short, "9000"]);
  await host.run([short, "6700"], [short, "9000"]);
});

Deno.test("a response is fetched in the pieces that are asked for", async () => {
  const host = new PivHost();
  const read = async (hex: string) =>
    toHex(await host.card.process(fromHex(hex)));
  const whole = await read("00CB3FFF055C035FC10200");
  const bytes = whole.length / 2 - 2;
  const left = (got: number) =>
    `61${(bytes - got).toString(16).toUpperCase().padStart(2, "0")}`;
  const ask = "00CB3FFF055C035FC102";
  assert.equal(await read(ask), left(0));
  assert.equal(await read("00C0000001"), whole.slice(0, 2) + left(1));
  assert.equal(await read("00C0010001"), "6A86");
  assert.equal(await read("00C00000"), left(1));
  assert.equal(await read("00C0000000"), whole.slice(2));
  assert.equal(await read("00C0000000"), "6985");
  assert.equal(await read(`${ask}02`), whole.slice(0, 4) + left(2));
  assert.equal(await read("00200080"), "63C3");
  assert.equal(await read("00C0000000"), "6985");
});

Deno.test("commands that a reset has overtaken change nothing, and the next ones wait for them", async () => {
  const store = new MemoryStore();
  const host = new PivHost({ store });
  await host.authenticate();
  const overtaken = host.send("0047009E05AC0380010700");
  const waiting = host.send(verifyPin("3030303030303030"));
  host.card.reset();
  const after = host.send("00200080");
  assert.deepEqual(await Promise.all([overtaken, waiting, after]), [
    "6985",
    "6985",
    "63C3",
  ]);
  assert.equal(host.card.state.keys.size, 0);
  assert.equal(store.saves, 1);
});

Deno.test("TLV: lengths of each size, and what is none", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
    const bytes = tlv(0x5fc102, new Uint8Array(length));
    const [object] = readTlvs(bytes) ?? [];
    assert.deepEqual([object.tag, object.value.length], [0x5fc102, length]);
    for (let cut = 1; cut < Math.min(bytes.length, 8); cut++) {
      assert.equal(readTlvs(bytes.subarray(0, cut)), null);
    }
  }
  for (const bad of ["5F", "5FC1", "5FC1C10100", "8180", "818300000100"]) {
    assert.equal(readTlvs(fromHex(bad)), null, bad);
  }
  assert.deepEqual(readTlvs(new Uint8Array()), []);
});
