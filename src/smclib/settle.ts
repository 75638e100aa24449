/**
 * The end of a request.
 *
 * @module
 */

import { debugMode, SmartcardDebug } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { ioctlName } from "./ioctl.ts";
import type { Irp } from "./irp.ts";
import { SmartcardLogError } from "./log.ts";
import { rowOf } from "./request_table.ts";
import { DEBUG_ERROR, DEBUG_IOCTL } from "./smclib_constants.ts";
import { STATUS_INTERNAL_ERROR } from "./status.ts";
import { statusName } from "./status_names.ts";

/**
 * Ends a request that is not tracking: rounds it off, completes it, and makes way for the next one.
 * A request that somebody has completed before keeps its outcome.
 */
export function settleCurrent(
  ext: SmartcardExtension,
  irp: Irp,
  status: number,
): void {
  const row = rowOf(irp.ioControlCode);
  let outcome = status;
  let information = 0;
  // A request refused before it became current must not deliver what belongs to another one.
  if (ext.osData.currentIrp === irp) {
    if (row.finish !== null && !irp.isCompleted) {
      try {
        outcome = row.finish(ext, status);
      } catch (error) {
        // Whatever happens, the request ends.
        SmartcardLogError(
          ext.osData.deviceObject,
          STATUS_INTERNAL_ERROR,
          `${error}`,
        );
        outcome = STATUS_INTERNAL_ERROR;
      }
    }
    information = deliveredBytes(ext.ioRequest.information, irp);
    ext.osData.currentIrp = null;
  }
  const isFirst = !irp.isCompleted;
  if (isFirst) irp.complete(outcome, information);
  if (row.isRemembered) ext.lastError = irp.ioStatus.status;
  if (debugMode.enabled) trace(irp, isFirst ? null : outcome);
}

/** What a driver left in `information`, within the capacity; nonsense counts as nothing. */
function deliveredBytes(information: number, irp: Irp): number {
  return Number.isInteger(information) && information >= 0
    ? Math.min(information, irp.outputLength)
    : 0;
}

function trace(irp: Irp, ignored: number | null): void {
  const { status, information } = irp.ioStatus;
  SmartcardDebug(
    DEBUG_IOCTL,
    () =>
      `${ioctlName(irp.ioControlCode)}: ${
        statusName(status)
      }, ${information} bytes`,
  );
  if (ignored === null) return;
  SmartcardDebug(
    DEBUG_ERROR,
    () =>
      `${ioctlName(irp.ioControlCode)} was completed before: ${
        statusName(ignored)
      } is ignored`,
  );
}
