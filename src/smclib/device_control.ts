/**
 * SmartcardDeviceControl: the way of every control request through the library.
 *
 * @module
 */

import { type MaybePromise, readU32le } from "../bytes.ts";
import { callSlot, failed } from "./callback.ts";
import type { SmartcardExtension } from "./extension.ts";
import type { GateWaiter } from "./gate.ts";
import { isKnownVersion, releaseBuffers } from "./initialize.ts";
import type { Irp } from "./irp.ts";
import type { RequestRow } from "./request_row.ts";
import { isTracking, rowOf } from "./request_table.ts";
import { settleCurrent } from "./settle.ts";
import {
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_POWERED_OFF,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "./status.ts";
import { track } from "./tracking.ts";
import { SCARD_ABSENT } from "./winsmcrd.ts";

/**
 * SmartcardDeviceControl: checks a request, serves it or has the driver serve it, and completes it exactly once.
 * Requests of one reader are served one at a time, in the order of arrival; at a free gate a request whose
 * callback is synchronous ends before this returns.
 *
 * @returns the status that the request ended with; STATUS_PENDING means that it ends later: wait for `irp.completion`
 */
export function SmartcardDeviceControl(
  ext: SmartcardExtension,
  irp: Irp,
): MaybePromise<number> {
  if (irp.isCompleted) return irp.ioStatus.status;
  const refusal = admission(ext, irp);
  if (refusal !== STATUS_SUCCESS) {
    irp.complete(refusal);
    return refusal;
  }
  return ext.osData.mutex.tryEnter() ? run(ext, irp) : queue(ext, irp);
}

function admission(ext: SmartcardExtension, irp: Irp): number {
  if (!isKnownVersion(ext.version)) return STATUS_INVALID_PARAMETER;
  if (ext.library.phase !== "ready") {
    return ext.library.phase === "gone"
      ? STATUS_DEVICE_REMOVED
      : STATUS_INVALID_DEVICE_STATE;
  }
  return irp.signal?.aborted ? STATUS_CANCELLED : STATUS_SUCCESS;
}

function queue(ext: SmartcardExtension, irp: Irp): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { mutex } = ext.osData;
  const waiter: GateWaiter = {
    enter() {
      irp.signal?.removeEventListener("abort", cancel);
      resolve(run(ext, irp));
    },
    dismiss(status) {
      irp.signal?.removeEventListener("abort", cancel);
      irp.complete(status);
      resolve(irp.ioStatus.status);
    },
  };
  const cancel = () => {
    if (mutex.withdraw(waiter)) waiter.dismiss(STATUS_CANCELLED);
  };
  irp.signal?.addEventListener("abort", cancel);
  mutex.queue(waiter);
  return promise;
}

/** Inside the gate: from here on every way leads through {@linkcode leave}. */
function run(ext: SmartcardExtension, irp: Irp): MaybePromise<number> {
  let status: MaybePromise<number>;
  try {
    if (isPoweredOff(ext, irp)) status = STATUS_DEVICE_POWERED_OFF;
    else if (isTracking(irp.ioControlCode)) status = track(ext, irp);
    else status = serve(ext, irp);
  } catch (error) {
    status = failed(ext, "the request", error);
  }
  if (typeof status === "number") return leave(ext, irp, status);
  return status.then(
    (late) => leave(ext, irp, late),
    (error) => leave(ext, irp, failed(ext, "the request", error)),
  );
}

/** From the turn of systemSleep's power-down to systemWake nothing but this request reaches the driver. */
function isPoweredOff(ext: SmartcardExtension, irp: Irp): boolean {
  const { sleep } = ext.library;
  if (sleep === null) return false;
  if (irp !== sleep.irp) return sleep.isOff;
  sleep.isOff = true;
  sleep.hadCard = ext.readerCapabilities.currentState > SCARD_ABSENT;
  return false;
}

function leave(ext: SmartcardExtension, irp: Irp, status: number): number {
  const { osData, library } = ext;
  try {
    if (status === STATUS_PENDING && !irp.isCompleted) return STATUS_PENDING;
    if (!isTracking(irp.ioControlCode)) settleCurrent(ext, irp, status);
    else if (!irp.isCompleted) irp.complete(status);
    return irp.ioStatus.status;
  } finally {
    if (library.phase === "gone") releaseBuffers(ext);
    osData.mutex.leave();
  }
}

function serve(ext: SmartcardExtension, irp: Irp): MaybePromise<number> {
  const { osData, ioRequest } = ext;
  if (osData.currentIrp?.isCompleted === false) return STATUS_DEVICE_BUSY;
  osData.currentIrp = irp;
  ext.majorIoControlCode = irp.ioControlCode;
  ext.minorIoControlCode = irp.inputLength < 4
    ? 0
    : readU32le(irp.systemBuffer, 0);
  ioRequest.requestBuffer = irp.systemBuffer;
  ioRequest.requestBufferLength = irp.inputLength;
  ioRequest.replyBuffer = irp.systemBuffer;
  ioRequest.replyBufferLength = irp.outputLength;
  ioRequest.information = 0;
  const row = rowOf(irp.ioControlCode);
  const refusal = check(ext, row);
  if (refusal !== STATUS_SUCCESS) return refusal;
  if (row.serve !== null) return row.serve(ext);
  return callSlot(ext, row.slot!);
}

/** Input, values, capacity, slot, card: the first failure decides. */
function check(ext: SmartcardExtension, row: RequestRow): number {
  const { ioRequest } = ext;
  if (ioRequest.requestBufferLength < row.inputBytes) {
    return STATUS_INVALID_PARAMETER;
  }
  if (row.values !== null) {
    const status = row.values(ext);
    if (status !== STATUS_SUCCESS) return status;
  }
  const capacity = typeof row.capacityBytes === "number"
    ? row.capacityBytes
    : row.capacityBytes(ext);
  if (ioRequest.replyBufferLength < capacity) return STATUS_BUFFER_TOO_SMALL;
  if (row.slot !== null && !ext.readerFunction[row.slot]) {
    return STATUS_NOT_SUPPORTED;
  }
  return row.card === null ? STATUS_SUCCESS : row.card(ext);
}
