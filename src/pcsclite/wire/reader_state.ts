/**
 * What the wire tells of readers: an array of READER_STATE (eventhandler.h).
 *
 * @module
 */

import { MAX_ATR_BYTES, MAX_READER_NAME_BYTES } from "./limits.ts";
import { block, I32, Struct, text, U32 } from "./struct.ts";

/** The state is not known: the reader does not work. */
export const WIRE_UNKNOWN = 0x0001;
/** No card. */
export const WIRE_ABSENT = 0x0002;
/** A card is in. */
export const WIRE_PRESENT = 0x0004;
/** A card is in that does not answer a reset. */
export const WIRE_SWALLOWED = 0x0008;
/** The card has power. */
export const WIRE_POWERED = 0x0010;
/** The card was reset, and awaits a choice of protocol. */
export const WIRE_NEGOTIABLE = 0x0020;
/** A protocol was chosen; pcsc-lite never says so. */
export const WIRE_SPECIFIC = 0x0040;

/** One reader. */
export interface ReaderStateEntry {
  /** Empty for an entry that is free. */
  readerName: string;
  /** Insertions and removals, modulo 2^16. */
  eventCounter: number;
  /** `WIRE_*` bits. */
  readerState: number;
  /** Connections, -1 for an exclusive one. */
  readerSharing: number;
  /** The ATR in front of zeros; `cardAtrLength` says how much of it counts. */
  cardAtr: Uint8Array<ArrayBuffer>;
  /** Bytes of the ATR, 0 without card. */
  cardAtrLength: number;
  /** Protocol in force, 0 for none. */
  cardProtocol: number;
}

/** 184 bytes; three unused ones follow the ATR. */
export const READER_STATE: Struct<ReaderStateEntry> = new Struct(
  "READER_STATE",
  {
    readerName: text(MAX_READER_NAME_BYTES),
    eventCounter: U32,
    readerState: U32,
    readerSharing: I32,
    cardAtr: block(MAX_ATR_BYTES, 3),
    cardAtrLength: U32,
    cardProtocol: U32,
  },
);

/**
 * An array of readers; entries without reader are zero.
 *
 * @param entries the readers; null leaves an entry free
 * @param slots entries of the array, not less than there are readers
 */
export function encodeReaderStates(
  entries: readonly (Partial<ReaderStateEntry> | null)[],
  slots: number,
): Uint8Array<ArrayBuffer> {
  if (entries.length > slots) {
    throw new RangeError(
      `Cannot encode reader states: ${entries.length} entries, expected ${slots} at most`,
    );
  }
  const bytes = new Uint8Array(slots * READER_STATE.bytes);
  for (const [slot, entry] of entries.entries()) {
    if (entry !== null) {
      READER_STATE.write(bytes, slot * READER_STATE.bytes, entry);
    }
  }
  return bytes;
}

/**
 * The readers of an array, in order; free entries are left out, and the ATR has its own
 * length: none when the length on the wire is impossible.
 *
 * @throws {RangeError} when the bytes are no array of entries
 */
export function decodeReaderStates(bytes: Uint8Array): ReaderStateEntry[] {
  const size = READER_STATE.bytes;
  if (bytes.length % size !== 0) {
    throw new RangeError(
      `Cannot decode reader states: ${bytes.length} bytes, expected a multiple of ${size}`,
    );
  }
  const entries: ReaderStateEntry[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    if (bytes[at] === 0) continue;
    const entry = READER_STATE.decode(bytes, at);
    const atrBytes = entry.cardAtrLength <= MAX_ATR_BYTES
      ? entry.cardAtrLength
      : 0;
    entry.cardAtr = entry.cardAtr.slice(0, atrBytes);
    entry.cardAtrLength = atrBytes;
    entries.push(entry);
  }
  return entries;
}
