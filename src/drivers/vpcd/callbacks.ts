/**
 * What the driver library calls: the reader's side of each request.
 *
 * @module
 */

import { readU32le, writeU32le } from "../../bytes.ts";
import {
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  SCARD_COLD_RESET,
  SCARD_IO_REQUEST_LENGTH,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../smclib/mod.ts";
import type { VpcdConnection } from "./connection.ts";
import { VPCD_CTRL_OFF, VPCD_CTRL_ON, VPCD_CTRL_RESET } from "./framing.ts";

/** What the driver keeps of its own beside the extension. */
export interface VpcdSlot {
  /** The card that is in, or null. */
  card: VpcdConnection | null;
  /** Deadline for one APDU, in milliseconds. */
  readonly apduTimeoutMs: number;
  /** Deadline for the ATR and for control codes, in milliseconds. */
  readonly atrTimeoutMs: number;
}

/** Shortest response APDU: SW1 SW2 (ISO/IEC 7816-3 12.1.1). */
const STATUS_WORD_BYTES = 2;

/** Fills the callback table of `ext` for the one slot of a vpcd reader. */
export function installCallbacks(
  ext: SmartcardExtension,
  slot: VpcdSlot,
): void {
  ext.readerExtension = slot;
  ext.readerFunction[RDF_CARD_POWER] = (ext) => cardPower(ext, slot);
  ext.readerFunction[RDF_SET_PROTOCOL] = setProtocol;
  ext.readerFunction[RDF_TRANSMIT] = (ext) => transmit(ext, slot);
  ext.readerFunction[RDF_CARD_TRACKING] = cardTracking;
}

async function cardPower(
  ext: SmartcardExtension,
  slot: VpcdSlot,
): Promise<number> {
  const card = slot.card;
  if (card === null) return STATUS_NO_MEDIA;
  // Whatever comes of it, the session before has ended.
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  ext.ioRequest.information = 0;
  switch (ext.minorIoControlCode) {
    case SCARD_POWER_DOWN:
      return await card.control(VPCD_CTRL_OFF, slot.atrTimeoutMs);
    case SCARD_COLD_RESET:
    case SCARD_WARM_RESET:
      break;
    default:
      return STATUS_INVALID_PARAMETER;
  }
  const isWarm = ext.minorIoControlCode === SCARD_WARM_RESET;
  let status = await resetCard(card, isWarm, slot.atrTimeoutMs);
  if (status !== STATUS_SUCCESS) return status;
  // Gone since its answer: its ATR must not revive the session.
  if (!card.isOpen) return STATUS_NO_MEDIA;

  const atr = ext.cardCapabilities.atr;
  atr.buffer.set(card.answer);
  atr.length = card.answer.length;
  status = SmartcardUpdateCardCapabilities(ext);
  if (status !== STATUS_SUCCESS) return status;
  if (ext.ioRequest.replyBufferLength < atr.length) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  ext.ioRequest.replyBuffer.set(atr.buffer.subarray(0, atr.length));
  ext.ioRequest.information = atr.length;
  return STATUS_SUCCESS;
}

/** Cold: off and on again, so that the card forgets everything. Warm without power is cold. */
async function resetCard(
  card: VpcdConnection,
  isWarm: boolean,
  timeoutMs: number,
): Promise<number> {
  let status = STATUS_SUCCESS;
  if (card.isPowered && isWarm) {
    status = await card.control(VPCD_CTRL_RESET, timeoutMs);
  } else {
    if (card.isPowered) status = await card.control(VPCD_CTRL_OFF, timeoutMs);
    if (status === STATUS_SUCCESS) {
      status = await card.control(VPCD_CTRL_ON, timeoutMs);
    }
  }
  return status === STATUS_SUCCESS ? await card.readAtr(timeoutMs) : status;
}

/** The card itself runs the protocol, so there is nothing to negotiate: T=1 is preferred. */
function setProtocol(ext: SmartcardExtension): number {
  const protocol = ext.cardCapabilities.protocol;
  const wanted = ext.minorIoControlCode & SCARD_PROTOCOL_Tx;
  let status = STATUS_SUCCESS;
  if (ext.readerCapabilities.currentState !== SCARD_SPECIFIC) {
    const common = wanted & protocol.supported;
    if (common & SCARD_PROTOCOL_T1) protocol.selected = SCARD_PROTOCOL_T1;
    else if (common & SCARD_PROTOCOL_T0) protocol.selected = SCARD_PROTOCOL_T0;
    else {
      protocol.selected = SCARD_PROTOCOL_UNDEFINED;
      status = STATUS_INVALID_DEVICE_REQUEST;
    }
    if (status === STATUS_SUCCESS) {
      ext.readerCapabilities.currentState = SCARD_SPECIFIC;
    }
  }
  writeU32le(ext.ioRequest.replyBuffer, 0, protocol.selected);
  ext.ioRequest.information = 4;
  return status;
}

async function transmit(
  ext: SmartcardExtension,
  slot: VpcdSlot,
): Promise<number> {
  const card = slot.card;
  if (card === null) return STATUS_NO_MEDIA;
  const selected = ext.cardCapabilities.protocol.selected;
  if (selected !== SCARD_PROTOCOL_T0 && selected !== SCARD_PROTOCOL_T1) {
    return STATUS_INVALID_DEVICE_REQUEST;
  }
  const { requestBuffer, requestBufferLength } = ext.ioRequest;
  const apdu = requestBuffer.subarray(
    readU32le(requestBuffer, 4),
    requestBufferLength,
  );
  const status = await card.transmit(apdu, slot.apduTimeoutMs);
  if (status !== STATUS_SUCCESS) return status;

  const answer = card.answer;
  if (answer.length < STATUS_WORD_BYTES) return STATUS_DEVICE_PROTOCOL_ERROR;
  const { replyBuffer, replyBufferLength } = ext.ioRequest;
  if (replyBufferLength < SCARD_IO_REQUEST_LENGTH + answer.length) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  // Request and reply share their memory: the request is no longer needed here.
  writeU32le(replyBuffer, 0, selected);
  writeU32le(replyBuffer, 4, SCARD_IO_REQUEST_LENGTH);
  replyBuffer.set(answer, SCARD_IO_REQUEST_LENGTH);
  ext.ioRequest.information = SCARD_IO_REQUEST_LENGTH + answer.length;
  return STATUS_SUCCESS;
}

/** The stream is watched at all times, so there is nothing to arm. */
function cardTracking(): number {
  return STATUS_PENDING;
}
