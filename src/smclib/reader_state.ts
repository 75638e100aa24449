/**
 * GET_STATE and GET_LAST_ERROR: a ULONG that the library knows.
 *
 * @module
 */

import { writeU32le } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import { type RequestRow, requestRow } from "./request_row.ts";
import { STATUS_SUCCESS } from "./status.ts";

const ULONG_BYTES = 4;

function reply(ext: SmartcardExtension, value: number): number {
  writeU32le(ext.ioRequest.replyBuffer, 0, value);
  ext.ioRequest.information = ULONG_BYTES;
  return STATUS_SUCCESS;
}

/** IOCTL_SMARTCARD_GET_STATE: SCARD_UNKNOWN to SCARD_SPECIFIC. */
export const getStateRow: RequestRow = requestRow({
  capacityBytes: ULONG_BYTES,
  serve: (ext) => reply(ext, ext.readerCapabilities.currentState),
});

/** IOCTL_SMARTCARD_GET_LAST_ERROR: the status of the last request that was neither this one nor tracking. */
export const getLastErrorRow: RequestRow = requestRow({
  capacityBytes: ULONG_BYTES,
  serve: (ext) => reply(ext, ext.lastError),
  isRemembered: false,
});
