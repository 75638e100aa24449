/**
 * SCARD_IO_REQUEST, the header of TRANSMIT data both ways.
 *
 * @module
 */

import { readU32le, writeU32le } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import { SCARD_IO_REQUEST_LENGTH } from "./winsmcrd.ts";

/** cbPciLength of the request: where its data begin. Only after {@linkcode hasValidPci}. */
export function pciLength(ext: SmartcardExtension): number {
  return readU32le(ext.ioRequest.requestBuffer, 4);
}

/** Whether the request has a header, and cbPciLength lies between 8 and the length of the request. */
export function hasValidPci(ext: SmartcardExtension): boolean {
  const length = ext.ioRequest.requestBufferLength;
  if (length < SCARD_IO_REQUEST_LENGTH) return false;
  const header = pciLength(ext);
  return header >= SCARD_IO_REQUEST_LENGTH && header <= length;
}

/** Writes the header of a reply in front of `dataLength` bytes that lie there already, and sets `information`. */
export function finishReply(
  ext: SmartcardExtension,
  protocol: number,
  dataLength: number,
): void {
  writeU32le(ext.ioRequest.replyBuffer, 0, protocol);
  writeU32le(ext.ioRequest.replyBuffer, 4, SCARD_IO_REQUEST_LENGTH);
  ext.ioRequest.information = SCARD_IO_REQUEST_LENGTH + dataLength;
}
