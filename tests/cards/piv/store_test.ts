// Invariant: what the card has confirmed is in the store, and comes back out of it.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  PIV_DEFAULT_MANAGEMENT_KEY,
  PivApplication,
  type PivOptions,
} from "../../../src/cards/mod.ts";
import {
  decodeState,
  encodeState,
} from "../../../src/cards/piv/state_codec.ts";
import { MemoryStore } from "./memory_store.ts";
import { OTHER_PIN, PIN, PivHost, PUK, verifyPin } from "./piv_host.ts";

const WRONG = "3030303030303030";
const PUT = "00DB3FFF095C035FC10553027000";

Deno.test("a card comes back with PINs, counters, keys and objects", async () => {
  const store = new MemoryStore();
  const host = new PivHost({ store, pinTries: 5 });
  assert.equal(store.saves, 1);
  await host.authenticate();
  assert.equal(store.saves, 1);
  await host.generate("9E", "07");
  await host.generate("9D", "11");
  await host.run(
    [PUT, "9000"],
    [`0024008010${PIN}${OTHER_PIN}`, "9000"],
    [`002C008010${WRONG}${PIN}`, "63C2"],
    [verifyPin(WRONG), "63C4"],
  );
  assert.equal(store.saves, 7);
  const again = new PivHost({ store, pin: "99999999" });
  assert.deepEqual(again.card.state, host.card.state);
  assert.equal(store.saves, 7);
  await again.run(
    ["00200080", "63C4"],
    [verifyPin(OTHER_PIN), "9000"],
    ["00CB3FFF055C035FC10500", "53027000 9000"],
    [`0024008110${PUK}${WRONG}`, "9000"],
  );
  assert.equal(again.card.state.pin.tries, 5);
});

Deno.test("a wrong PIN is in the store before the card says so", async () => {
  for (const mode of ["now", "later"] as const) {
    const store = new MemoryStore();
    const host = new PivHost({ store });
    store.mode = mode;
    const running = host.send(verifyPin(WRONG));
    assert.equal(await running, "63C2");
    assert.equal(new PivApplication({ store }).state.pin.triesLeft, 2);
  }
});

Deno.test("when saving fails, nothing is confirmed and nothing is gained", async () => {
  for (const mode of ["throw", "reject"] as const) {
    const store = new MemoryStore();
    const host = new PivHost({ store });
    await host.authenticate();
    await host.run([verifyPin(WRONG), "63C2"]);
    store.mode = mode;
    await host.run(
      [PUT, "6581"],
      ["00CB3FFF055C035FC10500", "6A82"],
      ["0047009E05AC0380011100", "6581"],
      // The counter would go up.
      [verifyPin(PIN), "6581"],
      ["00200080", "63C2"],
      [`0024008010${PIN}${OTHER_PIN}`, "6581"],
      ["00200080", "63C2"],
      // The counter goes down all the same.
      [verifyPin(WRONG), "6581"],
      ["00200080", "63C1"],
      [`002C008010${PUK}${OTHER_PIN}`, "6581"],
      ["00200080", "63C1"],
    );
    assert.equal(host.card.state.keys.size, 0);
    store.mode = "now";
    await host.run([verifyPin(PIN), "9000"]);
    assert.equal(new PivApplication({ store }).state.pin.triesLeft, 3);
  }
});

Deno.test("a new card that cannot be saved", async () => {
  const store = new MemoryStore();
  store.mode = "throw";
  assert.throws(() => new PivApplication({ store }), /worn out/);
  store.mode = "reject";
  const host = new PivHost({ store });
  await host.run(["00200080", "63C3"], [verifyPin(WRONG), "6581"]);
  store.mode = "now";
  await host.run([verifyPin(WRONG), "63C1"]);
  assert.equal(new PivApplication({ store }).state.pin.triesLeft, 1);
});

/** A state as JSON, for spoiling. */
function stateText(): string {
  const { state } = new PivApplication({ guid: new Uint8Array(16) });
  return new TextDecoder().decode(encodeState(state));
}

