/**
 * IOCTL_SMARTCARD_GET_ATTRIBUTE and IOCTL_SMARTCARD_SET_ATTRIBUTE: served by the library alone.
 *
 * @module
 */

import { attributeRow, isKnownAttribute } from "./attribute_table.ts";
import {
  SCARD_ATTR_DEVICE_IN_USE,
  SCARD_ATTR_SUPRESS_T1_IFS_REQUEST,
} from "./attribute_tags.ts";
import type { SmartcardExtension } from "./extension.ts";
import { type RequestRow, requestRow } from "./request_row.ts";
import {
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_PARAMETER,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "./status.ts";

const ULONG_BYTES = 4;

/** The row of IOCTL_SMARTCARD_GET_ATTRIBUTE: the input is one tag and nothing else. */
export const getAttributeRow: RequestRow = requestRow({
  inputBytes: ULONG_BYTES,
  values: (ext) =>
    ext.ioRequest.requestBufferLength === ULONG_BYTES
      ? isKnownAttribute(ext)
      : STATUS_INVALID_PARAMETER,
  capacityBytes: (ext) => {
    const row = attributeRow(ext, ext.minorIoControlCode);
    return row === null || row.isLengthOfCard ? 0 : row.length(ext);
  },
  card: (ext) =>
    attributeRow(ext, ext.minorIoControlCode)?.card?.(ext) ?? STATUS_SUCCESS,
  serve: getAttribute,
});

/** The row of IOCTL_SMARTCARD_SET_ATTRIBUTE. */
export const setAttributeRow: RequestRow = requestRow({
  inputBytes: ULONG_BYTES,
  values: (ext) =>
    writable.has(ext.minorIoControlCode)
      ? STATUS_SUCCESS
      : STATUS_NOT_SUPPORTED,
  serve: setAttribute,
});

type Write = (ext: SmartcardExtension) => void;

const writable: ReadonlyMap<number, Write> = new Map<number, Write>([
  // The resource manager tells when it uses a reader; nothing depends on it.
  [SCARD_ATTR_DEVICE_IN_USE, () => {}],
  [SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, (ext) => ext.t1.suppressIfs()],
]);

function getAttribute(ext: SmartcardExtension): number {
  const { ioRequest } = ext;
  const row = attributeRow(ext, ext.minorIoControlCode);
  if (row === null) return STATUS_NOT_SUPPORTED;
  if (row.length(ext) > ioRequest.replyBufferLength) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  ioRequest.information = row.length(ext);
  row.write(ext, ioRequest.replyBuffer);
  return STATUS_SUCCESS;
}

function setAttribute(ext: SmartcardExtension): number {
  writable.get(ext.minorIoControlCode)?.(ext);
  ext.ioRequest.information = Math.min(
    ULONG_BYTES,
    ext.ioRequest.replyBufferLength,
  );
  return STATUS_SUCCESS;
}
