/**
 * RDF_TRANSMIT of a reader that moves single characters: the loops around the protocol helpers.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_T1_PROLOGUE_LENGTH,
  type SmartcardExtension,
  SmartcardT0Reply,
  SmartcardT0Request,
  SmartcardT1Reply,
  SmartcardT1Request,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
  T0CharacterReply,
  T0CharacterRequest,
} from "../smclib/mod.ts";
import type { ContactSlot } from "./contact_slot.ts";
import { isGone, receiveReply, sendRequest } from "./contact_slot.ts";

/** Runs `turn` until it asks for no further one; stays synchronous as long as `turn` does. */
function whileMore(
  turn: () => MaybePromise<number>,
): MaybePromise<number> {
  for (;;) {
    const status = turn();
    if (status instanceof Promise) return whileMoreLater(status, turn);
    if (status !== STATUS_MORE_PROCESSING_REQUIRED) return status;
  }
}

async function whileMoreLater(
  first: Promise<number>,
  turn: () => MaybePromise<number>,
): Promise<number> {
  let status = await first;
  while (status === STATUS_MORE_PROCESSING_REQUIRED) status = await turn();
  return status;
}

/** A block: its first character within BWT, each further one within CWT. */
function receiveBlock(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<void> {
  const { t1, cardCapabilities: { t1: times }, smartcardReply } = ext;
  const rest = () => {
    if (smartcardReply.bufferLength < SCARD_T1_PROLOGUE_LENGTH) return;
    const length = smartcardReply.buffer[2] + ((times.edc & 1) === 0 ? 1 : 2);
    // Characters beyond the block's end make it invalid, so they are taken along.
    const wanted = Math.max(length, Math.min(slot.link.available, 512));
    return receiveReply(
      ext,
      slot,
      SCARD_T1_PROLOGUE_LENGTH,
      wanted,
      times.cwt * length,
    );
  };
  const prologue = () =>
    smartcardReply.bufferLength === 0
      ? undefined
      : chain(receiveReply(ext, slot, 1, 2, 2 * times.cwt), rest);
  const first = times.bwt * (t1.wtx || 1);
  return chain(receiveReply(ext, slot, 0, 1, first), prologue);
}

function transmitT1(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  const { generation } = slot;
  const digest = () =>
    isGone(ext, slot, generation) ? STATUS_NO_MEDIA : SmartcardT1Reply(ext);
  return whileMore(() => {
    ext.smartcardRequest.bufferLength = 0;
    ext.t1.nad = 0;
    const status = SmartcardT1Request(ext);
    if (status !== STATUS_SUCCESS) return status;
    return chain(
      sendRequest(ext, slot.link),
      () => chain(receiveBlock(ext, slot), digest),
    );
  });
}

function transmitT0(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  const { generation } = slot;
  ext.smartcardRequest.bufferLength = 0;
  const status = SmartcardT0Request(ext);
  if (status !== STATUS_SUCCESS) return status;
  const digest = () =>
    isGone(ext, slot, generation) ? STATUS_NO_MEDIA : T0CharacterReply(ext);
  const turn = () => {
    ext.smartcardRequest.bufferLength = 0;
    const status = T0CharacterRequest(ext);
    if (status !== STATUS_SUCCESS) return status;
    return chain(sendRequest(ext, slot.link), () => {
      const { wanted } = ext.t0;
      const wait = ext.cardCapabilities.t0.wt * wanted;
      return chain(receiveReply(ext, slot, 0, wanted, wait), digest);
    });
  };
  return chain(
    whileMore(turn),
    (status) => status === STATUS_SUCCESS ? SmartcardT0Reply(ext) : status,
  );
}

/** RDF_TRANSMIT. */
export function transmit(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  slot.heard = false;
  switch (ext.cardCapabilities.protocol.selected) {
    case SCARD_PROTOCOL_T1:
      // A card that never said a thing is mute, not one that breaks the protocol.
      return chain(
        transmitT1(ext, slot),
        (status) =>
          status === STATUS_DEVICE_PROTOCOL_ERROR && !slot.heard
            ? STATUS_IO_TIMEOUT
            : status,
      );
    case SCARD_PROTOCOL_T0:
      return transmitT0(ext, slot);
    default:
      return STATUS_INVALID_DEVICE_REQUEST;
  }
}
