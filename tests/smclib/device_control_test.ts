// A request is completed exactly once, one callback runs at a time, and the gate opens whatever a driver does.

import assert from "node:assert/strict";
import { writeU32le } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  type Irp,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_SET_PROTOCOL,
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T1,
  SCARD_SPECIFIC,
  setLogSink,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  SMCLIB_VERSION,
  STATUS_BUFFER_OVERFLOW,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_REMOVED,
  STATUS_INTERNAL_ERROR,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_UNSUCCESSFUL,
} from "../../src/smclib/mod.ts";
import {
  bareReader,
  control,
  controlAsync,
  delivered,
  deliveredUlong,
  makeIrp,
  pci,
  reset,
  T1_ATR,
  ulong,
  workingReader,
} from "./fake_reader.ts";

function vendorIrp(signal?: AbortSignal): Irp {
  return makeIrp(
    IOCTL_SMARTCARD_VENDOR_FIRST,
    new Uint8Array(0),
    16,
    signal,
  );
}

/** A reader whose vendor callback settles when the test says so. */
function slowReader() {
  const ext = bareReader();
  const calls: PromiseWithResolvers<number>[] = [];
  let running = 0;
  ext.readerFunction[RDF_IOCTL_VENDOR] = async () => {
    assert.equal(++running, 1, "callbacks overlap");
    const call = Promise.withResolvers<number>();
    calls.push(call);
    try {
      return await call.promise;
    } finally {
      running--;
    }
  };
  return { ext, calls };
}

/** Lets all promises that can settle do so. */
async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("a synchronous callback ends a request without a promise", () => {
  const ext = workingReader();
  const irp = reset(ext);
  assert.equal(delivered(irp).length, 6);
  const transmit = makeIrp(
    IOCTL_SMARTCARD_TRANSMIT,
    pci(SCARD_PROTOCOL_T1, "00A40000"),
    64,
  );
  assert.equal(SmartcardDeviceControl(ext, transmit), STATUS_SUCCESS);
  assert.equal(transmit.ioStatus.information, 12);
});

Deno.test("ioRequest is the caller's buffer both ways", () => {
  const ext = bareReader();
  const irp = makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST, ulong(0xDEADBEEF), 16);
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
    assert.equal(ext.ioRequest.requestBuffer, irp.systemBuffer);
    assert.equal(ext.ioRequest.replyBuffer, irp.systemBuffer);
    assert.equal(ext.ioRequest.requestBufferLength, 4);
    assert.equal(ext.ioRequest.replyBufferLength, 16);
    assert.equal(ext.ioRequest.information, 0);
    assert.equal(ext.majorIoControlCode, IOCTL_SMARTCARD_VENDOR_FIRST);
    assert.equal(ext.minorIoControlCode, 0xDEADBEEF);
    assert.equal(ext.osData.currentIrp, irp);
    ext.ioRequest.information = 9;
    return STATUS_SUCCESS;
  };
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  assert.equal(delivered(irp).length, 9);
  const short = makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST, Uint8Array.of(1, 2, 3));
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
    assert.equal(ext.minorIoControlCode, 0);
    return STATUS_SUCCESS;
  };
  assert.equal(control(ext, short), STATUS_SUCCESS);
});

Deno.test("callbacks run one at a time, in the order of arrival", async () => {
  const { ext, calls } = slowReader();
  const irps = Array.from({ length: 5 }, () => vendorIrp());
  const results = irps.map((irp) => SmartcardDeviceControl(ext, irp));
  for (let i = 0; i < 5; i++) {
    await settle();
    assert.equal(calls.length, i + 1);
    assert.equal(ext.osData.currentIrp, irps[i]);
    assert.equal(ext.osData.mutex.waiting, 4 - i);
    calls[i].resolve(i % 2 === 0 ? STATUS_SUCCESS : STATUS_NO_MEDIA);
  }
  assert.deepEqual(await Promise.all(results), [
    STATUS_SUCCESS,
    STATUS_NO_MEDIA,
    STATUS_SUCCESS,
    STATUS_NO_MEDIA,
    STATUS_SUCCESS,
  ]);
  assert.equal(ext.osData.mutex.isHeld, false);
});

Deno.test("a long queue of synchronous requests needs no deep stack", async () => {
  const { ext, calls } = slowReader();
  const first = SmartcardDeviceControl(ext, vendorIrp());
  const rest = Array.from(
    { length: 20_000 },
    () =>
      SmartcardDeviceControl(
        ext,
        makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4),
      ),
  );
  calls[0].resolve(STATUS_SUCCESS);
  assert.equal(await first, STATUS_SUCCESS);
  assert.ok((await Promise.all(rest)).every((s) => s === STATUS_SUCCESS));
});

