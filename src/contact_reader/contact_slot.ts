/**
 * The contacts that the callbacks of a reader share, and how characters pass them.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  SCARD_ABSENT,
  type SmartcardExtension,
  SmartcardInvertData,
} from "../smclib/mod.ts";
import type { CardLink } from "./card_link.ts";

/** What the callbacks share: the link, and whether the card of this exchange has gone. */
export interface ContactSlot {
  /** The contacts, or what wraps them; a driver may exchange it between two calls. */
  link: CardLink;
  /** Counts insertions and removals: a change tells that the card has gone. */
  generation: number;
  /** Whether the card has put out a character in this exchange. */
  heard: boolean;
}

/** A slot over `link`. */
export function contactSlot(link: CardLink): ContactSlot {
  return { link, generation: 0, heard: false };
}

/** Sends what `smartcardRequest` holds. An inverse-convention card gets it inverted. */
export function sendRequest(
  ext: SmartcardExtension,
  link: CardLink,
): MaybePromise<void> {
  const { buffer, bufferLength } = ext.smartcardRequest;
  if (bufferLength === 0) return;
  const bytes = buffer.subarray(0, bufferLength);
  if (ext.cardCapabilities.inversConvention) {
    SmartcardInvertData(bytes, bufferLength);
  }
  return link.send(bytes);
}

/** Receives into `smartcardReply` behind its first `from` bytes and sets its length. */
export function receiveReply(
  ext: SmartcardExtension,
  slot: ContactSlot,
  from: number,
  wanted: number,
  waitMicroseconds: number,
  gapMicroseconds = waitMicroseconds,
): MaybePromise<void> {
  const { buffer } = ext.smartcardReply;
  return chain(
    slot.link.receive(buffer, from, wanted, waitMicroseconds, gapMicroseconds),
    (count) => {
      if (count > 0) {
        slot.heard = true;
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
  slot: ContactSlot,
  generation: number,
): boolean {
  return slot.generation !== generation ||
    ext.readerCapabilities.currentState <= SCARD_ABSENT;
}
