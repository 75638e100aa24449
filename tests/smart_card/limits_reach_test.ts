/** How far signals and timeouts reach: transactions, the card, the question for permission. */

import assert from "node:assert/strict";
import { SmartCardResourceManager } from "../../src/smart_card/mod.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { APDU, desk, NAME, timesOut } from "./desk.ts";

const T1 = { preferredProtocols: ["t1" as const] };

Deno.test("limits: of a transaction they concern its beginning, not what runs in it", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const abort = new AbortController();
  await connection.startTransaction(async () => {
    await settle();
    assert.equal(d.timers.pending, 0);
    abort.abort();
    d.timers.advance(1000);
    await connection.transmit(APDU);
    return "leave";
  }, { timeout: 100, signal: abort.signal });
});

Deno.test("limits: a disconnect called off before the reader was asked leaves the connection open", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const other = await d.connect(await d.web.establishContext());
  await other.startTransaction(async () => {
    const disconnecting = connection.disconnect("reset", { timeout: 100 });
    await settle();
    d.timers.advance(100);
    await timesOut(disconnecting);
    return "leave";
  });
  await connection.transmit(APDU);
});

Deno.test("limits: an APDU called off before it was sent never reaches the card; sent, only its answer is lost", async () => {
  await using d = await desk();
  const connection = await d.connect();
  const seen: number[] = [];
  d.device.respond = (apdu) => {
    seen.push(apdu[3]);
    return Uint8Array.of(0x90, 0x00);
  };
  const other = await d.connect(await d.web.establishContext());
  await other.startTransaction(async () => {
    const waiting = connection.transmit(Uint8Array.of(0, 0, 0, 1), {
      timeout: 100,
    });
    const refused = timesOut(waiting);
    await settle();
    d.timers.advance(100);
    await refused;
    return "leave";
  });
  d.device.pace = "held";
  const sent = connection.transmit(Uint8Array.of(0, 0, 0, 2), {
    timeout: 100,
  });
  const refused = timesOut(sent);
  await settle();
  d.timers.advance(100);
  await refused;
  d.device.pace = "sync";
  d.device.release();
  // Nor was the card reset.
  await connection.transmit(Uint8Array.of(0, 0, 0, 3));
  assert.deepEqual(seen, [2, 3]);
});

Deno.test("limits: the timeout of a connect includes the question for permission", async () => {
  await using d = await desk();
  const web = new SmartCardResourceManager(d.manager, {
    permission: () => new Promise(() => {}),
  });
  const context = await web.establishContext();
  const connecting = context.connect(NAME, "shared", { ...T1, timeout: 100 });
  const refused = timesOut(connecting);
  await settle();
  d.timers.advance(100);
  await refused;
});

Deno.test("permission: a hook that fails refuses with its reason", async () => {
  await using d = await desk();
  const reason = new Error("no window to ask in");
  for (
    const permission of [
      () => Promise.reject(reason),
      (): never => {
        throw reason;
      },
    ]
  ) {
    const web = new SmartCardResourceManager(d.manager, { permission });
    const context = await web.establishContext();
    await assert.rejects(context.connect(NAME, "shared", T1), reason);
    assert.deepEqual(await context.listReaders(), [NAME]);
  }
});
