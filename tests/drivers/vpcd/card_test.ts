// Invariant: a card is out for good when it was closed or left, and never before.

import assert from "node:assert/strict";
import {
  VpcdCard,
  type VpcdCardEnd,
  VpcdReader,
} from "../../../src/drivers/vpcd/mod.ts";
import { untilAbsent, untilPresent } from "../requests.ts";
import { freePort, onFreedPort } from "./pair.ts";
import { RecordedCard } from "./recorded_card.ts";
import { ScriptedReader } from "./scripted_reader.ts";

const card = new RecordedCard();

Deno.test("without a reader a card that connects once says where it looked", async () => {
  const port = freePort();
  await assert.rejects(VpcdCard.connect({ card, port }), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(
        `^Cannot connect vpcd card to 127\\.0\\.0\\.1:${port}: .*refused.*, expected a reader that listens$`,
      ),
    );
    assert.ok(error.cause instanceof Deno.errors.ConnectionRefused);
    return true;
  });
});

Deno.test("a card that connects once is out when its reader goes", async () => {
  const ends: VpcdCardEnd[] = [];
  const reader = VpcdReader.listen({ port: 0 });
  await using plug = await VpcdCard.connect({
    card,
    port: reader.port,
    onDisconnect: (end) => ends.push(end),
  });
  assert.equal(plug.hostname, "127.0.0.1");
  assert.equal(plug.port, reader.port);
  await untilPresent(reader);
  await reader.close();
  assert.deepEqual(await plug.closed, { reason: "reader-gone" });
  assert.deepEqual(ends, [{ reason: "reader-gone" }]);
});

Deno.test("a card that reconnects waits for its reader, and finds it again", async () => {
  const port = freePort();
  const ends: string[] = [];
  const controller = new AbortController();
  const plug = await VpcdCard.connect({
    card,
    port,
    reconnect: true,
    longestPauseMs: 10,
    signal: controller.signal,
    onDisconnect: ({ reason }) => ends.push(reason),
  });
  assert.ok(!plug.isConnected);
  for (let round = 0; round < 2; round++) {
    await using reader = await onFreedPort(() => VpcdReader.listen({ port }));
    await untilPresent(reader);
    assert.ok(plug.isConnected);
  }
  await using reader = await onFreedPort(() => VpcdReader.listen({ port }));
  await untilPresent(reader);
  const absent = untilAbsent(reader);
  controller.abort();
  assert.deepEqual(await plug.closed, { reason: "closed" });
  await absent;
  assert.deepEqual(ends, ["reader-gone", "reader-gone", "closed"]);
});

Deno.test("a signal ends the search for a reader, the first attempt included", async () => {
  const controller = new AbortController();
  const plug = await VpcdCard.connect({
    card,
    port: freePort(),
    reconnect: true,
    longestPauseMs: 60_000,
    signal: controller.signal,
  });
  controller.abort();
  assert.deepEqual(await plug.closed, { reason: "closed" });
  const { signal } = controller;
  await assert.rejects(VpcdCard.connect({ card, signal }), {
    name: "AbortError",
  });
  assert.throws(() => VpcdCard.listen({ card, signal }), {
    name: "AbortError",
  });
});

Deno.test("a card that listens serves reader after reader, and frees its port", async () => {
  const plug = VpcdCard.listen({ card, port: 0 });
  for (let round = 0; round < 3; round++) {
    using reader = await ScriptedReader.connect(plug.port);
    assert.notEqual(await reader.ask("000104"), "end");
  }
  // Two at a time: the second is heard when the first has gone.
  const first = await ScriptedReader.connect(plug.port);
  await first.ask("000104");
  using second = await ScriptedReader.connect(plug.port);
  const heard = second.ask("000104");
  first[Symbol.dispose]();
  assert.notEqual(await heard, "end");
  await plug.close();
  await plug.close();
  assert.equal(await second.receive(), "end");
  await using again = await onFreedPort(() =>
    VpcdCard.listen({ card, port: plug.port })
  );
  assert.throws(
    () => VpcdCard.listen({ card, port: again.port }),
    Deno.errors.AddrInUse,
  );
});

Deno.test("what the caller's own listener throws comes out of closed", async () => {
  const plug = VpcdCard.listen({
    card,
    port: 0,
    onDisconnect: () => {
      throw new Error("mine");
    },
  });
  const thrown = assert.rejects(plug.closed, { message: "mine" });
  (await ScriptedReader.connect(plug.port))[Symbol.dispose]();
  await thrown;
});

Deno.test("options out of range are refused, and every address but loopback", async () => {
  assert.throws(
    () => VpcdCard.listen({ card, port: 65536 }),
    new RangeError(
      "Cannot open vpcd card: port is 65536, expected 0 to 65535",
    ),
  );
  assert.throws(() => VpcdCard.listen({ card, hostname: "0.0.0.0" }), {
    name: "RangeError",
    message: /expected a loopback address$/,
  });
  for (
    const [options, message] of [
      [{ port: 0 }, "port is 0, expected 1 to 65535"],
      [{ hostname: "example.org" }, 'hostname is "example.org", expected .*'],
      [{ hostname: "", allowRemote: true }, 'hostname is "", expected a name'],
      [{ longestPauseMs: 0 }, "longestPauseMs is 0, expected .*"],
      [{ connectTimeoutMs: 0 }, "connectTimeoutMs is 0, expected .*"],
      [{ settleTimeoutMs: 2 ** 31 }, "settleTimeoutMs is 2147483648, .*"],
    ] as const
  ) {
    await assert.rejects(VpcdCard.connect({ card, ...options }), {
      name: "RangeError",
      message: new RegExp(`^Cannot open vpcd card: ${message}$`),
    });
  }
});
