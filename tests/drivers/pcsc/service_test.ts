// Invariant: the driver's readers are those of the service, from the first look to the last.

import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import { PcscCode } from "../../../src/drivers/pcsc/codes.ts";
import {
  PcscReader,
  type PcscReaderChange,
  PcscService,
} from "../../../src/drivers/pcsc/mod.ts";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  SCARD_CTL_CODE,
  SCARD_PRESENT,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_PENDING,
} from "../../../src/smclib/mod.ts";
import { request, show, state, untilPresent } from "../requests.ts";
import { bench, READER } from "./bench.ts";
import { FakePcsc } from "./fake_library.ts";

/** The next change, in one word. */
async function next(
  changes: AsyncGenerator<PcscReaderChange, void, void>,
): Promise<string> {
  const { value } = await changes.next();
  return value ? `${value.kind} ${value.reader}` : "end";
}

Deno.test("readers that are there arrive first, then come and go", async () => {
  const fake = new FakePcsc("A", "B");
  await using service = await PcscService.open({ library: fake });
  assert.deepEqual(service.listReaders(), ["A", "B"]);
  const changes = service.changes();
  assert.equal(await next(changes), "arrived A");
  assert.equal(await next(changes), "arrived B");
  fake.addReader("C");
  assert.equal(await next(changes), "arrived C");
  fake.removeReader("A");
  assert.equal(await next(changes), "left A");
  assert.deepEqual(service.listReaders(), ["B", "C"]);
  const [b, c] = await service.readers();
  assert.deepEqual([b.name, c.name], ["B", "C"]);
  const rest = [next(changes), next(changes), next(changes)];
  await service.close();
  assert.deepEqual(await Promise.all(rest), ["left B", "left C", "end"]);
  assert.equal(await service.ended, PcscCode.S_SUCCESS);
  assert.equal(await next(service.changes()), "end");
});

Deno.test("a service without readers opens, and waits for the first", async () => {
  const fake = new FakePcsc();
  await using service = await PcscService.open({ library: fake });
  assert.deepEqual(service.listReaders(), []);
  const changes = service.changes();
  const first = next(changes);
  fake.addReader("A");
  assert.equal(await first, "arrived A");
});

Deno.test("changes end with their signal, and with whoever stops listening", async () => {
  const fake = new FakePcsc("A");
  await using service = await PcscService.open({ library: fake });
  const controller = new AbortController();
  const changes = service.changes(controller.signal);
  assert.equal(await next(changes), "arrived A");
  const end = next(changes);
  controller.abort();
  assert.equal(await end, "end");
  assert.equal(await next(service.changes(controller.signal)), "end");
  for await (const { reader } of service.changes()) {
    assert.equal(reader, "A");
    break;
  }
});

Deno.test("a reader that leaves closes by itself; one that comes back is another", async () => {
  await using made = await bench();
  const { fake, service, reader } = made;
  assert.equal(await service.reader(READER), reader);
  const tracking = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  const changes = service.changes();
  await next(changes);
  fake.removeReader(READER);
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  assert.equal(await next(changes), `left ${READER}`);
  await assert.rejects(() => service.reader(READER), {
    name: "PcscError",
    code: PcscCode.E_UNKNOWN_READER,
  });
  fake.addReader(READER);
  assert.equal(await next(changes), `arrived ${READER}`);
  const back = await service.reader(READER);
  assert.notEqual(back, reader);
  const present = untilPresent(back);
  fake.insert(READER);
  await present;
});

Deno.test("a reader that leaves and comes back between two looks is a card exchanged", async () => {
  await using made = await bench();
  const { fake, reader } = made;
  fake.insert(READER);
  await untilPresent(reader);
  const hold = fake.hold("SCardListReaders");
  fake.wakeForNothing();
  await hold.reached;
  fake.removeReader(READER);
  fake.addReader(READER);
  hold.release();
  await request(reader, IOCTL_SMARTCARD_IS_ABSENT);
});

Deno.test("the watcher copes with a reader that leaves between list and wait", async () => {
  const fake = new FakePcsc("A", "B");
  await using service = await PcscService.open({ library: fake });
  const changes = service.changes();
  await next(changes);
  await next(changes);
  const hold = fake.hold("SCardGetStatusChange");
  fake.wakeForNothing();
  await hold.reached;
  fake.removeReader("A");
  hold.release();
  assert.equal(await next(changes), "left A");
  assert.deepEqual(service.listReaders(), ["B"]);
});