Deno.test("a callback that throws, rejects or gives no status is STATUS_UNSUCCESSFUL, and opens the gate", async () => {
  const records: string[] = [];
  setLogSink((record) => records.push(record.insertion ?? ""));
  try {
    const faults: (() => unknown)[] = [
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
      () => undefined,
      () => NaN,
      () => Promise.resolve("0"),
      () => Promise.resolve(),
    ];
    for (const fault of faults) {
      const ext = bareReader();
      ext.readerFunction[RDF_IOCTL_VENDOR] = fault as () => number;
      const irp = vendorIrp();
      assert.equal(await controlAsync(ext, irp), STATUS_UNSUCCESSFUL);
      assert.equal(irp.ioStatus.information, 0);
      assert.equal(ext.osData.mutex.isHeld, false);
      assert.equal(ext.osData.currentIrp, null);
      assert.equal(ext.lastError, STATUS_UNSUCCESSFUL);
    }
    assert.equal(records.length, faults.length);
    assert.match(records[0], /broken/);
  } finally {
    setLogSink(null);
  }
});

Deno.test("STATUS_MORE_PROCESSING_REQUIRED does not leave the driver", async () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => STATUS_MORE_PROCESSING_REQUIRED;
  assert.equal(control(ext, vendorIrp()), STATUS_INTERNAL_ERROR);
  ext.readerFunction[RDF_IOCTL_VENDOR] = () =>
    Promise.resolve(STATUS_MORE_PROCESSING_REQUIRED);
  assert.equal(await controlAsync(ext, vendorIrp()), STATUS_INTERNAL_ERROR);
});

Deno.test("a signed status is taken as unsigned", () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => STATUS_NO_MEDIA | 0;
  assert.equal(control(ext, vendorIrp()), STATUS_NO_MEDIA);
});

Deno.test("errors deliver no bytes, warnings may, and none more than the capacity", () => {
  const ext = bareReader();
  for (
    const [status, information, wanted] of [
      [STATUS_SUCCESS, 5, 5],
      [STATUS_SUCCESS, 500, 16],
      [STATUS_BUFFER_OVERFLOW, 5, 5],
      [STATUS_IO_TIMEOUT, 5, 0],
    ]
  ) {
    ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
      ext.ioRequest.information = information;
      return status;
    };
    const irp = vendorIrp();
    assert.equal(control(ext, irp), status);
    assert.equal(irp.ioStatus.information, wanted);
  }
});

Deno.test("a request that is cancelled in the queue never reaches the driver", async () => {
  const { ext, calls } = slowReader();
  const controller = new AbortController();
  const first = SmartcardDeviceControl(ext, vendorIrp());
  const cancelled = vendorIrp(controller.signal);
  const second = SmartcardDeviceControl(ext, cancelled);
  const third = SmartcardDeviceControl(ext, vendorIrp());
  controller.abort();
  assert.equal(cancelled.ioStatus.status, STATUS_CANCELLED);
  assert.equal(await second, STATUS_CANCELLED);
  calls[0].resolve(STATUS_SUCCESS);
  await first;
  await settle();
  calls[1].resolve(STATUS_SUCCESS);
  assert.equal(await third, STATUS_SUCCESS);
  assert.equal(calls.length, 2);
});

Deno.test("a request is cancelled between the opening of the gate and its entry", async () => {
  const { ext, calls } = slowReader();
  const controller = new AbortController();
  ext.osData.mutex.tryEnter();
  const result = SmartcardDeviceControl(ext, vendorIrp(controller.signal));
  ext.osData.mutex.leave();
  controller.abort();
  assert.equal(await result, STATUS_CANCELLED);
  await settle();
  assert.equal(calls.length, 0);
  assert.equal(ext.osData.mutex.isHeld, false);
});

Deno.test("a signal that has fired before the call cancels at once", () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => assert.fail("reached");
  assert.equal(control(ext, vendorIrp(AbortSignal.abort())), STATUS_CANCELLED);
});

Deno.test("a signal that fires during the callback is the driver's affair", async () => {
  const { ext, calls } = slowReader();
  const controller = new AbortController();
  const irp = vendorIrp(controller.signal);
  const result = SmartcardDeviceControl(ext, irp);
  controller.abort();
  assert.equal(irp.isCompleted, false);
  calls[0].resolve(STATUS_SUCCESS);
  assert.equal(await result, STATUS_SUCCESS);
});

