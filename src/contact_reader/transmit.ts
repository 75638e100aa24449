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

/** Most characters taken at once, so that one that talks on beyond its block fills nothing. */
const MOST_AHEAD = 512;

/** A block: its first character within BWT, each further one within CWT. What has come already is taken in one piece. */
function receiveBlock(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<void> {
  const { t1, cardCapabilities: { t1: times }, smartcardReply } = ext;
  /** Goes on to `length` characters in all; those beyond make the block invalid, so they are taken along. */
  const upTo = (length: number): MaybePromise<void> => {
    const have = smartcardReply.bufferLength;
    const missing = length - have;
    const wanted = Math.max(missing, Math.min(slot.link.available, MOST_AHEAD));
    if (wanted <= 0) return;
    const { cwt } = times;
    return receiveReply(ext, slot, have, wanted, cwt * missing, cwt);
  };
  const rest = () => {
    const { buffer, bufferLength } = smartcardReply;
    if (bufferLength < SCARD_T1_PROLOGUE_LENGTH) return;
    const epilogue = (times.edc & 1) === 0 ? 1 : 2;
    return upTo(SCARD_T1_PROLOGUE_LENGTH + buffer[2] + epilogue);
  };
  const prologue = () => {
    const { bufferLength } = smartcardReply;
    if (bufferLength === 0) return;
    return bufferLength < SCARD_T1_PROLOGUE_LENGTH
      ? chain(upTo(SCARD_T1_PROLOGUE_LENGTH), rest)
      : rest();
  };
  const first = times.bwt * (t1.wtx || 1);
  const ahead = Math.min(slot.link.available, MOST_AHEAD);
  return chain(receiveReply(ext, slot, 0, Math.max(1, ahead), first), prologue);
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
      const { wt } = ext.cardCapabilities.t0;
      return chain(
        receiveReply(ext, slot, 0, wanted, wt * wanted, wt),
        digest,
      );
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
