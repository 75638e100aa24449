// Invariant: a service that does not answer holds up nobody for longer than agreed, and loses nothing.

import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T1,
  STATUS_DEVICE_REMOVED,
  STATUS_IO_TIMEOUT,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import {
  power,
  request,
  show,
  state,
  transmit,
  untilPresent,
} from "../requests.ts";
import { bench, READER, sessionBench, startSession } from "./bench.ts";

const SELECT = fromHex("00A4000C023F00");
const SHORT = { apduTimeoutMs: 20, powerTimeoutMs: 20, closeTimeoutMs: 20 };

Deno.test("an exchange that is late ends, and the next session has a context of its own", async () => {
  await using made = await sessionBench(SHORT);
  const { fake, reader } = made;
  const contexts = fake.contexts.size;
  const hold = fake.hold("SCardTransmit");
  const late = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  assert.equal(late.status, STATUS_IO_TIMEOUT);
  assert.equal(await state(reader), SCARD_PRESENT);
  await startSession(reader);
  assert.equal(fake.contexts.size, contexts + 1);
  // What comes late is nobody's answer, and gives its context back.
  hold.release();
  fake.onTransmit = () => fromHex("6A82");
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT)),
    "00000000 6A82",
  );
  assert.equal(fake.contexts.size, contexts);
});

Deno.test("a connection that comes late is not taken for one", async () => {
  for (
    const name of [
      "SCardConnect",
      "SCardEstablishContext",
      "SCardReconnect",
    ] as const
  ) {
    await using made = await bench(SHORT);
    const { fake, reader } = made;
    fake.insert(READER);
    await untilPresent(reader);
    if (name === "SCardEstablishContext") {
      // The context that was opened with has served: a late call takes it away.
      const first = fake.hold("SCardConnect");
      await power(reader, SCARD_COLD_RESET);
      first.release();
    }
    const hold = fake.hold(name);
    const late = await power(reader, SCARD_COLD_RESET);
    assert.equal(late.status, STATUS_IO_TIMEOUT, name);
    hold.release();
    const next = await power(reader, SCARD_COLD_RESET);
    assert.equal(next.status, STATUS_SUCCESS, name);
    await reader.close();
    assert.equal(fake.handles.size, 0, name);
    // That of the watcher remains.
    assert.equal(fake.contexts.size, 1, name);
  }
});

Deno.test("closing ends an exchange that the service holds", async () => {
  await using made = await sessionBench({ closeTimeoutMs: 20 });
  const { fake, reader } = made;
  const tracking = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal((await tracking).status, STATUS_SUCCESS);
  const hold = fake.hold("SCardTransmit");
  const exchanges = [1, 2].map(() =>
    transmit(reader, SCARD_PROTOCOL_T1, SELECT)
  );
  await hold.reached;
  await reader.close();
  for (const exchange of exchanges) {
    assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
  }
  assert.equal(fake.handles.size, 1);
  hold.release();
  await made.service.close();
  assert.equal(fake.handles.size, 0);
  assert.equal(fake.contexts.size, 0);
});

Deno.test("closing lets a call that ends in time have its end, and powers the card down", async () => {
  await using made = await sessionBench();
  const { fake, reader } = made;
  const hold = fake.hold("SCardTransmit");
  const exchange = transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  await hold.reached;
  const closed = reader.close();
  assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
  hold.release();
  await closed;
  assert.equal(fake.count("SCardDisconnect 2"), 1);
  assert.equal(fake.contexts.size, 1);
});

Deno.test("a wait that was cancelled before it began is cancelled again", async () => {
  const made = await bench();
  const { fake, service } = made;
  const hold = fake.hold("SCardGetStatusChange");
  fake.wakeForNothing();
  await hold.reached;
  const closed = service.close();
  // Not waiting yet: this one is without effect.
  while (fake.count("SCardCancel") === 0) await Promise.resolve();
  hold.release();
  await closed;
  assert.ok(fake.count("SCardCancel") >= 2);
  assert.equal(fake.contexts.size, 0);
  assert.equal(fake.busy, 0);
});

Deno.test("closing does not wait for a watcher that the service holds", async () => {
  const made = await bench(SHORT);
  const { fake, service } = made;
  const hold = fake.hold("SCardGetStatusChange");
  fake.wakeForNothing();
  await hold.reached;
  await service.close();
  assert.deepEqual(service.listReaders(), []);
  assert.equal(fake.contexts.size, 1);
  fake.wakeForNothing();
  hold.release();
  await service.ended;
  while (fake.contexts.size > 0) await Promise.resolve();
});

Deno.test("a reader whose attributes are held opens by its name", async () => {
  await using made = await bench(SHORT);
  const { fake, service, reader } = made;
  await reader.close();
  const hold = fake.hold("SCardConnect");
  const again = await service.reader(READER);
  hold.release();
  assert.notEqual(again, reader);
  fake.insert(READER);
  await untilPresent(again);
});

Deno.test("the end of the service ends requests and tracking with DEVICE_REMOVED", async () => {
  await using made = await sessionBench();
  const { fake, service, reader } = made;
  const tracking = request(reader, IOCTL_SMARTCARD_IS_ABSENT);
  const hold = fake.hold("SCardTransmit");
  const exchange = transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  await hold.reached;
  fake.stop();
  hold.release();
  assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  assert.notEqual(await service.ended, 0);
  assert.deepEqual(service.listReaders(), []);
  assert.equal(
    (await power(reader, SCARD_COLD_RESET)).status,
    STATUS_DEVICE_REMOVED,
  );
  await assert.rejects(() => service.reader(READER), {
    name: "PcscError",
    message: /SCARD_E_SERVICE_STOPPED/,
  });
});