Deno.test("a pending request makes the reader busy until it is completed", async () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => STATUS_PENDING;
  ext.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  const pending = vendorIrp();
  assert.equal(SmartcardDeviceControl(ext, pending), STATUS_PENDING);
  const other = makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4);
  ext.ioRequest.information = 3;
  assert.equal(control(ext, other), STATUS_DEVICE_BUSY);
  assert.equal(other.ioStatus.information, 0);
  assert.equal(ext.ioRequest.requestBuffer, pending.systemBuffer);
  const tracking = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(SmartcardDeviceControl(ext, tracking), STATUS_PENDING);
  SmartcardCompleteRequest(ext, STATUS_SUCCESS);
  assert.equal(await pending.completion, STATUS_SUCCESS);
  assert.equal(pending.ioStatus.information, 3);
  assert.equal(ext.lastError, STATUS_SUCCESS);
  const after = makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4);
  assert.equal(control(ext, after), STATUS_SUCCESS);
  SmartcardCompleteRequest(ext, STATUS_UNSUCCESSFUL);
  assert.equal(pending.ioStatus.status, STATUS_SUCCESS);
});

Deno.test("a driver may complete the request itself before it answers PENDING", () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
    const irp = ext.osData.currentIrp;
    ext.osData.currentIrp = null;
    irp!.complete(STATUS_NO_MEDIA);
    return STATUS_PENDING;
  };
  assert.equal(control(ext, vendorIrp()), STATUS_NO_MEDIA);
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
    SmartcardCompleteRequest(ext, STATUS_SUCCESS);
    return STATUS_PENDING;
  };
  assert.equal(control(ext, vendorIrp()), STATUS_SUCCESS);
  assert.equal(ext.osData.mutex.isHeld, false);
});

Deno.test("a request completed twice keeps its first outcome", () => {
  const ext = bareReader();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => {
    ext.osData.currentIrp!.complete(STATUS_NO_MEDIA);
    return STATUS_SUCCESS;
  };
  const irp = vendorIrp();
  assert.equal(control(ext, irp), STATUS_NO_MEDIA);
  assert.equal(SmartcardDeviceControl(ext, irp), STATUS_NO_MEDIA);
});

Deno.test("SET_PROTOCOL that was pending is rounded off as well", async () => {
  const ext = workingReader("3B 95 18 40 FF 62 01 02 01 04");
  reset(ext);
  assert.equal(ext.readerCapabilities.currentState, SCARD_NEGOTIABLE);
  ext.readerFunction[RDF_SET_PROTOCOL] = () => STATUS_PENDING;
  const irp = makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(3), 4);
  assert.equal(SmartcardDeviceControl(ext, irp), STATUS_PENDING);
  ext.cardCapabilities.protocol.selected = 1;
  ext.readerCapabilities.currentState = SCARD_SPECIFIC;
  SmartcardCompleteRequest(ext, STATUS_SUCCESS);
  assert.equal(await irp.completion, STATUS_SUCCESS);
  assert.equal(deliveredUlong(irp), 1);
});

Deno.test("SmartcardExit ends what waits: pending, tracking and queued requests", async () => {
  const { ext, calls } = slowReader();
  ext.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  const tracking = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(SmartcardDeviceControl(ext, tracking), STATUS_PENDING);
  const running = vendorIrp();
  const result = SmartcardDeviceControl(ext, running);
  const queued = [vendorIrp(), makeIrp(IOCTL_SMARTCARD_IS_PRESENT)];
  const results = queued.map((irp) => SmartcardDeviceControl(ext, irp));
  const { buffer } = ext.smartcardReply;
  SmartcardExit(ext);
  SmartcardExit(ext);
  for (const irp of [tracking, running, ...queued]) {
    assert.equal(irp.ioStatus.status, STATUS_DEVICE_REMOVED);
  }
  assert.deepEqual(await Promise.all(results), [
    STATUS_DEVICE_REMOVED,
    STATUS_DEVICE_REMOVED,
  ]);
  // The callback still runs, and the buffers are its own until it is over.
  assert.equal(ext.smartcardReply.buffer, buffer);
  assert.equal(SmartcardInitialize(ext), STATUS_INVALID_DEVICE_STATE);
  calls[0].resolve(STATUS_SUCCESS);
  assert.equal(await result, STATUS_DEVICE_REMOVED);
  assert.equal(ext.smartcardReply.buffer.length, 0);
  assert.equal(calls.length, 1);
  assert.equal(control(ext, vendorIrp()), STATUS_DEVICE_REMOVED);
  assert.equal(SmartcardInitialize(ext), STATUS_SUCCESS);
  assert.equal(
    control(ext, makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4)),
    STATUS_SUCCESS,
  );
});

