import assert from "node:assert/strict";
import { withTransaction } from "../../src/smart_card/mod.ts";
import { IOCTL_SMARTCARD_POWER } from "../../src/smclib/mod.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, desk, refuses, rejects } from "./desk.ts";

Deno.test("withTransaction: returns what the work returns, and leaves the card", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const powers = d.device.count(IOCTL_SMARTCARD_POWER);
  const length = await withTransaction(connection, async () => {
    assert.notEqual(d.reader.lock.owner, null);
    return (await connection.transmit(APDU)).byteLength;
  });
  assert.equal(length, APDU.length + 2);
  assert.equal(await withTransaction(connection, () => 7), 7);
  assert.equal(await withTransaction(connection, () => {}), undefined);
  assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), powers);
  assert.equal(d.reader.lock.owner, null);
});

Deno.test("withTransaction: another disposition", async () => {
  await using d = await desk();
  const other = await d.connect(await d.web.establishContext());
  const connection = await d.connect();
  const result = await withTransaction(connection, () => "done", {
    disposition: "reset",
  });
  assert.equal(result, "done");
  await refuses("reset-card", other.transmit(APDU));
});

Deno.test("withTransaction: work that fails resets the card, and its reason is passed on", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const powers = d.device.count(IOCTL_SMARTCARD_POWER);
  const reason = new Error("mine");
  await assert.rejects(
    withTransaction(connection, () => {
      throw reason;
    }),
    reason,
  );
  assert.equal(d.device.count(IOCTL_SMARTCARD_POWER), powers + 1);
});

Deno.test("withTransaction: what cannot begin, and what cannot end", async () => {
  await using d = await desk();
  const connection = await d.connect();
  await rejects(
    "InvalidStateError",
    withTransaction(
      connection,
      () => withTransaction(connection, () => assert.fail("nested")),
    ),
  );
  await refuses(
    "removed-card",
    withTransaction(connection, () => {
      d.device.remove();
      return "not told";
    }),
  );
});

Deno.test("withTransaction: signal and timeout end the waiting", async () => {
  await using d = await desk();
  const mine = await d.connect();
  const theirs = await d.connect(await d.web.establishContext());
  await withTransaction(theirs, async () => {
    const work = () => assert.fail("begun");
    const timed = withTransaction(mine, work, { timeout: 100 });
    const refused = rejects("UnknownError", timed);
    await settle();
    d.timers.advance(100);
    await refused;
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(withTransaction(mine, work, { signal }), {
      message: "enough",
    });
  });
});
