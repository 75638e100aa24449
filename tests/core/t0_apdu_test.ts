import assert from "node:assert/strict";
import {
  type Core,
  Machine,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
  T0ApduExchange,
  T0Exchange,
} from "../../src/core/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import { eachCore } from "./cores.ts";

/** Plays `> TPDU < answer` for one APDU; returns the response, or the error's name. */
function play(
  core: Core,
  apdu: string,
  script: string,
  options?: { uicc: boolean },
): string {
  using exchange = new T0ApduExchange(new Machine(core));
  const { send, receive } = exchange.machine;
  let event = exchange.start(fromHex(apdu), options);
  for (const part of script.match(/[<>][^<>]*/g) ?? []) {
    assert.equal(event, MACHINE_TRANSFER, `${script}: before ${part}`);
    const bytes = fromHex(part.slice(1).replaceAll(" ", ""));
    if (part[0] === ">") {
      const sent = toHex(send.subarray(0, exchange.build()));
      assert.equal(sent, toHex(bytes), script);
    } else {
      receive.set(bytes);
      event = exchange.digest(bytes.length);
    }
  }
  const found = event === MACHINE_DONE
    ? toHex(exchange.response())
    : machineErrorName(event);
  exchange.machine[Symbol.dispose]();
  return found;
}

eachCore("APDUs over T=0: each case of ISO/IEC 7816-3 12.2", (core) => {
  const cases: [apdu: string, script: string, response: string][] = [
    ["00A40000", "> 00A4000000 < 9000", "9000"],
    ["00B0000005", "> 00B0000005 < 01020304059000", "01020304059000"],
    // 6Cxx: once more, cut to Ne.
    ["00B0000010", "> 00B0000010 < 6C02 > 00B0000002 < AABB9000", "AABB9000"],
    ["00B0000001", "> 00B0000001 < 6C02 > 00B0000002 < AABB9000", "AA9000"],
    ["00B0000001", "> 00B0000001 < 6C02 > 00B0000002 < 6C03", "6C03"],
    ["00D6000002AABB", "> 00D6000002AABB < 9000", "9000"],
    // Case 4S: data first, the answer is fetched.
    [
      "80A40400023F0000",
      "> 80A40400023F00 < 6102 > 80C0000002 < 6F009000",
      "6F009000",
    ],
    [
      "00A40400023F0001",
      "> 00A40400023F00 < 9000 > 00C0000001 < 6F9000",
      "6F9000",
    ],
    [
      "00A40400023F0003",
      "> 00A40400023F00 < 6102 > 00C0000002 < AABB6101 > 00C0000001 < CC9000",
      "AABBCC9000",
    ],
    ["00A40400023F0000", "> 00A40400023F00 < 6A82", "6A82"],
    ["00A40400023F0000", "> 00A40400023F00 < 6283", "6283"],
    // A card that announces data without end hands none out.
    [
      "00A40400023F0000",
      "> 00A40400023F00 < 6100 > 00C0000000 < 6100",
      "6100",
    ],
    ["00B0000002", "> 00B0000002 < 6102", "6102"],
  ];
  for (const [apdu, script, response] of cases) {
    assert.equal(play(core, apdu, script), response, script);
  }
});

eachCore("APDUs over T=0: a long answer comes in pieces", (core) => {
  const piece = "AB".repeat(256);
  const script = `> 00B0000000 < ${piece}6100 > 00C0000000 < ${piece}6110` +
    ` > 00C0000010 < ${"CD".repeat(16)}9000`;
  assert.equal(
    play(core, "00B00000000400", script),
    piece + piece + "CD".repeat(16) + "9000",
  );
});

eachCore("APDUs over T=0: a long command goes in ENVELOPE", (core) => {
  const apdu = "01D6000000012C" + "EE".repeat(300) + "0002";
  const script = `> 01C20000FF${apdu.slice(0, 510)} < 9000` +
    ` > 01C2000036${apdu.slice(510)} < 6102 > 01C0000002 < AABB9000`;
  assert.equal(play(core, apdu, script), "AABB9000");
  const refused = `> 01C20000FF${apdu.slice(0, 510)} < 6D00`;
  assert.equal(play(core, apdu, refused), "6D00");
});

eachCore(
  "APDUs over T=0: a UICC's warning is fetched for, and kept",
  (core) => {
    const script = "> 00A40400023F00 < 6283 > 00C0000000 < 6C02" +
      " > 00C0000002 < AABB9000";
    assert.equal(
      play(core, "00A40400023F0000", script, { uicc: true }),
      "AABB6283",
    );
  },
);

eachCore("APDUs over T=0: what cannot be sent, or answered so", (core) => {
  assert.equal(play(core, "00A4000000000000", ""), "APDU");
  assert.equal(play(core, "FFCA000000", ""), "CLA");
  assert.equal(play(core, "0060000000", ""), "INS");
  assert.equal(play(core, "", ""), "COMMAND_LENGTH");
  assert.equal(play(core, "00A40000", "> 00A4000000 < 90"), "TPDU_RESPONSE");
  assert.equal(
    play(core, "00A40000", "> 00A4000000 < 019000"),
    "TPDU_RESPONSE",
  );
  using exchange = new T0ApduExchange(new Machine(core));
  assert.equal(exchange.build(), 0);
  assert.equal(exchange.digest(2), MACHINE_ERRORS.STATE);
  assert.equal(
    exchange.start(new Uint8Array(65545)),
    MACHINE_ERRORS.COMMAND_LENGTH,
  );
  exchange.start(fromHex("00A40000"));
  assert.equal(exchange.digest(70_000), MACHINE_ERRORS.RECEIVE_LENGTH);
  assert.equal(exchange.digest(0.5), MACHINE_ERRORS.RECEIVE_LENGTH);
  assert.throws(() => exchange.build(66_000), RangeError);
  exchange.machine[Symbol.dispose]();
});

Deno.test("APDUs over T=0: the layer and the machine below it together", () => {
  using apdus = new T0ApduExchange();
  using tpdus = new T0Exchange();
  /** A card that answers SELECT with 61 02 and GET RESPONSE with two bytes. */
  const card = (header: Uint8Array): string[] =>
    header[1] === 0xa4 ? ["A4", "6102"] : ["C0AABB9000"];
  apdus.start(fromHex("00A40400023F0000"));
  for (let event = MACHINE_TRANSFER; event === MACHINE_TRANSFER;) {
    const tpdu = apdus.machine.send.slice(0, apdus.build());
    let below = tpdus.start(tpdu, { le: apdus.le });
    const answers = card(tpdu);
    while (below === MACHINE_TRANSFER) {
      tpdus.build();
      const piece = fromHex(answers.shift()!);
      tpdus.machine.receive.set(piece);
      below = tpdus.digest(piece.length);
    }
    assert.equal(below, MACHINE_DONE);
    event = apdus.digest(tpdus.copyResponse(apdus.machine.receive, 0));
  }
  assert.equal(toHex(apdus.response()), "AABB9000");
});