Deno.test("what a store must not hold is refused, with the place", async () => {
  const host = new PivHost();
  await host.authenticate();
  await host.generate("9E", "11");
  const withKey = new TextDecoder().decode(encodeState(host.card.state));
  const good = stateText();
  const bad: [text: string, message: RegExp][] = [
    ["", /0 bytes that are none found at state, expected JSON/],
    ["7", /number found at state, expected an object/],
    ["null", /found at state/],
    ["{}", /undefined found at state.format, expected a text/],
    [good.replace("card-1", "card-2"), /piv-card-2 found at format/],
    [good.replace(PIN, "FF".repeat(8)), /at pin.value, expected 6 to 8 digits/],
    [good.replace(PUK, "00"), /1 bytes found at state.puk.value/],
    [good.replace(PUK, "0"), /at state.puk.value, expected hexadecimal/],
    [good.replace('"tries":3', '"tries":16'), /3 of 16 tries found/],
    [good.replace('"triesLeft":3', '"triesLeft":4'), /4 of 3 tries/],
    [good.replace('"triesLeft":3', '"triesLeft":0.5'), /a whole number/],
    [
      good.replace(PIV_DEFAULT_MANAGEMENT_KEY, "00"),
      /1 bytes found at managementKey/,
    ],
    [good.replace('"keys":[]', '"keys":{}'), /keys, expected an array/],
    [good.replace('"keys":[]', '"keys":[["9b",{}]]'), /9b found at .*keys.0/],
    [
      good.replace('"keys":[]', '"keys":[["9a",{"algorithm":6}]]'),
      /another key found at state.keys.0.1/,
    ],
    [
      good.replace(
        '"keys":[]',
        '"keys":[["9a",{"algorithm":7,"p":"b","q":"11","publicExponent":"3"}]]',
      ),
      /another key found/,
    ],
    [
      good.replace(
        '"keys":[]',
        '"keys":[["9a",{"algorithm":7,"p":"7","q":"b","publicExponent":"3"}]]',
      ),
      /Cannot invert number/,
    ],
    [withKey.replace(/"secret":"[^"]*"/, '"secret":"0"'), /outside the order/],
    [withKey.replace(/"secret":"[^"]*"/, '"secret":"x"'), /hexadecimal/],
    [good.replace("5fc102", "5fc104"), /tag 5fc104 with .* at state.objects/],
  ];
  for (const [text, message] of bad) {
    const saved = new TextEncoder().encode(text);
    assert.throws(() => decodeState(saved), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /^Cannot load PIV card: /);
      assert.match(error.message, message, text.slice(0, 200));
      return true;
    });
  }
  assert.throws(() => decodeState(fromHex("FF")), RangeError);
  assert.equal(
    toHex(encodeState(decodeState(new TextEncoder().encode(good)))),
    toHex(new TextEncoder().encode(good)),
  );
});

Deno.test("settings that no card can have", () => {
  const bad: [options: PivOptions, message: RegExp][] = [
    [{ pin: "12345" }, /pin with another text found, expected 6 to 8 digits/],
    [{ pin: "123456789" }, /pin/],
    [{ pin: "12345A" }, /pin/],
    [{ puk: "1234567" }, /puk with another text/],
    [{ puk: "1234567é" }, /puk/],
    [{ pinTries: 0 }, /pinTries with 0 found, expected 1 to 15/],
    [{ pukTries: 16 }, /pukTries/],
    [{ pukTries: 1.5 }, /pukTries/],
    [{ managementKey: new Uint8Array(8) }, /managementKey with 8 bytes/],
    [{ guid: new Uint8Array(15) }, /guid with 15 bytes found, expected 16/],
    [{ objects: new Map([[0x5fc104, fromHex("00")]]) }, /tag 5FC104/],
    [{ objects: new Map([[0x5fc105, new Uint8Array()]]) }, /0 bytes of/],
  ];
  for (const [options, message] of bad) {
    assert.throws(() => new PivApplication(options), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /^Cannot make PIV card: /);
      assert.match(error.message, message);
      return true;
    });
  }
});
