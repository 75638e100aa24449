import { equal, match, ok } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  apduFace,
  createOpenPgpCard,
  OpenPgpApplication,
} from "../../../src/cards/mod.ts";
import { PlainT1Reader, t0Tpdu, t0Transmit, Wire } from "../test_reader.ts";
import { extended, PW1_SIGN, PW3 } from "./openpgp_run.ts";

const EMPTY = new Uint8Array(0);

Deno.test("over T=1: an ATR as cards of this kind have it, long answers in pieces", async () => {
  const card = createOpenPgpCard();
  const wire = new Wire(card);
  equal(wire.reset(), "3B9A958131FE450031C573C001E005900037");
  const reader = new PlainT1Reader(wire);
  const transmit = async (command: string) =>
    toHex(await reader.transmit(fromHex(command)));
  equal(await transmit(PW3), "9000");
  equal(await transmit(`00DA0102000200 ${"5A".repeat(512)}`), "9000");
  equal(await transmit("00CA010200"), `${"5A".repeat(256)}6100`);
  equal(await transmit("00C0000000"), `${"5A".repeat(256)}9000`);
  equal(
    await transmit("00CA0102000000"),
    `${"5A".repeat(512)}9000`,
  );
  match(await transmit("00478000000002B6000000"), /^7F49.*9000$/);
});

Deno.test("over T=0: long answers by the GET RESPONSE of the protocol", async () => {
  const card = createOpenPgpCard({ protocols: ["t0"], algorithm: "p256" });
  const wire = new Wire(card);
  wire.reset();
  const transmit = async (command: string, data = "") =>
    toHex(await t0Transmit(wire, 0, fromHex(command), fromHex(data)));
  equal(await transmit("00A40400", "D27600012401"), "9000");
  equal(await transmit("00200083", "3132333435363738"), "9000");
  equal(await transmit("10DA0102", "5A".repeat(255)), "9000");
  equal(await transmit("00DA0102", "5A".repeat(100)), "9000");
  equal(await transmit("00CA0102"), `${"5A".repeat(355)}9000`);
  equal(await transmit("00CA004F20"), "D276000124010304FFFF0000000100009000");
  equal(await transmit("00CC7F21"), "9000");
  match(await transmit("00478000", "B600"), /^7F49438641.*9000$/);
  equal(await transmit("00200081", "313233343536"), "9000");
  equal((await transmit("002A9E9A", "AA".repeat(32))).length, 2 * 66);
  equal(toHex(await t0Tpdu(wire, fromHex("0020008200"), EMPTY)), "63C3");
});

Deno.test("the application and the ATR fit a reader of APDUs", async () => {
  const { application, atr } = createOpenPgpCard({ algorithm: "curve25519" });
  const face = apduFace(application, { atr });
  face.powerOn();
  equal(toHex(await face.transmit(fromHex(PW3))), "9000");
  const made = await face.transmit(fromHex("0047800002B60000"));
  equal(toHex(made.subarray(-2)), "9000");
  await face.transmit(fromHex(PW1_SIGN));
  const signing = face.transmit(fromHex(extended("002A9E9A", made)));
  ok(signing instanceof Promise);
  equal((await signing).length, 66);
});

Deno.test("the making of a key asks for time, other commands do not", () => {
  const card = new OpenPgpApplication();
  ok((card.waitingTime(fromHex("0047800002B60000"))?.multiplier ?? 0) > 1);
  equal(card.waitingTime(fromHex("0047810002B60000")), null);
  equal(card.waitingTime(fromHex("00")), null);
});

Deno.test("a source of randomness that is none hangs nothing", async () => {
  const { application, atr } = createOpenPgpCard({
    algorithm: "p256",
    random: (length) => new Uint8Array(length),
  });
  const face = apduFace(application, { atr });
  face.powerOn();
  equal(toHex(await face.transmit(fromHex(PW3))), "9000");
  const made = await face.transmit(fromHex("0047800002B60000"));
  equal(toHex(made), "6F00");
  equal(toHex(await face.transmit(fromHex("00CA00DE00"))).slice(-4), "9000");
});
