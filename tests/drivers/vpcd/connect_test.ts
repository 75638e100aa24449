// Invariant: a reader that looks for its card reports nothing but ABSENT until it has one.

import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import { VpcdCard, VpcdReader } from "../../../src/drivers/vpcd/mod.ts";
import {
  IOCTL_SMARTCARD_IS_PRESENT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  setLogSink,
  STATUS_DEVICE_REMOVED,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
} from "../../../src/smclib/mod.ts";
import {
  power,
  request,
  show,
  state,
  transmit,
  untilPresent,
} from "../requests.ts";
import { freePort } from "./pair.ts";
import { RecordedCard } from "./recorded_card.ts";
import { ScriptedReader } from "./scripted_reader.ts";

/** Somebody who listens: tells of each connection, and leaves the rest to the test. */
function listen(onReader: (link: Deno.TcpConn) => void, port = 0) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const done = (async () => {
    for await (const link of listener) onReader(link);
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await done;
    },
  };
}

Deno.test("without a card the slot is empty, and closing ends the search at once", async () => {
  const reader = VpcdReader.connect({
    port: freePort(),
    longestPauseMs: 60_000,
  });
  const tracking = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(await state(reader), SCARD_ABSENT);
  assert.equal((await power(reader, SCARD_COLD_RESET)).status, STATUS_NO_MEDIA);
  await reader.close();
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
});

Deno.test("one who hangs up, says nothing, or repeats all he hears is no card, and is asked again", async () => {
  const found = Promise.withResolvers<void>();
  const open: Deno.TcpConn[] = [];
  let count = 0;
  await using host = listen((link) => {
    open.push(link);
    count++;
    if (count === 1) link.close();
    if (count === 3) link.readable.pipeTo(link.writable).catch(() => {});
    if (count === 4) found.resolve();
  });
  await using reader = VpcdReader.connect({
    port: host.port,
    atrTimeoutMs: 20,
    longestPauseMs: 5,
  });
  await found.promise;
  assert.equal(await state(reader), SCARD_ABSENT);
  await reader.close();
  for (const link of open.slice(1)) {
    try {
      link.close();
    } catch (error) {
      // The pipe has closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
});

Deno.test("an exchange that is never answered ends at its deadline", async () => {
  const opened = Promise.withResolvers<ScriptedReader>();
  await using host = listen((link) => opened.resolve(new ScriptedReader(link)));
  await using reader = VpcdReader.connect({
    port: host.port,
    apduTimeoutMs: 20,
  });
  using card = await opened.promise;
  assert.equal(await card.receive(), "04");
  await card.send("0002 3B00");
  await untilPresent(reader);
  const reset = power(reader, SCARD_COLD_RESET);
  assert.equal(await card.receive(), "01");
  assert.equal(await card.receive(), "04");
  await card.send("0002 3B00");
  assert.equal(show(await reset), "00000000 3B00");
  const { status } = await transmit(
    reader,
    SCARD_PROTOCOL_T0,
    fromHex("0084000008"),
  );
  assert.equal(status, STATUS_IO_TIMEOUT);
  assert.equal(await card.receive(), "0084000008");
  assert.equal(await card.receive(), "end");
});

Deno.test("closing does not wait for a card that owes its first ATR", async () => {
  const asked = Promise.withResolvers<ScriptedReader>();
  await using host = listen((link) => asked.resolve(new ScriptedReader(link)));
  const reader = VpcdReader.connect({ port: host.port });
  using card = await asked.promise;
  assert.equal(await card.receive(), "04");
  await reader.close();
  assert.equal(await card.receive(), "end");
});

Deno.test("a signal closes the reader, before the start too", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reader = VpcdReader.connect({ port: freePort(), signal });
  const tracking = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  controller.abort();
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  await reader.close();
  assert.throws(() => VpcdReader.connect({ signal }), { name: "AbortError" });
});

Deno.test("a connection to itself is nobody's, and what else goes wrong is logged", async () => {
  const connect = Deno.connect;
  const closed = Promise.withResolvers<void>();
  const logged = Promise.withResolvers<string | null>();
  const address = { transport: "tcp", hostname: "127.0.0.1", port: 35963 };
  const attempts = [
    () =>
      Promise.resolve({
        localAddr: address,
        remoteAddr: address,
        close: () => closed.resolve(),
      }),
    () => Promise.reject(new Error("Too many open files (os error 24)")),
  ];
  Deno.connect =
    (() =>
      attempts.length > 0
        ? attempts.shift()!()
        : Promise.reject(new Deno.errors.ConnectionRefused())) as never;
  setLogSink(({ insertion }) => logged.resolve(insertion));
  try {
    await using reader = VpcdReader.connect({ longestPauseMs: 5 });
    await closed.promise;
    assert.match((await logged.promise)!, /Too many open files/);
    assert.equal(await state(reader), SCARD_ABSENT);
  } finally {
    Deno.connect = connect;
    setLogSink(null);
  }
});

Deno.test("the reader is named after the card's address", async () => {
  await using plug = VpcdCard.listen({ card: new RecordedCard(), port: 0 });
  const { port } = plug;
  await using reader = VpcdReader.connect({ hostname: "localhost", port });
  assert.equal(reader.hostname, "127.0.0.1");
  assert.equal(reader.port, port);
  assert.equal(reader.name, `Virtual PCD to 127.0.0.1:${port}`);
  assert.equal(reader.deviceName, `\\Device\\VpcdTo127.0.0.1:${port}`);
});

Deno.test("options out of range are refused, and every address but loopback", async () => {
  for (
    const [options, message] of [
      [{ port: 0 }, "port is 0, expected 1 to 65535"],
      [{ longestPauseMs: 0 }, "longestPauseMs is 0, expected 1 to 2147483647"],
      [
        { hostname: "example.org" },
        'hostname is "example.org", expected a loopback address',
      ],
    ] as const
  ) {
    assert.throws(
      () => VpcdReader.connect(options),
      new RangeError(`Cannot open vpcd reader: ${message}`),
    );
  }
  await using reader = VpcdReader.connect({
    // Reserved for documentation (RFC 5737): nobody answers.
    hostname: "192.0.2.1",
    allowRemote: true,
    longestPauseMs: 60_000,
  });
  assert.equal(reader.hostname, "192.0.2.1");
});
