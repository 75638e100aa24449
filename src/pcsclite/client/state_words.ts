/**
 * A reader's state on the wire, in the words of the resource manager.
 *
 * @module
 */

import {
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWERED,
  SCARD_PRESENT,
  SCARD_SPECIFIC,
  SCARD_STATE_EMPTY,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNAWARE,
  SCARD_SWALLOWED,
  SCARD_UNKNOWN,
} from "../../resource_manager/mod.ts";
import {
  type ReaderStateEntry,
  WIRE_ABSENT,
  WIRE_NEGOTIABLE,
  WIRE_POWERED,
  WIRE_PRESENT,
  WIRE_SPECIFIC,
  WIRE_SWALLOWED,
  WIRE_UNKNOWN,
} from "../wire/mod.ts";

/** SCARD_STATE_* bits of a reader, without CHANGED, as SCardGetStatusChange of libpcsclite tells them. */
export function flagsOf(entry: ReaderStateEntry): number {
  const { readerState, readerSharing } = entry;
  if ((readerState & WIRE_UNKNOWN) !== 0) return SCARD_STATE_UNAVAILABLE;
  let flags = SCARD_STATE_UNAWARE;
  if ((readerState & WIRE_ABSENT) !== 0) flags |= SCARD_STATE_EMPTY;
  const isPresent = (readerState & WIRE_PRESENT) !== 0;
  if (isPresent) flags |= SCARD_STATE_PRESENT;
  if (isPresent && (readerState & WIRE_SWALLOWED) !== 0) {
    flags |= SCARD_STATE_MUTE;
  }
  if (readerSharing < 0) flags |= SCARD_STATE_EXCLUSIVE;
  else if (readerSharing > 0 && isPresent) flags |= SCARD_STATE_INUSE;
  return flags;
}

/** The ATR of the card that is in, null when there is none that answers. */
export function atrOf(
  { readerState, cardAtr }: ReaderStateEntry,
): Uint8Array<ArrayBuffer> | null {
  const isPresent = (readerState & WIRE_PRESENT) !== 0;
  return isPresent && cardAtr.length > 0 ? cardAtr : null;
}

/** The most telling bit comes first. */
const STATES: readonly (readonly [bit: number, state: number])[] = [
  [WIRE_SPECIFIC, SCARD_SPECIFIC],
  [WIRE_NEGOTIABLE, SCARD_NEGOTIABLE],
  [WIRE_POWERED, SCARD_POWERED],
  [WIRE_SWALLOWED, SCARD_SWALLOWED],
  [WIRE_PRESENT, SCARD_PRESENT],
  [WIRE_ABSENT, SCARD_ABSENT],
];

/**
 * SCARD_UNKNOWN, SCARD_ABSENT ... SCARD_SPECIFIC: one value for the bits of the wire. A
 * service that has a protocol in force still says NEGOTIABLE: that is SPECIFIC here.
 */
export function cardStateOf(
  { readerState, cardProtocol }: ReaderStateEntry,
): number {
  const row = STATES.find(([bit]) => (readerState & bit) !== 0);
  const state = row?.[1] ?? SCARD_UNKNOWN;
  return state === SCARD_NEGOTIABLE && cardProtocol !== 0
    ? SCARD_SPECIFIC
    : state;
}
