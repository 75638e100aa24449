/**
 * IOCTL_SMARTCARD_POWER: power down, cold and warm reset.
 *
 * @module
 */

import { callSlot } from "./callback.ts";
import type { SmartcardExtension } from "./extension.ts";
import { SmartcardInitializeCardCapabilities } from "./initialize.ts";
import { needsCard, type RequestRow, requestRow } from "./request_row.ts";
import { RDF_CARD_POWER, SCARD_ATR_LENGTH } from "./smclib_constants.ts";
import { STATUS_INVALID_PARAMETER, STATUS_SUCCESS } from "./status.ts";
import { SCARD_POWER_DOWN, SCARD_WARM_RESET } from "./winsmcrd.ts";

/** The row of IOCTL_SMARTCARD_POWER. */
export const powerRow: RequestRow = requestRow({
  inputBytes: 4,
  values: (ext) =>
    ext.minorIoControlCode > SCARD_WARM_RESET
      ? STATUS_INVALID_PARAMETER
      : STATUS_SUCCESS,
  capacityBytes: (ext) =>
    ext.minorIoControlCode === SCARD_POWER_DOWN ? 0 : SCARD_ATR_LENGTH,
  slot: RDF_CARD_POWER,
  card: needsCard,
  serve: power,
});

function power(ext: SmartcardExtension) {
  // The session ends before the callback, power down included, so that its own
  // SmartcardUpdateCardCapabilities starts clean.
  SmartcardInitializeCardCapabilities(ext);
  return callSlot(ext, RDF_CARD_POWER);
}