Deno.test("SmartcardExit between two requests of a queue gives the buffers back", async () => {
  const { ext, calls } = slowReader();
  ext.osData.mutex.tryEnter();
  const result = SmartcardDeviceControl(ext, vendorIrp());
  ext.osData.mutex.leave();
  assert.equal(ext.osData.mutex.isOccupied, false);
  SmartcardExit(ext);
  assert.equal(ext.smartcardReply.buffer.length, 0);
  assert.equal(await result, STATUS_DEVICE_REMOVED);
  await settle();
  assert.equal(calls.length, 0);
  assert.equal(ext.osData.mutex.isHeld, false);
});

Deno.test("a reader that is not initialized, or of a foreign version, is refused", () => {
  const ext = new SmartcardExtension();
  assert.equal(control(ext, vendorIrp()), STATUS_INVALID_PARAMETER);
  ext.version = SMCLIB_VERSION;
  assert.equal(control(ext, vendorIrp()), STATUS_INVALID_DEVICE_STATE);
  assert.equal(SmartcardInitialize(ext), STATUS_SUCCESS);
  ext.version = SMCLIB_VERSION + 1;
  assert.equal(control(ext, vendorIrp()), STATUS_INVALID_PARAMETER);
});

Deno.test("GET_LAST_ERROR reports the last request that was neither itself nor tracking", () => {
  const ext = workingReader();
  const ask = () => {
    const irp = makeIrp(IOCTL_SMARTCARD_GET_LAST_ERROR, new Uint8Array(0), 4);
    assert.equal(control(ext, irp), STATUS_SUCCESS);
    return deliveredUlong(irp);
  };
  assert.equal(ask(), STATUS_SUCCESS);
  control(ext, makeIrp(IOCTL_SMARTCARD_POWER, ulong(7), 33));
  assert.equal(ask(), STATUS_INVALID_PARAMETER);
  assert.equal(ask(), STATUS_INVALID_PARAMETER);
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  SmartcardDeviceControl(ext, makeIrp(IOCTL_SMARTCARD_IS_PRESENT));
  assert.equal(ask(), STATUS_INVALID_PARAMETER);
  control(ext, makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4));
  assert.equal(ask(), STATUS_SUCCESS);
});

Deno.test("any power action ends the session before the callback, a malformed one does not", () => {
  const ext = workingReader(T1_ATR);
  reset(ext);
  assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
  assert.equal(ext.t1.ifsc, 254);
  control(ext, makeIrp(IOCTL_SMARTCARD_POWER, ulong(9), 33));
  control(ext, makeIrp(IOCTL_SMARTCARD_POWER, ulong(1), 10));
  assert.equal(ext.cardCapabilities.protocol.selected, SCARD_PROTOCOL_T1);
  const power = ext.readerFunction[RDF_CARD_POWER]!;
  ext.readerFunction[RDF_CARD_POWER] = (reader) => {
    assert.equal(reader.cardCapabilities.protocol.selected, 0);
    assert.equal(reader.cardCapabilities.atr.length, 0);
    assert.equal(reader.t1.ifsc, 32);
    assert.equal(reader.readerCapabilities.currentState, SCARD_SPECIFIC);
    return power(reader);
  };
  const down = makeIrp(IOCTL_SMARTCARD_POWER, ulong(SCARD_POWER_DOWN));
  assert.equal(control(ext, down), STATUS_SUCCESS);
  assert.equal(ext.readerCapabilities.currentState, SCARD_PRESENT);
});

Deno.test("a card that goes during RDF_SET_PROTOCOL's wait is the driver's to report", async () => {
  const ext = workingReader("3B 95 18 40 FF 62 01 02 01 04");
  reset(ext);
  ext.readerFunction[RDF_SET_PROTOCOL] = async () => {
    await Promise.resolve();
    ext.readerCapabilities.currentState = SCARD_ABSENT;
    writeU32le(ext.ioRequest.replyBuffer, 0, 0);
    return STATUS_NO_MEDIA;
  };
  const irp = makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(3), 4);
  assert.equal(await controlAsync(ext, irp), STATUS_NO_MEDIA);
  assert.equal(irp.ioStatus.information, 0);
});
