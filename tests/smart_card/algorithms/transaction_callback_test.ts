/** startTransaction once the callback is settled, step by step. */

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_TRANSMIT,
} from "../../../src/smclib/mod.ts";
import { APDU, desk, refuses, rejects } from "../desk.ts";

const ENDINGS: [unknown, number, number][] = [
  // Returned; power requests; whether other connections must reconnect.
  ["leave", 0, 0],
  ["reset", 1, 1],
  ["unpower", 1, 1],
  ["eject", 1, 1],
  [undefined, 1, 1],
  [null, 1, 1],
];
for (const [returned, powers, resets] of ENDINGS) {
  const name = returned === undefined ? "undefined" : JSON.stringify(returned);
  Deno.test(`startTransaction step 5: callback fulfilled with ${name} ${powers === 0 ? "leaves" : "disposes of"} the card`, async () => {
    await using d = await desk();
    const theirs = await d.connect(await d.web.establishContext());
    const mine = await d.connect();
    const before = d.device.count(IOCTL_SMARTCARD_POWER);
    const outcome = await mine.startTransaction(() =>
      Promise.resolve(returned as "leave")
    );
    assert.equal(outcome, undefined);
    assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before + powers);
    if (resets > 0) await refuses("reset-card", theirs.transmit(APDU));
    else await theirs.transmit(APDU);
  });
}

Deno.test("startTransaction step 5: callback fulfilled with undefined resets the card, and the owner may go on", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await connection.startTransaction(() => Promise.resolve());
  await connection.transmit(APDU);
  assert.equal(d.device.count(IOCTL_SMARTCARD_TRANSMIT), 1);
});

Deno.test("startTransaction step 5: a callback that returns no promise is fulfilled with what it returns", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const before = d.device.count(IOCTL_SMARTCARD_POWER);
  await connection.startTransaction(() => "leave" as never);
  assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before);
});

Deno.test("startTransaction step 6: callback rejected resets the card, and passes the reason on", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const reason = { any: "value" };
  const throwing = [
    () => Promise.reject(reason),
    (): never => {
      throw reason;
    },
  ];
  for (const callback of throwing) {
    const before = d.device.count(IOCTL_SMARTCARD_POWER);
    const found = await connection.startTransaction(callback)
      .then(() => null, (e) => e);
    assert.equal(found, reason);
    assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before + 1);
    assert.equal(d.reader.lock.owner, null);
  }
});

Deno.test("startTransaction step 6: callback fulfilled with no disposition is as if it had been rejected with TypeError", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const before = d.device.count(IOCTL_SMARTCARD_POWER);
  const outcome = connection.startTransaction(() =>
    Promise.resolve("burn" as "leave")
  );
  await rejects("TypeError", outcome);
  assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), before + 1);
});
