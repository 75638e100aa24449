/**
 * Finishing requests that wait: tracking on a card event, and requests that a callback left pending.
 *
 * @module
 */

import type { SmartcardExtension } from "./extension.ts";
import { settleCurrent } from "./settle.ts";
import { STATUS_SUCCESS } from "./status.ts";

/**
 * SmartcardCompleteCardTracking: completes the waiting IS_PRESENT or IS_ABSENT request, and does nothing
 * if there is none. Event code sets `currentState` and calls this in the same synchronous step.
 *
 * @param status STATUS_SUCCESS; STATUS_CANCELLED when the opener goes away
 */
export function SmartcardCompleteCardTracking(
  ext: SmartcardExtension,
  status: number = STATUS_SUCCESS,
): void {
  const irp = ext.osData.notificationIrp;
  ext.osData.notificationIrp = null;
  irp?.complete(status);
}

/**
 * SmartcardCompleteRequest: completes the request that a callback left pending, with
 * `ioRequest.information` bytes, and thereby ends the busy condition; does nothing if there is none.
 */
export function SmartcardCompleteRequest(
  ext: SmartcardExtension,
  status: number,
): void {
  const irp = ext.osData.currentIrp;
  if (irp !== null) settleCurrent(ext, irp, status);
}
