/**
 * Transparent exchange: SmartcardRawRequest and SmartcardRawReply.
 *
 * @module
 */

import { copyBytes } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import { hasValidPci } from "./scard_io_request.ts";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
} from "./status.ts";

/**
 * SmartcardRawRequest: copies the user's request, SCARD_IO_REQUEST included, behind the reserved bytes of
 * `smartcardRequest`.
 *
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER without a valid header; STATUS_BUFFER_OVERFLOW
 */
export function SmartcardRawRequest(ext: SmartcardExtension): number {
  const { ioRequest, smartcardRequest } = ext;
  if (!hasValidPci(ext)) return STATUS_INVALID_PARAMETER;
  const reserved = smartcardRequest.bufferLength;
  const length = ioRequest.requestBufferLength;
  if (reserved + length > smartcardRequest.bufferSize) {
    return STATUS_BUFFER_OVERFLOW;
  }
  copyBytes(
    ioRequest.requestBuffer,
    0,
    length,
    smartcardRequest.buffer,
    reserved,
  );
  smartcardRequest.bufferLength = reserved + length;
  return STATUS_SUCCESS;
}

/**
 * SmartcardRawReply: copies `smartcardReply` to the user as it stands; the driver has put SCARD_IO_REQUEST in front.
 *
 * @returns STATUS_SUCCESS, or STATUS_BUFFER_TOO_SMALL, which copies nothing
 */
export function SmartcardRawReply(ext: SmartcardExtension): number {
  const { ioRequest, smartcardReply } = ext;
  const length = smartcardReply.bufferLength;
  ioRequest.information = 0;
  if (ioRequest.replyBufferLength < length) return STATUS_BUFFER_TOO_SMALL;
  copyBytes(smartcardReply.buffer, 0, length, ioRequest.replyBuffer, 0);
  ioRequest.information = length;
  return STATUS_SUCCESS;
}
