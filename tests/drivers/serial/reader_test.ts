import assert from "node:assert/strict";
import { createCard, createTestCard } from "../../../src/cards/mod.ts";
import type { TestCardOptions } from "../../../src/cards/mod.ts";
import {
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_WARM_RESET,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import {
  power,
  setProtocol,
  state,
  untilAbsent,
  untilPresent,
} from "../requests.ts";
import { connect, echoCommand, exchange, useTestCard } from "./sessions.ts";
import { workplace } from "./workplace.ts";

const T0 = SCARD_PROTOCOL_T0;
const T1 = SCARD_PROTOCOL_T1;

/** Cards, the protocol wanted of them, and the speeds that the reader sends at. */
const KINDS: [string, TestCardOptions, number, number[]][] = [
  ["T=0", { protocols: ["t0"] }, T0, [9622]],
  ["T=1", { protocols: ["t1"] }, T1, [9622]],
  ["T=1, which is not offered first", {}, T1, [9622]],
  ["T=1 with CRC", { protocols: ["t1"], edc: "CRC" }, T1, [9622]],
  ["T=1 with IFSC 7", { protocols: ["t1"], ifscBytes: 7 }, T1, [9622]],
  ["T=0, 512/16", { protocols: ["t0"], ta1: 0x95 }, T0, [9622, 115_200]],
  ["T=1, 512/16", { protocols: ["t1"], ta1: 0x95 }, T1, [9622, 115_200]],
  ["T=1, 372/4", { protocols: ["t1"], ta1: 0x13 }, T1, [9622, 38_490]],
  ["T=1 of TA2, 512/8", { protocols: ["t1"], ta1: 0x94, specific: "t1" }, T1, [
    55_930,
  ]],
];

for (const [name, options, protocol, speeds] of KINDS) {
  for (const convention of ["direct", "inverse"] as const) {
    for (const hasParity of [true, false]) {
      const port = hasParity ? "" : ", a port that sees no parity";
      Deno.test(`${name}, ${convention} convention${port}`, async () => {
        const card = createTestCard({ ...options, convention });
        await using place = await workplace({
          card: card.contacts,
          adaptor: { hasParity },
        });
        assert.equal(await state(place.reader), SCARD_PRESENT);
        assert.equal(await connect(place.reader, protocol), protocol);
        await useTestCard(place.reader, protocol);
        assert.deepEqual(place.adaptor.violations, []);
        assert.deepEqual(place.adaptor.hostSpeeds, speeds);
      });
    }
  }
}

for (
  const procedure of [
    ["all"],
    ["one"],
    ["null", "all"],
    ["null", "null", "one"],
    ["one", "one", "null", "all"],
    ["one", "all"],
  ] as const
) {
  Deno.test(`T=0 procedure bytes: ${procedure.join(", ")}`, async () => {
    const card = createTestCard({ protocols: ["t0"], procedure });
    await using place = await workplace({ card: card.contacts });
    await connect(place.reader, T0);
    await useTestCard(place.reader, T0);
    assert.deepEqual(place.adaptor.violations, []);
  });
}

Deno.test("T=1: more time, longer than the waiting time without it", async () => {
  const card = createTestCard({ protocols: ["t1"], bwi: 0 });
  await using place = await workplace({ card: card.contacts });
  await connect(place.reader, T1);
  assert.equal(
    await exchange(place.reader, T1, echoCommand("AABB", "0205")),
    "AABB9000",
  );
});

Deno.test("T=1: blocks that stay damaged end in RESYNCH, and the command is repeated", async () => {
  const card = createTestCard({ protocols: ["t1"] });
  await using place = await workplace({ card: card.contacts });
  await connect(place.reader, T1);
  for (const count of ["01", "02", "03", "04"]) {
    const send = (command: string) => exchange(place.reader, T1, command);
    assert.equal(await send(`802C${count}00`), "9000");
    assert.equal(await send(echoCommand("0102")), "01029000", count);
  }
});

for (const pps of ["ignore", "refuse", "corrupt", "drop-pps1"] as const) {
  Deno.test(`PPS that the card answers with "${pps}"`, async () => {
    const card = createTestCard({ ta1: 0x95, pps });
    await using place = await workplace({ card: card.contacts });
    // Without PPS only the protocol offered first can be had.
    assert.equal(await connect(place.reader, T0), T0);
    await useTestCard(place.reader, T0);
    assert.deepEqual(place.adaptor.violations, []);
    assert.deepEqual(place.adaptor.hostSpeeds, [9622]);
  });
}

Deno.test("the reader keeps to the rates that the port makes", async () => {
  const card = createTestCard({ protocols: ["t1"], ta1: 0x95 });
  await using place = await workplace({
    card: card.contacts,
    reader: { baudRates: [9600, 19_200, 38_400, 57_600] },
  });
  await connect(place.reader, T1);
  await useTestCard(place.reader, T1);
  assert.deepEqual(place.adaptor.hostSpeeds, [9600, 38_400]);
  assert.deepEqual(place.adaptor.violations, []);
});

for (const clockKhz of [3579.545, 3686.4, 4000, 6000]) {
  Deno.test(`a crystal of ${clockKhz} kHz`, async () => {
    const card = createTestCard({ protocols: ["t1"], ta1: 0x35 });
    await using place = await workplace({
      card: card.contacts,
      adaptor: { clockKhz },
      reader: { clockKhz },
    });
    await connect(place.reader, T1);
    await useTestCard(place.reader, T1);
    assert.deepEqual(place.adaptor.violations, []);
    assert.equal(place.adaptor.hostSpeeds.length, 2);
  });
}

Deno.test("a speed that the port refuses after PPS ends in an error, a reset begins anew", async () => {
  const card = createTestCard({ protocols: ["t1"], ta1: 0x95 });
  await using place = await workplace({ card: card.contacts });
  place.port.refuses = ({ baudRate }) => baudRate > 100_000;
  await power(place.reader, SCARD_COLD_RESET);
  await setProtocol(place.reader, T1);
  assert.equal(
    await exchange(place.reader, T1, "80300000"),
    "STATUS_IO_TIMEOUT",
  );
  place.port.refuses = null;
  await connect(place.reader, T1);
  assert.equal(await exchange(place.reader, T1, "80300000"), "9000");
});

for (const n of [0, 1, 5, 100, 255]) {
  for (const t of [0, 1]) {
    Deno.test(`guard time: N = ${n}, T=${t}`, async () => {
      const card = createCard(undefined, {
        protocols: t === 0 ? ["t0"] : ["t1"],
        atr: { protocols: [t], n },
      });
      await using place = await workplace({ card });
      const protocol = t === 0 ? T0 : T1;
      await connect(place.reader, protocol);
      assert.equal(
        await exchange(place.reader, protocol, "00A4000C023F00"),
        "9000",
      );
      assert.deepEqual(place.adaptor.violations, []);
      const shortest = n === 255 && t === 1 ? 1 : 2;
      assert.equal(place.adaptor.settings?.stopBits, shortest);
    });
  }
}

Deno.test("insertion and removal end the waiting request", async () => {
  await using place = await workplace();
  assert.equal(await state(place.reader), SCARD_ABSENT);
  const inserted = untilPresent(place.reader);
  place.adaptor.insert(createTestCard().contacts);
  await inserted;
  assert.equal(await state(place.reader), SCARD_PRESENT);
  const removed = untilAbsent(place.reader);
  place.adaptor.remove();
  await removed;
  assert.equal(await state(place.reader), SCARD_ABSENT);
});

Deno.test("a card that is exchanged between two looks is a new one", async () => {
  const first = createTestCard();
  await using place = await workplace({ card: first.contacts });
  await power(place.reader, SCARD_COLD_RESET);
  assert.equal(await state(place.reader), SCARD_NEGOTIABLE);
  const removed = untilAbsent(place.reader);
  place.adaptor.remove();
  place.adaptor.insert(createTestCard().contacts);
  await removed;
  assert.equal(await state(place.reader), SCARD_PRESENT);
});

for (const line of ["cts", "dsr", "cd"] as const) {
  for (const inverted of [false, true]) {
    Deno.test(`the card contact on ${line}, ${inverted ? "" : "not "}inverted`, async () => {
      await using place = await workplace({
        adaptor: { detect: { line, inverted } },
        reader: { cardDetect: line, cardDetectInverted: inverted },
      });
      assert.equal(await state(place.reader), SCARD_ABSENT);
      const inserted = untilPresent(place.reader);
      place.adaptor.insert(createTestCard().contacts);
      await inserted;
      await connect(place.reader, SCARD_PROTOCOL_Tx);
    });
  }
}

Deno.test("without a card contact a card is always in, and a reset tells", async () => {
  await using place = await workplace({ reader: { cardDetect: "none" } });
  assert.equal(await state(place.reader), SCARD_PRESENT);
  const { status } = await power(place.reader, SCARD_COLD_RESET);
  assert.equal(statusName(status), "STATUS_IO_TIMEOUT");
  place.adaptor.insert(createTestCard().contacts);
  await connect(place.reader, SCARD_PROTOCOL_Tx);
});

for (const inverted of [false, true]) {
  for (const line of ["rts", "dtr"] as const) {
    const other = line === "rts" ? "dtr" : "rts";
    Deno.test(`reset on ${line}, power on ${other}, ${inverted ? "" : "not "}inverted`, async () => {
      const card = createTestCard();
      const lines = {
        reset: { line, inverted },
        power: { line: other, inverted },
      } as const;
      await using place = await workplace({
        card: card.contacts,
        adaptor: lines,
        reader: lines,
      });
      assert.equal(place.adaptor.isReset, true);
      assert.equal(place.adaptor.isPowered, false);
      await power(place.reader, SCARD_COLD_RESET);
      await power(place.reader, SCARD_WARM_RESET);
      assert.equal(
        (await power(place.reader, SCARD_POWER_DOWN)).status,
        STATUS_SUCCESS,
      );
      assert.equal(place.adaptor.isReset, true);
      assert.equal(place.adaptor.isPowered, false);
      assert.deepEqual(card.history, ["cold", "warm", "off"]);
    });
  }
}

Deno.test("sleep powers the card down, and after waking it is a new one", async () => {
  const card = createTestCard();
  await using place = await workplace({
    card: card.contacts,
    adaptor: { power: { line: "dtr" } },
    reader: { power: { line: "dtr" } },
  });
  await connect(place.reader, T1);
  const removed = untilAbsent(place.reader);
  await place.reader.sleep();
  assert.equal(place.adaptor.isPowered, false);
  const asleep = await power(place.reader, SCARD_COLD_RESET);
  assert.equal(statusName(asleep.status), "STATUS_DEVICE_POWERED_OFF");
  place.reader.wake();
  await removed;
  assert.equal(await state(place.reader), SCARD_PRESENT);
  await connect(place.reader, T1);
  await useTestCard(place.reader, T1);
  await place.reader.sleep();
  place.adaptor.remove();
  place.reader.wake();
  assert.equal(await state(place.reader), SCARD_ABSENT);
});
