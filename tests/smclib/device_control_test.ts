// A request is completed exactly once, with the outcome that its callback or the library gave it.

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
  RDF_CARD_POWER,
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
  SmartcardExtension,
  SmartcardInitialize,
  SMCLIB_VERSION,
  STATUS_BUFFER_OVERFLOW,
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
import { vendorIrp } from "./slow_reader.ts";

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
