import { deepEqual, equal } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  buildAtr,
  FileSystemCard,
  type PpsBehaviour,
  PpsResponder,
  readCardAtr,
} from "../../src/cards/mod.ts";
import { Wire } from "./test_reader.ts";

const ATR = readCardAtr(
  buildAtr({ protocols: [0, 1], fiIndex: 9, diIndex: 5, spu: 0x81 }),
);

/** The reply in hex, "" for silence. */
function reply(request: string, behaviour?: PpsBehaviour): string {
  const outcome = new PpsResponder(ATR, behaviour).push(withPck(request));
  return outcome?.reply ? toHex(outcome.reply) : "";
}

function withPck(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  return Uint8Array.from([...bytes, bytes.reduce((a, b) => a ^ b, 0)]);
}

const good = (hex: string) => toHex(withPck(hex));

Deno.test("PPS: what is offered is agreed to", () => {
  equal(reply("FF00"), good("FF00"));
  equal(reply("FF01"), good("FF01"));
  equal(reply("FF1195"), good("FF1195"));
  equal(reply("FF1111"), good("FF1111"));
  equal(reply("FF1193"), good("FF1193"));
  equal(reply("FF319581"), good("FF319581"));
});

Deno.test("PPS: parameters beyond the offer are left out of the reply", () => {
  equal(reply("FF1196"), good("FF01")); // D too large
  equal(reply("FF11A5"), good("FF01")); // F too large
  equal(reply("FF119A"), good("FF01")); // RFU
  equal(reply("FF319500"), good("FF1195")); // another SPU
  equal(reply("FF7195812A"), good("FF319581")); // PPS3
  equal(reply("FF2181"), good("FF2181"));
});

Deno.test("PPS: bad requests and protocols not offered are left without an answer", () => {
  equal(reply("FF8095"), "");
  equal(reply("FF02"), "");
  const responder = new PpsResponder(ATR);
  equal(responder.push(fromHex("FF1195FF"))?.reply, null);
  equal(responder.push(fromHex("FF01FE00"))?.reply, null);
  equal(responder.isInsideRequest, false);
});

Deno.test("PPS: behaviours", () => {
  equal(reply("FF1195", "drop-pps1"), good("FF01"));
  equal(reply("FF1195", "ignore"), "");
  equal(reply("FF1195", "refuse"), good("FF00"));
  equal(reply("FF1195", "corrupt"), "FF119584");
});

Deno.test("PPS: a request in pieces", () => {
  const responder = new PpsResponder(ATR);
  equal(responder.push(fromHex("FF")), null);
  equal(responder.push(fromHex("1195")), null);
  deepEqual(responder.push(fromHex("7B"))?.agreement, {
    protocol: 1,
    fiIndex: 9,
    diIndex: 5,
  });
});

Deno.test("a card speaks the first protocol until PPS chooses, and PPS comes first or never", async () => {
  const card = new FileSystemCard();
  const wire = new Wire(card);
  wire.reset();
  equal(card.agreement, null);
  equal(await wire.hex("FF1196FF"), ""); // wrong PCK
  equal(await wire.hex("FF11957B"), "FF11957B");
  deepEqual(card.agreement, { protocol: 1, fiIndex: 9, diIndex: 5 });
  equal(await wire.hex("FF11957B"), ""); // now a block with LEN 95
  wire.reset();
  equal(await wire.hex("00A4000000"), "9000");
  deepEqual(card.agreement, { protocol: 0, fiIndex: 1, diIndex: 1 });
  equal(await wire.hex("FF11957B00"), "6E00"); // CLA FF
});

Deno.test("a card in specific mode takes no PPS; a warm reset may change the mode", async () => {
  const atr = {
    protocols: [0, 1],
    fiIndex: 9,
    diIndex: 5,
    specific: { protocol: 1, canChange: true },
  };
  const card = new FileSystemCard({ atr, warmAtr: { protocols: [0, 1] } });
  const wire = new Wire(card);
  wire.reset();
  deepEqual(card.agreement, { protocol: 1, fiIndex: 9, diIndex: 5 });
  equal(await wire.hex("FF01FE"), "");
  equal(await wire.hex("00C101FE3E"), "00E101FE1E");
  wire.reset("warm");
  equal(card.agreement, null);
  equal(await wire.hex("FF01FE"), "FF01FE");
  equal(await wire.hex("00C101FE3E"), "00E101FE1E");
});
