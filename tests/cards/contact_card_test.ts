import { deepEqual, equal, throws } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  BabblingCard,
  buildAtr,
  createCard,
  DEFAULT_CARD_AID,
  FileSystemCard,
  GarbageCard,
  invertCharacters,
  MuteCard,
  ProtocolCard,
  SilentCard,
} from "../../src/cards/mod.ts";
import { ScriptedApplication } from "./t1_exchange.ts";
import { PlainT1Reader, Wire } from "./test_reader.ts";

const SELECT = fromHex(`00A4040006${DEFAULT_CARD_AID}00`);

Deno.test("the default card offers T=0 and T=1 at 512/16", () => {
  const card = new FileSystemCard();
  const wire = new Wire(card);
  equal(wire.reset(), "3B95 9580 31FE45 8073F62140 6E".replaceAll(" ", ""));
});

Deno.test("an inverse card sends 03 first and every character inverted, both ways", async () => {
  equal(toHex(invertCharacters(fromHex("3F3B609000"))), "0323F9F6FF");
  const card = createCard(undefined, {
    atr: { convention: "inverse", protocols: [0] },
  });
  const wire = new Wire(card);
  equal(wire.reset(), "03FF");
  const sent = invertCharacters(fromHex("00A4000000"));
  equal(toHex(await wire.send(sent)), "F6FF");
  equal(toHex(card.atr), "3F00");
});

Deno.test("without power or reader nothing is heard", async () => {
  const card = new FileSystemCard();
  card.reset("cold"); // nobody listens
  const wire = new Wire(card);
  equal(await wire.hex("00A4000000"), "9000");
  card.powerOff();
  equal(card.isPowered, false);
  equal(await wire.hex("00A4000000"), "");
  wire.reset();
  card.attach(null);
  equal(card.isPowered, false);
});

Deno.test("a reset forgets the selection and the numbers of T=1", async () => {
  const card = new FileSystemCard({ protocols: ["t1"] });
  const wire = new Wire(card);
  for (const kind of ["cold", "warm"] as const) {
    wire.reset(kind);
    const reader = new PlainT1Reader(wire);
    const read = fromHex("00B0810005");
    equal(toHex(await reader.transmit(read)), "6A82");
    equal(toHex((await reader.transmit(SELECT)).subarray(-2)), "9000");
    equal(toHex(await reader.transmit(read)), "48656C6C6F9000");
  }
});

Deno.test("a card with an ATR of bytes keeps its word about IFSC, EDC and mode", async () => {
  const card = new ProtocolCard(new ScriptedApplication("9000"), {
    atr: buildAtr({
      protocols: [1],
      ifscBytes: 4,
      specific: { protocol: 1 },
    }),
  });
  const wire = new Wire(card);
  wire.reset();
  equal(await wire.hex("000005 00A4000000 A1"), "00820082");
  equal(await wire.hex("000004 00A40000 A0"), "000002900092");
});

Deno.test("a card whose protocol has no endpoint says nothing", async () => {
  const wire = new Wire(
    new ProtocolCard(new ScriptedApplication(), { atr: { protocols: [14] } }),
  );
  wire.reset();
  equal(await wire.hex("00A4000000"), "");
});

Deno.test("an answer that comes after a reset or power off goes nowhere", async () => {
  const pending: (() => void)[] = [];
  const card = new ProtocolCard({
    process: () =>
      new Promise((resolve) => pending.push(() => resolve(fromHex("9000")))),
    reset() {},
  }, { atr: { protocols: [0] } });
  const wire = new Wire(card);
  for (const end of [() => card.reset("warm"), () => card.powerOff()]) {
    wire.reset();
    const busy = card.receive(fromHex("00A4000000"));
    end();
    wire.take();
    pending.shift()?.();
    await busy;
    equal(wire.take().length, 0);
  }
});

Deno.test("character timeout drops an incomplete PPS and T=1 block", async () => {
  const card = new FileSystemCard();
  const wire = new Wire(card);
  card.characterTimeout();
  wire.reset();
  equal(await wire.hex("FF11"), "");
  card.characterTimeout();
  equal(await wire.hex("FF01FE"), "FF01FE");
  equal(await wire.hex("0000"), "");
  card.characterTimeout();
  equal(toHex(wire.take()), "00820082");
});

Deno.test("options that cannot be met are refused at construction", () => {
  throws(() => new FileSystemCard({ t1: { ifscBytes: 0 } }), RangeError);
  throws(() => new FileSystemCard({ t0: { procedure: [] } }), RangeError);
  throws(() => new FileSystemCard({ atr: { protocols: [] } }), RangeError);
});

Deno.test("faulty cards keep their faults", async () => {
  const mute = new Wire(new MuteCard());
  equal(mute.reset(), "");
  equal(await mute.hex("00A4000000"), "");
  const silent = new Wire(new SilentCard());
  equal(silent.reset(), "3B800181");
  equal(await silent.hex("00A4000000"), "");
  const answers = async (seed: number) => {
    const wire = new Wire(new GarbageCard({ seed, garbageAtr: true }));
    return [wire.reset(), await wire.hex("00"), await wire.hex("00")];
  };
  deepEqual(await answers(5), await answers(5));
  const babbling = new BabblingCard({ bytesPerAnswer: 1000 });
  const wire = new Wire(babbling);
  wire.reset();
  equal((await wire.hex("00")).length, 2000);
  babbling.powerOff();
  equal(await wire.hex("00"), "");
  throws(() => new BabblingCard({ bytesPerAnswer: 65_537 }), RangeError);
});
