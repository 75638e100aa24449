import { deepEqual, equal } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { cardCrc, createEdc } from "../../src/cards/edc.ts";

const DIGITS = new TextEncoder().encode("123456789");

Deno.test("CRC variants have the published check values", () => {
  const values = (["A", "B", "ARC", "C", "D"] as const).map((variant) =>
    cardCrc(DIGITS, DIGITS.length, variant)
  );
  deepEqual(values, [0x906e, 0x6f91, 0xbb3d, 0x593c, 0xde76]);
});

Deno.test("S(IFS request) 254 carries the code of each variant in wire order", () => {
  const block = fromHex("00C101FE");
  const codes = (["A", "B", "C", "D"] as const).map((variant) =>
    toHex(createEdc("CRC", variant).compute(block, block.length))
  );
  deepEqual(codes, ["B1AB", "544E", "ECD1", "90A8"]);
  const answer = fromHex("0020026A88");
  equal(toHex(createEdc("CRC", "C").compute(answer, 5)), "C686");
  equal(toHex(createEdc("LRC").compute(block, 4)), "3E");
});
