/**
 * IOCTL_SMARTCARD_TRANSMIT: a command to the card and its answer.
 *
 * @module
 */

import { readU32le } from "../bytes.ts";
import { callSlot } from "./callback.ts";
import { debugMode } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { needsResetCard, type RequestRow, requestRow } from "./request_row.ts";
import { hasValidPci, pciLength } from "./scard_io_request.ts";
import { RDF_TRANSMIT } from "./smclib_constants.ts";
import {
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_IO_REQUEST_LENGTH, SCARD_SPECIFIC } from "./winsmcrd.ts";

/** The row of IOCTL_SMARTCARD_TRANSMIT. */
export const transmitRow: RequestRow = requestRow({
  inputBytes: SCARD_IO_REQUEST_LENGTH,
  values: (ext) => hasValidPci(ext) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
  capacityBytes: SCARD_IO_REQUEST_LENGTH,
  slot: RDF_TRANSMIT,
  card: isReadyForProtocol,
  serve: transmit,
  finish: countTransmission,
});

function isReadyForProtocol(ext: SmartcardExtension): number {
  if (ext.readerCapabilities.currentState !== SCARD_SPECIFIC) {
    return needsResetCard(ext) || STATUS_INVALID_DEVICE_STATE;
  }
  const asked = readU32le(ext.ioRequest.requestBuffer, 0);
  return asked === ext.cardCapabilities.protocol.selected
    ? STATUS_SUCCESS
    : STATUS_INVALID_DEVICE_STATE;
}

function transmit(ext: SmartcardExtension) {
  // A driver may have dropped the last exchange half-way: this is a new command.
  ext.library.t1Active = false;
  ext.library.t0Phase = "idle";
  if (debugMode.enabled) {
    ext.perfInfo.tickStart = debugMode.ticks();
    // The reply overwrites the request, so its length is noted now.
    ext.library.commandBytes = ext.ioRequest.requestBufferLength -
      pciLength(ext);
  }
  return callSlot(ext, RDF_TRANSMIT);
}

function countTransmission(ext: SmartcardExtension, status: number): number {
  if (!debugMode.enabled || status !== STATUS_SUCCESS) return status;
  const { perfInfo } = ext;
  perfInfo.tickEnd = debugMode.ticks();
  perfInfo.ioTickCount += perfInfo.tickEnd - perfInfo.tickStart;
  perfInfo.numTransmissions++;
  perfInfo.bytesSent += ext.library.commandBytes;
  perfInfo.bytesReceived += Math.max(
    0,
    ext.ioRequest.information - SCARD_IO_REQUEST_LENGTH,
  );
  return status;
}
