/**
 * IOCTL_SMARTCARD_IS_PRESENT and IOCTL_SMARTCARD_IS_ABSENT: waiting for insertion or removal.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { callSlot } from "./callback.ts";
import type { SmartcardExtension } from "./extension.ts";
import { IOCTL_SMARTCARD_IS_PRESENT } from "./ioctl.ts";
import type { Irp } from "./irp.ts";
import { RDF_CARD_TRACKING } from "./smclib_constants.ts";
import {
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_ABSENT, SCARD_UNKNOWN } from "./winsmcrd.ts";

/**
 * Serves a tracking request: tests, notes and parks it in one synchronous step, then lets the driver arm
 * its detection. The library owns the cancel hook; neither `ioRequest` nor the IOCTL codes of `ext` change.
 *
 * @returns STATUS_PENDING while it waits, else what it is to end with
 */
export function track(ext: SmartcardExtension, irp: Irp): MaybePromise<number> {
  if (!ext.readerFunction[RDF_CARD_TRACKING]) return STATUS_NOT_SUPPORTED;
  const { osData } = ext;
  const state = ext.readerCapabilities.currentState;
  if (osData.notificationIrp?.isCompleted === false) return STATUS_DEVICE_BUSY;
  if (state === SCARD_UNKNOWN) return STATUS_INVALID_DEVICE_STATE;
  const wantsCard = irp.ioControlCode === IOCTL_SMARTCARD_IS_PRESENT;
  if (wantsCard === state > SCARD_ABSENT) return STATUS_SUCCESS;
  osData.notificationIrp = irp;
  return chain(callSlot(ext, RDF_CARD_TRACKING), (status) => {
    // An answer other than PENDING takes the request back, if no event was faster.
    // It ends in the same step: between place and end nobody would find it.
    if (status !== STATUS_PENDING && osData.notificationIrp === irp) {
      osData.notificationIrp = null;
      irp.complete(status);
    }
    return status;
  });
}
