// One callback runs at a time; who waits at the gate enters in order, is cancelled, or ends with the reader.

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_PRESENT,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardInitialize,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_UNSUCCESSFUL,
} from "../../src/smclib/mod.ts";
import { bareReader, control, makeIrp } from "./fake_reader.ts";
import { settle, slowReader, vendorIrp } from "./slow_reader.ts";

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
