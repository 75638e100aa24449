/**
 * Beginning and end of a reader's life in the library.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import {
  Machine,
  MACHINE_BUFFER_BYTES,
  T0Exchange,
  T1Session,
} from "../core/mod.ts";
import type { SmartcardExtension } from "./extension.ts";
import { SmartcardLogError } from "./log.ts";
import { RemoveLock } from "./remove_lock.ts";
import {
  MIN_BUFFER_SIZE,
  PTS_TYPE_DEFAULT,
  SCARD_T1_MAX_IFS,
  SMCLIB_VERSION,
  SMCLIB_VERSION_REQUIRED,
  T1_CRC_CHECK,
  T1_IFSD_DEFAULT,
} from "./smclib_constants.ts";
import {
  STATUS_DEVICE_REMOVED,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_PROTOCOL_RAW } from "./winsmcrd.ts";

/** Whether the library serves a driver of this version. */
export function isKnownVersion(version: number): boolean {
  return version >= SMCLIB_VERSION_REQUIRED && version <= SMCLIB_VERSION;
}

/**
 * SmartcardInitialize: checks the version, raises both buffer sizes to MIN_BUFFER_SIZE and makes the buffers.
 *
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a missing extension or a foreign version;
 * STATUS_INSUFFICIENT_RESOURCES when a buffer cannot be had; STATUS_INVALID_DEVICE_STATE when the reader
 * is initialized already
 */
export function SmartcardInitialize(
  ext: SmartcardExtension | null | undefined,
): number {
  if (!ext || !isKnownVersion(ext.version)) return STATUS_INVALID_PARAMETER;
  const { smartcardRequest, smartcardReply, library, osData } = ext;
  if (library.phase === "ready" || osData.mutex.isOccupied) {
    return STATUS_INVALID_DEVICE_STATE;
  }
  const requestSize = Math.max(smartcardRequest.bufferSize, MIN_BUFFER_SIZE);
  const replySize = Math.max(smartcardReply.bufferSize, MIN_BUFFER_SIZE);
  if (Math.max(requestSize, replySize) > MACHINE_BUFFER_BYTES) {
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  try {
    library.machine = new Machine();
    library.t1Session = new T1Session({}, library.machine);
    library.t0Exchange = new T0Exchange(library.machine);
  } catch (error) {
    // No memory for a further instance of the core.
    SmartcardLogError(null, STATUS_INSUFFICIENT_RESOURCES, String(error));
    library.disposeMachines();
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  smartcardRequest.bufferSize = requestSize;
  smartcardReply.bufferSize = replySize;
  smartcardRequest.buffer = library.machine.send;
  smartcardReply.buffer = library.machine.receive;
  smartcardRequest.bufferLength = 0;
  smartcardReply.bufferLength = 0;
  osData.currentIrp = null;
  osData.notificationIrp = null;
  osData.removeLock = new RemoveLock();
  ext.t1.bind(library.t1Session);
  library.phase = "ready";
  SmartcardInitializeCardCapabilities(ext);
  return STATUS_SUCCESS;
}

/**
 * SmartcardExit: gives back what SmartcardInitialize made; may be called twice. Requests that still wait
 * (tracking, pending, or queued at the gate) end with STATUS_DEVICE_REMOVED.
 */
export function SmartcardExit(ext: SmartcardExtension): void {
  const { library, osData } = ext;
  if (library.phase !== "ready") return;
  library.phase = "gone";
  library.endSleep();
  const tracking = osData.notificationIrp;
  const current = osData.currentIrp;
  osData.notificationIrp = null;
  osData.currentIrp = null;
  tracking?.complete(STATUS_DEVICE_REMOVED);
  current?.complete(STATUS_DEVICE_REMOVED);
  osData.mutex.dismissAll(STATUS_DEVICE_REMOVED);
  // A callback that still runs may hold views of the buffers: they stay its own until it has returned.
  if (!osData.mutex.isOccupied) releaseBuffers(ext);
}

/** Gives the buffers back; the dispatcher calls it when the last callback of a gone reader has returned. */
export function releaseBuffers(ext: SmartcardExtension): void {
  ext.t1.bind(null);
  ext.library.disposeMachines();
  ext.smartcardRequest.buffer = NO_BYTES;
  ext.smartcardReply.buffer = NO_BYTES;
  ext.smartcardRequest.bufferLength = 0;
  ext.smartcardReply.bufferLength = 0;
}

/**
 * SmartcardInitializeCardCapabilities: forgets what came from an ATR. The T=1 machine starts anew,
 * `t1.ifsd` comes from `maxIfsd`, RAW is supported where the reader has it, and `currentState` is left alone.
 */
export function SmartcardInitializeCardCapabilities(
  ext: SmartcardExtension,
): void {
  const { cardCapabilities, readerCapabilities, library } = ext;
  cardCapabilities.clear();
  cardCapabilities.ptsData.type = PTS_TYPE_DEFAULT;
  cardCapabilities.protocol.supported = readerCapabilities.supportedProtocols &
    SCARD_PROTOCOL_RAW;
  library.clearSession();
  library.clockKhz = readerCapabilities.clkFrequency.default;
  resetT1(ext, 0);
}

/** Puts the T=1 machine to the start of a session with the card's parameters. */
export function resetT1(ext: SmartcardExtension, nad: number): void {
  const { ifsc, edc } = ext.cardCapabilities.t1;
  const { maxIfsd } = ext.readerCapabilities;
  const ifsd = maxIfsd === 0
    ? T1_IFSD_DEFAULT
    : Math.min(maxIfsd, SCARD_T1_MAX_IFS);
  ext.library.t1Session?.reset({
    ifscBytes: ifsc,
    edc: (edc & T1_CRC_CHECK) === 0 ? "LRC" : "CRC",
    ifsdBytes: ifsd,
    ifsRefusal: "proceed",
  });
  ext.t1.plan(ifsd, nad);
}
