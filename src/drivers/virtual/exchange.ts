/**
 * RDF_TRANSMIT of the virtual reader: the loops around the protocol helpers.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import {
  SCARD_ABSENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_T1_PROLOGUE_LENGTH,
  type SmartcardExtension,
  SmartcardInvertData,
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
} from "../../smclib/mod.ts";
import type { CardLink } from "./link.ts";

/** What the callbacks share: the link, and whether the card of this exchange has gone. */
export interface VirtualSlot {
  /** The contacts, or what wraps them. */
  readonly link: CardLink;
  /** Counts insertions and removals: a change tells that the card has gone. */
  generation: number;
  /** Whether the card has put out a character in this exchange. */
  heard: boolean;
}

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

/** Sends what `smartcardRequest` holds. An inverse-convention card gets it inverted. */
export function sendRequest(ext: SmartcardExtension, link: CardLink): void {
  const { buffer, bufferLength } = ext.smartcardRequest;
  if (bufferLength === 0) return;
  const bytes = buffer.subarray(0, bufferLength);
  if (ext.cardCapabilities.inversConvention) {
    SmartcardInvertData(bytes, bufferLength);
  }
  link.send(bytes);
}

/** Receives into `smartcardReply` behind its first `from` bytes and sets its length. */
export function receiveReply(
  ext: SmartcardExtension,
  state: VirtualSlot,
  from: number,
  wanted: number,
  waitMicroseconds: number,
): MaybePromise<void> {
  const { buffer } = ext.smartcardReply;
  return chain(
    state.link.receive(buffer, from, wanted, waitMicroseconds),
    (count) => {
      if (count > 0) {
        state.heard = true;
        if (ext.cardCapabilities.inversConvention) {
          SmartcardInvertData(buffer.subarray(from, from + count), count);
        }
      }
      ext.smartcardReply.bufferLength = from + count;
    },
  );
}

/** The card went out, or another one came in, while a callback waited. */
export function isGone(
  ext: SmartcardExtension,
  state: VirtualSlot,
  generation: number,
): boolean {
  return state.generation !== generation ||
    ext.readerCapabilities.currentState <= SCARD_ABSENT;
}

/** A block: its prologue within BWT, the rest by its length, each character within CWT. */
function receiveBlock(
  ext: SmartcardExtension,
  state: VirtualSlot,
): MaybePromise<void> {
  const { t1, cardCapabilities: { t1: times }, smartcardReply } = ext;
  const first = times.bwt * (t1.wtx || 1);
  return chain(
    receiveReply(ext, state, 0, SCARD_T1_PROLOGUE_LENGTH, first),
    () => {
      if (smartcardReply.bufferLength < SCARD_T1_PROLOGUE_LENGTH) return;
      const rest = smartcardReply.buffer[2] + ((times.edc & 1) === 0 ? 1 : 2);
      // Characters beyond the block's end make it invalid, so they are taken along.
      const wanted = Math.max(rest, Math.min(state.link.available, 512));
      return receiveReply(
        ext,
        state,
        SCARD_T1_PROLOGUE_LENGTH,
        wanted,
        times.cwt * rest,
      );
    },
  );
}

function transmitT1(
  ext: SmartcardExtension,
  state: VirtualSlot,
): MaybePromise<number> {
  const { generation } = state;
  const digest = () =>
    isGone(ext, state, generation) ? STATUS_NO_MEDIA : SmartcardT1Reply(ext);
  return whileMore(() => {
    ext.smartcardRequest.bufferLength = 0;
    ext.t1.nad = 0;
    const status = SmartcardT1Request(ext);
    if (status !== STATUS_SUCCESS) return status;
    sendRequest(ext, state.link);
    return chain(receiveBlock(ext, state), digest);
  });
}

function transmitT0(
  ext: SmartcardExtension,
  state: VirtualSlot,
): MaybePromise<number> {
  const { generation } = state;
  ext.smartcardRequest.bufferLength = 0;
  const status = SmartcardT0Request(ext);
  if (status !== STATUS_SUCCESS) return status;
  const digest = () =>
    isGone(ext, state, generation) ? STATUS_NO_MEDIA : T0CharacterReply(ext);
  const turn = () => {
    ext.smartcardRequest.bufferLength = 0;
    const status = T0CharacterRequest(ext);
    if (status !== STATUS_SUCCESS) return status;
    sendRequest(ext, state.link);
    const { wanted } = ext.t0;
    const wait = ext.cardCapabilities.t0.wt * wanted;
    return chain(receiveReply(ext, state, 0, wanted, wait), digest);
  };
  return chain(
    whileMore(turn),
    (status) => status === STATUS_SUCCESS ? SmartcardT0Reply(ext) : status,
  );
}

/** RDF_TRANSMIT. */
export function transmit(
  ext: SmartcardExtension,
  state: VirtualSlot,
): MaybePromise<number> {
  state.heard = false;
  switch (ext.cardCapabilities.protocol.selected) {
    case SCARD_PROTOCOL_T1:
      // A card that never said a thing is mute, not one that breaks the protocol.
      return chain(
        transmitT1(ext, state),
        (status) =>
          status === STATUS_DEVICE_PROTOCOL_ERROR && !state.heard
            ? STATUS_IO_TIMEOUT
            : status,
      );
    case SCARD_PROTOCOL_T0:
      return transmitT0(ext, state);
    default:
      return STATUS_INVALID_DEVICE_REQUEST;
  }
}
