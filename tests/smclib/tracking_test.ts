// A tracking request is noted, tested and parked in one step, and ends once: by the event, by cancellation, or by its callback.

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  RDF_CARD_TRACKING,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SmartcardCompleteCardTracking,
  SmartcardDeviceControl,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_POWERED_OFF,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_UNSUCCESSFUL,
} from "../../src/smclib/mod.ts";
import { bareReader, control, controlAsync, makeIrp } from "./fake_reader.ts";

function trackingReader() {
  const ext = bareReader();
  ext.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  const insert = () => {
    ext.readerCapabilities.currentState = SCARD_PRESENT;
    SmartcardCompleteCardTracking(ext);
  };
  return { ext, insert };
}

Deno.test("a card event completes the waiting request, and other requests flow meanwhile", async () => {
  const { ext, insert } = trackingReader();
  const irp = makeIrp(IOCTL_SMARTCARD_IS_PRESENT, new Uint8Array(0), 8);
  assert.equal(SmartcardDeviceControl(ext, irp), STATUS_PENDING);
  assert.equal(ext.osData.notificationIrp, irp);
  assert.equal(ext.osData.currentIrp, null);
  const state = makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4);
  assert.equal(control(ext, state), STATUS_SUCCESS);
  insert();
  assert.equal(await irp.completion, STATUS_SUCCESS);
  assert.equal(irp.ioStatus.information, 0);
  assert.equal(ext.osData.notificationIrp, null);
  insert();
  const removal = makeIrp(IOCTL_SMARTCARD_IS_ABSENT);
  assert.equal(SmartcardDeviceControl(ext, removal), STATUS_PENDING);
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  SmartcardCompleteCardTracking(ext);
  assert.equal(removal.ioStatus.status, STATUS_SUCCESS);
});

Deno.test("there is one place for both kinds", () => {
  const { ext } = trackingReader();
  const first = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(SmartcardDeviceControl(ext, first), STATUS_PENDING);
  for (const code of [IOCTL_SMARTCARD_IS_PRESENT, IOCTL_SMARTCARD_IS_ABSENT]) {
    assert.equal(control(ext, makeIrp(code)), STATUS_DEVICE_BUSY);
  }
  assert.equal(first.isCompleted, false);
});

Deno.test("cancellation completes with STATUS_CANCELLED and empties the place", async () => {
  const { ext, insert } = trackingReader();
  const controller = new AbortController();
  const irp = makeIrp(
    IOCTL_SMARTCARD_IS_PRESENT,
    new Uint8Array(0),
    0,
    controller.signal,
  );
  assert.equal(SmartcardDeviceControl(ext, irp), STATUS_PENDING);
  controller.abort();
  assert.equal(await irp.completion, STATUS_CANCELLED);
  assert.equal(ext.osData.notificationIrp, null);
  insert();
  assert.equal(irp.ioStatus.status, STATUS_CANCELLED);
});

Deno.test("a cancel hook does not outlive its request", () => {
  const { ext, insert } = trackingReader();
  const controller = new AbortController();
  const old = makeIrp(
    IOCTL_SMARTCARD_IS_PRESENT,
    new Uint8Array(0),
    0,
    controller.signal,
  );
  SmartcardDeviceControl(ext, old);
  insert();
  const next = makeIrp(IOCTL_SMARTCARD_IS_ABSENT);
  SmartcardDeviceControl(ext, next);
  controller.abort();
  assert.equal(next.isCompleted, false);
  assert.equal(ext.osData.notificationIrp, next);
  assert.equal(old.ioStatus.status, STATUS_SUCCESS);
});

Deno.test("handle cleanup cancels", () => {
  const { ext } = trackingReader();
  const irp = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  SmartcardDeviceControl(ext, irp);
  SmartcardCompleteCardTracking(ext, STATUS_CANCELLED);
  assert.equal(irp.ioStatus.status, STATUS_CANCELLED);
});

Deno.test("a card event during the callback finds the request parked", async () => {
  const { ext, insert } = trackingReader();
  ext.readerFunction[RDF_CARD_TRACKING] = async () => {
    assert.notEqual(ext.osData.notificationIrp, null);
    await Promise.resolve();
    insert();
    await Promise.resolve();
    return STATUS_PENDING;
  };
  const irp = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(await SmartcardDeviceControl(ext, irp), STATUS_SUCCESS);
  assert.equal(ext.osData.mutex.isHeld, false);
});

Deno.test("a card event while the request queues at the gate is not missed", async () => {
  const { ext } = trackingReader();
  const open = Promise.withResolvers<number>();
  ext.readerFunction[RDF_CARD_TRACKING] = () => open.promise;
  const first = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  const firstResult = SmartcardDeviceControl(ext, first);
  const second = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  const secondResult = SmartcardDeviceControl(ext, second);
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  SmartcardCompleteCardTracking(ext);
  open.resolve(STATUS_PENDING);
  assert.equal(await firstResult, STATUS_SUCCESS);
  assert.equal(await secondResult, STATUS_SUCCESS);
});

Deno.test("a callback that does not answer PENDING takes the request back", async () => {
  const { ext } = trackingReader();
  const answers: [() => number | Promise<number>, number][] = [
    [() => STATUS_SUCCESS, STATUS_SUCCESS],
    [() => STATUS_DEVICE_POWERED_OFF, STATUS_DEVICE_POWERED_OFF],
    [() => Promise.resolve(STATUS_SUCCESS), STATUS_SUCCESS],
    [() => Promise.reject(new Error("broken")), STATUS_UNSUCCESSFUL],
    [() => {
      throw new Error("broken");
    }, STATUS_UNSUCCESSFUL],
  ];
  for (const [callback, status] of answers) {
    ext.readerFunction[RDF_CARD_TRACKING] = callback;
    const irp = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
    assert.equal(await controlAsync(ext, irp), status);
    assert.equal(ext.osData.notificationIrp, null);
    assert.equal(ext.osData.mutex.isHeld, false);
  }
});

Deno.test("a driver may take the request itself, once", () => {
  const { ext, insert } = trackingReader();
  const irp = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  SmartcardDeviceControl(ext, irp);
  const taken = ext.osData.notificationIrp;
  ext.osData.notificationIrp = null;
  insert();
  assert.equal(irp.isCompleted, false);
  assert.equal(taken?.complete(STATUS_SUCCESS), true);
  assert.equal(irp.complete(STATUS_CANCELLED), false);
});

Deno.test("tracking leaves ioRequest and the IOCTL codes of another request alone", () => {
  const { ext } = trackingReader();
  control(ext, makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4));
  const { requestBuffer } = ext.ioRequest;
  SmartcardDeviceControl(
    ext,
    makeIrp(IOCTL_SMARTCARD_IS_PRESENT, new Uint8Array(4), 4),
  );
  assert.equal(ext.majorIoControlCode, IOCTL_SMARTCARD_GET_STATE);
  assert.equal(ext.ioRequest.requestBuffer, requestBuffer);
});
