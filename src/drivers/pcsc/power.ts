/**
 * RDF_CARD_POWER and RDF_SET_PROTOCOL: the service resets and negotiates in one.
 *
 * @module
 */

import { writeU32le } from "../../bytes.ts";
import {
  SCARD_COLD_RESET,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_Tx,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../smclib/mod.ts";
import { PcscCode, PcscDisposition } from "./codes.ts";
import { conclude, unlessRemoved } from "./conclude.ts";
import type { PcscSlot } from "./slot.ts";

/** RDF_CARD_POWER. */
export async function cardPower(slot: PcscSlot): Promise<number> {
  return await unlessRemoved(slot, await powerCard(slot));
}

async function powerCard(slot: PcscSlot): Promise<number> {
  const { ext, card, generation } = slot;
  // Whatever comes of it, the session before has ended.
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  ext.ioRequest.information = 0;
  let code: number;
  switch (ext.minorIoControlCode) {
    case SCARD_POWER_DOWN:
      code = await card.disconnect(PcscDisposition.UNPOWER);
      return conclude(slot, generation, code, "power");
    case SCARD_COLD_RESET:
      code = await resetCard(slot, PcscDisposition.UNPOWER);
      break;
    case SCARD_WARM_RESET:
      code = await resetCard(slot, PcscDisposition.RESET);
      break;
    default:
      return STATUS_INVALID_PARAMETER;
  }
  let status = conclude(slot, generation, code, "power");
  if (status !== STATUS_SUCCESS) return status;
  const answer = await card.readAtr();
  status = conclude(slot, generation, answer.code, "power");
  if (status !== STATUS_SUCCESS) return status;
  return applyAtr(ext, answer.bytes);
}

/** Without a connection a warm reset is a cold one; a card that others use is not reset under them. */
async function resetCard(
  { card }: PcscSlot,
  initialization: number,
): Promise<number> {
  if (card.isConnected) return await card.reset(initialization);
  const code = await card.connect();
  if (code !== PcscCode.S_SUCCESS || card.isJoined) return code;
  // The service may have powered it before, for somebody who has left.
  return await card.reset(PcscDisposition.UNPOWER);
}

function applyAtr(ext: SmartcardExtension, bytes: Uint8Array): number {
  const { atr } = ext.cardCapabilities;
  if (bytes.length === 0) return STATUS_UNRECOGNIZED_MEDIA;
  atr.buffer.set(bytes);
  atr.length = bytes.length;
  const status = SmartcardUpdateCardCapabilities(ext);
  if (status !== STATUS_SUCCESS) return status;
  if (ext.ioRequest.replyBufferLength < atr.length) {
    return STATUS_BUFFER_TOO_SMALL;
  }
  ext.ioRequest.replyBuffer.set(atr.buffer.subarray(0, atr.length));
  ext.ioRequest.information = atr.length;
  return STATUS_SUCCESS;
}

/**
 * The service has negotiated at the reset, T=1 before T=0. Only when it has chosen what
 * the caller does not want is the card reset once more, and negotiated with that mask.
 */
export async function setProtocol(slot: PcscSlot): Promise<number> {
  const { ext, card, generation } = slot;
  const { protocol } = ext.cardCapabilities;
  const common = ext.minorIoControlCode & SCARD_PROTOCOL_Tx &
    protocol.supported;
  let status = STATUS_SUCCESS;
  if (ext.readerCapabilities.currentState !== SCARD_SPECIFIC) {
    status = common === SCARD_PROTOCOL_UNDEFINED
      ? STATUS_INVALID_DEVICE_REQUEST
      : await negotiate(slot, generation, common);
    protocol.selected = status === STATUS_SUCCESS
      ? card.protocol
      : SCARD_PROTOCOL_UNDEFINED;
    if (status === STATUS_SUCCESS) {
      ext.readerCapabilities.currentState = SCARD_SPECIFIC;
    }
  }
  writeU32le(ext.ioRequest.replyBuffer, 0, protocol.selected);
  ext.ioRequest.information = 4;
  return status;
}

async function negotiate(
  slot: PcscSlot,
  generation: number,
  common: number,
): Promise<number> {
  const { card } = slot;
  if ((card.protocol & common) !== 0) return STATUS_SUCCESS;
  const code = await card.reset(undefined, common);
  const status = conclude(slot, generation, code, "protocol");
  if (status === STATUS_SUCCESS) return status;
  // The card was reset, and nothing is negotiated.
  slot.voided();
  return await unlessRemoved(slot, status);
}
