/**
 * RDF_TRANSMIT, RDF_IOCTL_VENDOR and RDF_CARD_EJECT.
 *
 * @module
 */

import { readU32le, writeU32le } from "../../bytes.ts";
import {
  SCARD_IO_REQUEST_LENGTH,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  type SmartcardExtension,
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
} from "../../smclib/mod.ts";
import { PCSC_MAXIMUM_BYTES, PcscCode, PcscDisposition } from "./codes.ts";
import { conclude, unlessRemoved } from "./conclude.ts";
import {
  asksForFeatures,
  toServiceCode,
  translateFeatures,
} from "./control_codes.ts";
import type { PcscSlot } from "./slot.ts";

/** Shortest command and response APDU, in bytes (ISO/IEC 7816-3 12.1.1). */
const MINIMUM_APDU_BYTES = 4;
const STATUS_WORD_BYTES = 2;
/** RDF_TRANSMIT. */
export async function transmit(slot: PcscSlot): Promise<number> {
  const { ext, card, generation } = slot;
  const { selected } = ext.cardCapabilities.protocol;
  if (selected !== SCARD_PROTOCOL_T0 && selected !== SCARD_PROTOCOL_T1) {
    return STATUS_INVALID_DEVICE_REQUEST;
  }
  const { requestBuffer, requestBufferLength } = ext.ioRequest;
  const apdu = requestBuffer.subarray(
    readU32le(requestBuffer, 4),
    requestBufferLength,
  );
  if (apdu.length < MINIMUM_APDU_BYTES) return STATUS_INVALID_PARAMETER;
  if (apdu.length > PCSC_MAXIMUM_BYTES) return STATUS_BUFFER_OVERFLOW;
  const { code, bytes } = await card.transmit(selected, apdu);
  let status = conclude(slot, generation, code, "transmit");
  if (status === STATUS_SUCCESS && bytes.length < STATUS_WORD_BYTES) {
    status = STATUS_DEVICE_PROTOCOL_ERROR;
  }
  return status === STATUS_SUCCESS
    ? deliver(ext, selected, bytes)
    : await unlessRemoved(slot, status);
}

function deliver(
  ext: SmartcardExtension,
  protocol: number,
  answer: Uint8Array,
): number {
  const { replyBuffer, replyBufferLength } = ext.ioRequest;
  if (replyBufferLength < SCARD_IO_REQUEST_LENGTH + answer.length) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  // Request and reply share their memory: the request is no longer needed here.
  writeU32le(replyBuffer, 0, protocol);
  writeU32le(replyBuffer, 4, SCARD_IO_REQUEST_LENGTH);
  replyBuffer.set(answer, SCARD_IO_REQUEST_LENGTH);
  ext.ioRequest.information = SCARD_IO_REQUEST_LENGTH + answer.length;
  return STATUS_SUCCESS;
}

/** RDF_IOCTL_VENDOR; no state is asked of the card. */
export async function vendorControl(slot: PcscSlot): Promise<number> {
  const { ext, card, generation } = slot;
  const { requestBuffer, requestBufferLength, replyBuffer, replyBufferLength } =
    ext.ioRequest;
  if (requestBufferLength > PCSC_MAXIMUM_BYTES) return STATUS_BUFFER_OVERFLOW;
  const code = ext.majorIoControlCode;
  const answer = await card.control(
    toServiceCode(code),
    requestBuffer.subarray(0, requestBufferLength),
    replyBufferLength,
  );
  // An answer of the reader is good without the card, too.
  if (answer.code !== PcscCode.S_SUCCESS) {
    return conclude(slot, generation, answer.code, "control");
  }
  const output = asksForFeatures(code)
    ? translateFeatures(answer.bytes)
    : answer.bytes;
  replyBuffer.set(output);
  ext.ioRequest.information = output.length;
  return STATUS_SUCCESS;
}

/** RDF_CARD_EJECT. */
export async function eject(slot: PcscSlot): Promise<number> {
  const { card, generation } = slot;
  slot.voided();
  const code = await card.disconnect(PcscDisposition.EJECT);
  return conclude(slot, generation, code, "power");
}
