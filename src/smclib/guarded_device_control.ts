/**
 * A driver's entry for control requests, apart from its removal.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { SmartcardDeviceControl } from "./device_control.ts";
import type { SmartcardExtension } from "./extension.ts";
import type { Irp } from "./irp.ts";
import {
  SmartcardAcquireRemoveLock,
  SmartcardReleaseRemoveLock,
} from "./remove_lock.ts";
import { STATUS_DEVICE_REMOVED, STATUS_SUCCESS } from "./status.ts";

/**
 * `SmartcardDeviceControl` between `SmartcardAcquireRemoveLock` and
 * `SmartcardReleaseRemoveLock`, so that a removal waits for the request.
 *
 * @returns the NTSTATUS it ended with; STATUS_DEVICE_REMOVED once the removal has begun
 */
export function guardedDeviceControl(
  ext: SmartcardExtension,
  irp: Irp,
): MaybePromise<number> {
  if (SmartcardAcquireRemoveLock(ext) !== STATUS_SUCCESS) {
    irp.complete(STATUS_DEVICE_REMOVED);
    return STATUS_DEVICE_REMOVED;
  }
  const status = SmartcardDeviceControl(ext, irp);
  if (status instanceof Promise) {
    return status.finally(() => SmartcardReleaseRemoveLock(ext));
  }
  // Also after STATUS_PENDING: SmartcardExit ends that.
  SmartcardReleaseRemoveLock(ext);
  return status;
}