Deno.test("wakes for nothing do not keep the watcher busy", async () => {
  const fake = new FakePcsc("A");
  await using _service = await PcscService.open({ library: fake });
  const before = fake.count("SCardGetStatusChange");
  for (let i = 0; i < 1000; i++) {
    fake.wakeForNothing();
    await Promise.resolve();
  }
  assert.ok(fake.count("SCardGetStatusChange") - before < 20);
});

Deno.test("a service that cannot be opened says why", async () => {
  const fake = new FakePcsc("A");
  fake.isRunning = false;
  await assert.rejects(() => PcscService.open({ library: fake }), {
    name: "PcscError",
    code: PcscCode.E_NO_SERVICE,
    message:
      "Cannot open the PC/SC service: SCardEstablishContext ended with SCARD_E_NO_SERVICE, expected SCARD_S_SUCCESS",
  });
  fake.isRunning = true;
  fake.fail("SCardGetStatusChange", PcscCode.F_INTERNAL_ERROR);
  await assert.rejects(() => PcscService.open({ library: fake }), {
    message: /watch the readers.*SCARD_F_INTERNAL_ERROR/,
  });
  assert.equal(fake.contexts.size, 0);
  // A library of the caller's stays open.
  assert.equal(fake.isClosed, false);
});

Deno.test("options out of range are refused", async () => {
  const library = new FakePcsc();
  for (
    const [options, message] of [
      [{ apduTimeoutMs: 0 }, "apduTimeoutMs is 0, expected 1 to 2147483647"],
      [
        { powerTimeoutMs: NaN },
        "powerTimeoutMs is NaN, expected 1 to 2147483647",
      ],
      [
        { closeTimeoutMs: 0.5 },
        "closeTimeoutMs is 0.5, expected 1 to 2147483647",
      ],
      [
        { sharing: "direct" as "shared" },
        'sharing is "direct", expected "shared" or "exclusive"',
      ],
    ] as const
  ) {
    await assert.rejects(
      () => PcscService.open({ library, ...options }),
      new RangeError(`Cannot open the PC/SC service: ${message}`),
    );
  }
  assert.deepEqual(library.calls, []);
});

Deno.test("a signal closes the service", async () => {
  const controller = new AbortController();
  const made = await bench({ signal: controller.signal });
  const tracking = request(made.reader, IOCTL_SMARTCARD_IS_PRESENT);
  controller.abort();
  assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
  await made.service.close();
  assert.equal(made.fake.contexts.size, 0);
  await assert.rejects(
    () => PcscService.open({ library: made.fake, signal: controller.signal }),
    { name: "AbortError" },
  );
});

Deno.test("cleanup cancels the waiting tracking request", async () => {
  await using made = await bench();
  const irp = new Irp({
    ioControlCode: IOCTL_SMARTCARD_IS_PRESENT,
    systemBuffer: new Uint8Array(0),
    inputLength: 0,
    outputLength: 0,
  });
  assert.equal(await made.reader.deviceControl(irp), STATUS_PENDING);
  made.reader.cleanup();
  assert.equal(await irp.completion, STATUS_CANCELLED);
  assert.ok(made.reader instanceof PcscReader);
  assert.equal(made.reader.deviceName, `\\Device\\Pcsc ${READER}`);
});

Deno.test("vendor codes reach the reader's driver without a card", async () => {
  await using made = await bench();
  const { fake, reader } = made;
  fake.onControl = (code, input) => {
    if (code === 0x42000D48) return fromHex("060442330006");
    return code === 0x42000900 ? Uint8Array.from(input).reverse() : null;
  };
  const ask = (code: number, capacityBytes = 64) =>
    request(reader, code, fromHex("010203"), capacityBytes);
  assert.equal(show(await ask(SCARD_CTL_CODE(0x900))), "00000000 030201");
  assert.equal(
    show(await ask(CM_IOCTL_GET_FEATURE_REQUEST)),
    "00000000 060400FD0018",
  );
  assert.equal(
    (await ask(SCARD_CTL_CODE(0x901))).status,
    STATUS_INVALID_DEVICE_REQUEST,
  );
  assert.equal(
    (await ask(SCARD_CTL_CODE(0x900), 2)).status,
    STATUS_BUFFER_TOO_SMALL,
  );
  // Each connected to the reader alone, and left it.
  assert.equal(fake.count("SCardConnect 3 0"), 4);
  assert.equal(fake.count("SCardDisconnect 0"), 4);
  assert.equal(fake.handles.size, 0);
});

Deno.test("a card that is in when the reader opens is in", async () => {
  const fake = new FakePcsc(READER);
  fake.insert(READER);
  await using made = await bench({}, fake);
  assert.equal(await state(made.reader), SCARD_PRESENT);
});
