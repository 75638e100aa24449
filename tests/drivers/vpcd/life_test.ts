// Invariant: a reader that closes leaves nobody waiting, and holds nothing back.

import assert from "node:assert/strict";
import { fromHex, readU32le, writeU32le } from "../../../src/bytes.ts";
import { VpcdReader } from "../../../src/drivers/vpcd/mod.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  SCARD_ATTR_DEVICE_UNIT,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_PENDING,
} from "../../../src/smclib/mod.ts";
import { power, request, transmit, untilPresent } from "../requests.ts";
import { ATR_T0, plainCard, ScriptedCard } from "./scripted_card.ts";

/** A reader with a powered card that answers no APDU; `reached` settles when it has got one. */
async function silentCard() {
  const reader = VpcdReader.listen({ port: 0 });
  const reached = Promise.withResolvers<void>();
  const card = await ScriptedCard.insert(
    reader.port,
    plainCard(() => {
      reached.resolve();
      return "silence";
    }, ATR_T0),
  );
  await untilPresent(reader);
  await power(reader, SCARD_COLD_RESET);
  return { reader, card, reached: reached.promise };
}

Deno.test("closing ends the exchange, the tracking and later requests", async () => {
  const { reader, card, reached } = await silentCard();
  const tracking = request(reader, IOCTL_SMARTCARD_IS_ABSENT);
  const exchange = transmit(
    reader,
    SCARD_PROTOCOL_T0,
    fromHex("0084000008"),
  );
  await reached;
  const closed = reader.close();
  assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  await closed;
  await reader.close();
  await card.gone;
  const late = await power(reader, SCARD_COLD_RESET);
  assert.equal(late.status, STATUS_DEVICE_REMOVED);
});

Deno.test("queued requests end with DEVICE_REMOVED too when the reader closes", async () => {
  const { reader, card, reached } = await silentCard();
  const exchanges = [1, 2, 3].map(() =>
    transmit(reader, SCARD_PROTOCOL_T0, fromHex("0084000008"))
  );
  await reached;
  await reader.close();
  for (const exchange of exchanges) {
    assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
  }
  await card.gone;
});

Deno.test("a reader whose accept fails once hears the next card", async () => {
  const listen = Deno.listen;
  let failures = 2;
  Deno.listen = ((options: Deno.TcpListenOptions & { transport: "tcp" }) => {
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = () =>
      failures-- > 0
        ? Promise.reject(new Error("Too many open files (os error 24)"))
        : accept();
    return listener;
  }) as typeof Deno.listen;
  try {
    await using reader = VpcdReader.listen({ port: 0 });
    const card = await ScriptedCard.insert(
      reader.port,
      plainCard(() => fromHex("9000"), ATR_T0),
    );
    await untilPresent(reader);
    await reader.close();
    await card.gone;
  } finally {
    Deno.listen = listen;
  }
});

Deno.test("closing does not wait for a card that owes its first ATR", async () => {
  const reader = VpcdReader.listen({ port: 0 });
  const asked = Promise.withResolvers<void>();
  const card = await ScriptedCard.insert(reader.port, () => {
    asked.resolve();
    return "silence";
  });
  await asked.promise;
  await reader.close();
  await card.gone;
});

Deno.test("cleanup cancels the waiting tracking request, and another may follow", async () => {
  await using reader = VpcdReader.listen({ port: 0 });
  reader.cleanup();
  const irp = new Irp({
    ioControlCode: IOCTL_SMARTCARD_IS_PRESENT,
    systemBuffer: new Uint8Array(0),
    inputLength: 0,
    outputLength: 0,
  });
  assert.equal(await reader.deviceControl(irp), STATUS_PENDING);
  reader.cleanup();
  assert.equal(await irp.completion, STATUS_CANCELLED);
  const present = untilPresent(reader);
  await using _card = await ScriptedCard.insert(reader.port, plainCard());
  await present;
});

Deno.test("a signal closes the reader", async () => {
  const controller = new AbortController();
  const reader = VpcdReader.listen({ port: 0, signal: controller.signal });
  const tracking = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  controller.abort();
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  await reader.close();
  assert.throws(
    () => VpcdReader.listen({ port: 0, signal: controller.signal }),
    { name: "AbortError" },
  );
});

Deno.test("the reader has names, and its port to itself", async () => {
  await using reader = VpcdReader.listen({
    port: 0,
    hostname: "localhost",
    unitNo: 3,
  });
  assert.ok(reader.port > 0);
  assert.equal(reader.hostname, "127.0.0.1");
  assert.equal(reader.name, `Virtual PCD ${reader.port}`);
  assert.equal(reader.deviceName, `\\Device\\Vpcd${reader.port}`);
  const attribute = async (tag: number) => {
    const input = new Uint8Array(4);
    writeU32le(input, 0, tag);
    return (await request(reader, IOCTL_SMARTCARD_GET_ATTRIBUTE, input, 64))
      .output;
  };
  assert.equal(
    new TextDecoder().decode(await attribute(SCARD_ATTR_VENDOR_IFD_TYPE)),
    "Virtual PCD",
  );
  assert.equal(readU32le(await attribute(SCARD_ATTR_DEVICE_UNIT), 0), 3);
  assert.throws(
    () => VpcdReader.listen({ port: reader.port }),
    Deno.errors.AddrInUse,
  );
  await using named = VpcdReader.listen({ port: 0, name: "Desk" });
  assert.equal(named.name, "Desk");
});

Deno.test("options out of range are refused, and every address but loopback", () => {
  for (
    const [options, message] of [
      [{ port: 65536 }, "port is 65536, expected 0 to 65535"],
      [{ port: -1 }, "port is -1, expected 0 to 65535"],
      [{ apduTimeoutMs: 0 }, "apduTimeoutMs is 0, expected 1 to 2147483647"],
      [{ atrTimeoutMs: NaN }, "atrTimeoutMs is NaN, expected 1 to 2147483647"],
      [{ unitNo: 0.5 }, "unitNo is 0.5, expected 0 to 65535"],
    ] as const
  ) {
    assert.throws(
      () => VpcdReader.listen(options),
      new RangeError(`Cannot open vpcd reader: ${message}`),
    );
  }
  for (
    const hostname of ["0.0.0.0", "::", "127.0.0", "127.0.0.256", "example", ""]
  ) {
    assert.throws(() => VpcdReader.listen({ port: 0, hostname }), {
      name: "RangeError",
      message: /expected a loopback address$/,
    });
  }
});
