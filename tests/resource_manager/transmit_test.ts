import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../src/smclib/mod.ts";
import type { ScardName } from "../../src/resource_manager/mod.ts";
import { bench, fails } from "./bench.ts";
import { settle } from "./fake_reader.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const ANSWER = Uint8Array.of(0, 0xA4, 0, 0, 0x90, 0);

Deno.test("transmit: a reader that answers at once needs no promise", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  const answer = connection.transmit(APDU);
  assert(answer instanceof Uint8Array);
  assert.deepEqual(answer, ANSWER);
  assert.equal(answer.buffer.byteLength, answer.length);
  assert.equal(b.reader.transmitCount, 1);
});

Deno.test("transmit: lengths and protocol are checked before anything is sent", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  for (const length of [0, 3, 65_545]) {
    await fails(
      "SCARD_E_INVALID_PARAMETER",
      () => connection.transmit(new Uint8Array(length)),
    );
  }
  await fails(
    "SCARD_E_PROTO_MISMATCH",
    () => connection.transmit(APDU, { protocol: 1 }),
  );
  assert.equal(b.device.count(IOCTL_SMARTCARD_TRANSMIT), 0);
  const longest = new Uint8Array(65_544);
  b.device.respond = () => new Uint8Array(65_538);
  assert.equal((await connection.transmit(longest)).length, 65_538);
});

Deno.test("transmit: requests of all connections go to the reader one by one", async () => {
  await using b = await bench({ pace: "async" });
  const context = b.manager.establishContext();
  const connections = await Promise.all(
    Array.from({ length: 4 }, () => context.connect(b.reader.name)),
  );
  const answers = await Promise.all(
    connections.flatMap((connection, i) =>
      [0, 1, 2].map((j) => connection.transmit(Uint8Array.of(0, i, j, 0)))
    ),
  );
  answers.forEach((answer, k) => {
    const expected = Uint8Array.of(0, Math.floor(k / 3), k % 3, 0, 0x90, 0);
    assert.deepEqual(answer, expected);
  });
  assert.equal(b.device.maxBusy, 1);
});

const FAILURES: [number, ScardName][] = [
  [STATUS_IO_TIMEOUT, "SCARD_W_UNRESPONSIVE_CARD"],
  [STATUS_UNRECOGNIZED_MEDIA, "SCARD_W_UNSUPPORTED_CARD"],
  [STATUS_DEVICE_PROTOCOL_ERROR, "SCARD_F_COMM_ERROR"],
  [STATUS_DEVICE_REMOVED, "SCARD_E_READER_UNAVAILABLE"],
  [STATUS_INVALID_PARAMETER, "SCARD_E_INVALID_PARAMETER"],
  [STATUS_BUFFER_TOO_SMALL, "SCARD_E_INSUFFICIENT_BUFFER"],
  [0xC0001234, "SCARD_F_UNKNOWN_ERROR"],
];
for (const [status, name] of FAILURES) {
  Deno.test(`transmit: NTSTATUS ${status.toString(16)} is ${name}`, async () => {
    await using b = await bench();
    const connection = await b.manager.establishContext().connect(
      b.reader.name,
    );
    b.device.failNext(IOCTL_SMARTCARD_TRANSMIT, status);
    await fails(name, () => connection.transmit(APDU));
    assert.deepEqual(await connection.transmit(APDU), ANSWER);
  });
}

Deno.test("transmit: a device that throws is a failed request, not the end", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  b.device.respond = () => {
    throw new Error("broken link");
  };
  try {
    await connection.transmit(APDU);
    assert.fail("no error");
  } catch (error) {
    assert.equal(((error as Error).cause as Error).message, "broken link");
  }
});

for (const notified of [true, false]) {
  Deno.test(`transmit: card removed in the middle, event ${notified ? "before" : "after"} the answer`, async () => {
    await using b = await bench({ pace: "async" });
    const connection = await b.manager.establishContext().connect(
      b.reader.name,
    );
    b.device.pace = "held";
    const exchange = connection.transmit(APDU);
    const tracking = b.device.tracking;
    if (!notified) b.device.tracking = null;
    b.device.remove();
    if (!notified) b.device.tracking = tracking;
    b.device.pace = "sync";
    b.device.release();
    await fails("SCARD_W_REMOVED_CARD", () => exchange);
    await fails("SCARD_W_REMOVED_CARD", () => connection.transmit(APDU));
    assert.equal(b.reader.state.eventCount, 1);
    if (!notified) b.device.endTracking(STATUS_SUCCESS);
    await settle();
    b.device.insert();
    await settle();
    assert.equal(b.reader.state.eventCount, 2);
    await connection.reconnect({ shareMode: "shared", protocols: 3 });
    await connection.transmit(APDU);
  });
}

Deno.test("transmit: removed and inserted again within one step is noticed", async () => {
  await using b = await bench();
  const connection = await b.manager.establishContext().connect(b.reader.name);
  b.device.remove();
  b.device.insert();
  await fails("SCARD_W_REMOVED_CARD", () => connection.transmit(APDU));
  await settle();
  assert.equal(b.reader.state.eventCount, 2);
});

Deno.test("transmit: the reader removed with requests under way leaves nothing pending", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  const other = await context.connect(b.reader.name);
  await connection.beginTransaction();
  b.device.pace = "held";
  const sent = connection.transmit(APDU);
  const queued = connection.transmit(APDU);
  const waiting = other.transmit(APDU);
  const begin = other.beginTransaction();
  b.manager.removeReader(b.reader);
  for (const work of [sent, queued, waiting, begin]) {
    await fails("SCARD_E_READER_UNAVAILABLE", () => work);
  }
  await fails("SCARD_E_READER_UNAVAILABLE", () => connection.transmit(APDU));
  await connection.disconnect(1);
  assert.equal(b.device.cleanups, 1);
});

Deno.test("transmit: abort keeps a queued APDU from the card; a sent one ends in its own time", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const connection = await context.connect(b.reader.name);
  b.device.pace = "held";
  const abort = new AbortController();
  const { signal } = abort;
  const sent = Promise.resolve(connection.transmit(APDU, { signal }));
  const queued = Promise.resolve(connection.transmit(APDU, { signal }));
  const after = Promise.resolve(connection.transmit(APDU));
  abort.abort();
  await assert.rejects(sent, { name: "AbortError" });
  await assert.rejects(queued, { name: "AbortError" });
  b.device.pace = "sync";
  b.device.release();
  assert.deepEqual(await after, ANSWER);
  assert.equal(b.device.count(IOCTL_SMARTCARD_TRANSMIT), 2);
});
