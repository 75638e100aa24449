// Invariant: whatever goes wrong is told by the documented error, the reader serves the next request, and nothing is left pending.
import assert from "node:assert/strict";
import { type ContactCard, createCard, fromHex, toHex } from "../../mod.ts";
import { GarbageCard, MuteCard, SilentCard } from "../../src/cards/mod.ts";
import { RDF_CARD_POWER, RDF_TRANSMIT } from "../../src/smclib/mod.ts";
import { House } from "./house.ts";

const SELECT_MF = fromHex("00A4000C023F00");

/** What a promise rejects with: name and code of the error. */
async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    assert.notEqual(error.message, "");
    return "responseCode" in error
      ? `${error.name} ${error.responseCode}`
      : error.name;
  }
  return "no error";
}

/** After the fault: another card in the same reader works. */
async function servesNextCard(house: House): Promise<void> {
  if (house.reader.card !== null) {
    house.reader.remove();
    await house.until("card-removed");
  }
  house.reader.insert(createCard());
  await house.until("card-inserted");
  const connection = await house.connect("t1");
  const response = await connection.transmit(SELECT_MF);
  assert.equal(toHex(new Uint8Array(response)), "9000");
  await connection.disconnect();
  const { osData } = house.reader.extension;
  assert.equal(osData.currentIrp, null);
}

for (const protocol of ["t0", "t1"] as const) {
  Deno.test(`an APDU shorter than 4 bytes is a TypeError, over ${protocol}`, async () => {
    await using house = await House.build(createCard());
    const connection = await house.connect(protocol);
    for (const hex of ["", "00", "04", "00A4", "00A400"]) {
      assert.equal(
        await failure(connection.transmit(fromHex(hex))),
        "TypeError",
      );
    }
    const response = await connection.transmit(SELECT_MF);
    assert.equal(toHex(new Uint8Array(response)), "9000");
  });
}

Deno.test("an APDU that is no TPDU is refused over T=0, and the card keeps working", async () => {
  await using house = await House.build(createCard());
  const connection = await house.connect("t0");
  // Le behind data, data without P3, fewer data than P3 says.
  for (
    const hex of ["00A40000080000", "00A40000000000", "00A400000800"]
  ) {
    assert.equal(
      await failure(connection.transmit(fromHex(hex))),
      "TypeError",
      hex,
    );
  }
  const response = await connection.transmit(SELECT_MF);
  assert.equal(toHex(new Uint8Array(response)), "9000");
});

Deno.test("a card that answers garbage", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    await using house = await House.build(new GarbageCard({ seed }));
    const outcomes: string[] = [];
    const connected = await failure(
      house.connect().then(async (connection) => {
        for (let i = 0; i < 5; i++) {
          outcomes.push(await failure(connection.transmit(SELECT_MF)));
        }
      }),
    );
    const documented = [
      "no error",
      "SmartCardError unresponsive-card",
      "SmartCardError unpowered-card",
      "SmartCardError unsupported-card",
      "SmartCardError proto-mismatch",
      "SmartCardError not-ready",
      "UnknownError",
    ];
    for (const outcome of [connected, ...outcomes]) {
      assert.ok(documented.includes(outcome), outcome);
    }
    await servesNextCard(house);
  }
});

Deno.test("a card without ATR", async () => {
  await using house = await House.build(new MuteCard());
  assert.equal(
    await failure(house.connect()),
    "SmartCardError unresponsive-card",
  );
  await servesNextCard(house);
});

Deno.test("a card that goes silent after its ATR", async () => {
  await using house = await House.build(new SilentCard());
  const connection = await house.connect();
  assert.equal(
    await failure(connection.transmit(SELECT_MF)),
    "SmartCardError unresponsive-card",
  );
  await servesNextCard(house);
});

for (const protocol of ["t0", "t1"] as const) {
  Deno.test(`a card that goes silent in the middle of a session, over ${protocol}`, async () => {
    const card = createCard();
    let silent = false;
    const muted: ContactCard = {
      attach: (output) =>
        card.attach(
          output === null ? null : (bytes) => silent || output(bytes),
        ),
      reset: (kind) => card.reset(kind),
      powerOff: () => card.powerOff(),
      receive: (bytes) => card.receive(bytes),
    };
    await using house = await House.build(muted);
    const connection = await house.connect(protocol);
    await connection.transmit(SELECT_MF);
    silent = true;
    assert.equal(
      await failure(connection.transmit(SELECT_MF)),
      "SmartCardError unresponsive-card",
    );
    silent = false;
    // The same card speaks again: the same connection goes on after a reset.
    await connection.reconnect("shared", {
      preferredProtocols: [protocol],
      initialization: "reset",
    });
    const response = await connection.transmit(SELECT_MF);
    assert.equal(toHex(new Uint8Array(response)), "9000");
    await connection.disconnect();
    await servesNextCard(house);
  });
}

for (const slot of [RDF_TRANSMIT, RDF_CARD_POWER]) {
  Deno.test(`a reader whose callback throws (slot ${slot})`, async () => {
    await using house = await House.build(createCard());
    const { readerFunction } = house.reader.extension;
    const callback = readerFunction[slot];
    for (
      const broken of [
        () => {
          throw new Error("broken driver");
        },
        () => Promise.reject(new Error("broken driver")),
      ]
    ) {
      const connection = await house.connect("t1");
      readerFunction[slot] = broken;
      const outcome = slot === RDF_TRANSMIT
        ? await failure(connection.transmit(SELECT_MF))
        : await failure(connection.reconnect("shared", {
          preferredProtocols: ["t1"],
          initialization: "reset",
        }));
      assert.notEqual(outcome, "no error");
      readerFunction[slot] = callback;
      await connection.disconnect("reset");
      const again = await house.connect("t1");
      const response = await again.transmit(SELECT_MF);
      assert.equal(toHex(new Uint8Array(response)), "9000");
      await again.disconnect("reset");
    }
    await servesNextCard(house);
  });
}

Deno.test("a card pulled while others wait for the transaction", async () => {
  await using house = await House.build(createCard());
  await using other = await house.otherContext();
  const first = await house.connect("t1");
  const { connection: second } = await other.connect(house.name, "shared", {
    preferredProtocols: ["t1"],
  });
  const pulled = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const holding = first.startTransaction(async () => {
    began.resolve();
    await pulled.promise;
    return "leave";
  });
  await began.promise;
  const waiting = failure(
    second.startTransaction(() => Promise.resolve("leave")),
  );
  house.reader.remove();
  await house.until("card-removed");
  pulled.resolve();
  assert.equal(await failure(holding), "SmartCardError removed-card");
  assert.equal(await waiting, "SmartCardError removed-card");
  await servesNextCard(house);
});
