/**
 * P1 and P2 of the commands on files: where in which file, and which record
 * (ISO/IEC 7816-4 11.3 and 11.4).
 *
 * @module
 */

import { assertRange } from "./command_apdu.ts";

/** Largest offset in P1 P2; beyond it an offset data object carries it. */
export const MAX_P1P2_OFFSET = 0x7fff;
/** Largest offset in a data object, in bytes: 2^32 - 1. */
const MAX_OFFSET = 0xffff_ffff;
const MAX_SHORT_ID = 30;

/** A place in a transparent file. */
export interface BinaryPlace {
  /** Bytes from its start; default 0. Beyond 255 not with a short identifier and an even instruction. */
  readonly offset?: number;
  /** Short EF identifier, 1..30; default the current EF. */
  readonly shortId?: number;
}

/** Which record P1 means (ISO/IEC 7816-4 11.4.2, P2 b3..b1). */
export type RecordMode =
  | "number"
  | "from"
  | "down-to"
  | "first"
  | "last"
  | "next"
  | "previous";

const RECORD_MODES: Readonly<Record<RecordMode, number>> = {
  "first": 0,
  "last": 1,
  "next": 2,
  "previous": 3,
  "number": 4,
  "from": 5,
  "down-to": 6,
};

/** A record, or several. */
export interface RecordPlace {
  /** Record number 1..254, 0 the current one; with first, last, next and previous the record identifier, 0 any. Default 0. */
  readonly number?: number;
  /** Default `number`; `from`: from it to the last, `down-to`: from the last to it. */
  readonly mode?: RecordMode;
  /** Short EF identifier, 1..30; default the current EF. */
  readonly shortId?: number;
}

/** P1 and P2, and the offset data object if one is needed. */
export interface BinaryFields {
  /** First parameter. */
  readonly p1: number;
  /** Second parameter. */
  readonly p2: number;
  /** Offset data object 54, to go first in the data of the odd instruction; null: the even one. */
  readonly offsetObject: Uint8Array<ArrayBuffer> | null;
}

/**
 * P1 and P2 of READ, WRITE, UPDATE and ERASE BINARY.
 *
 * @throws {RangeError} when offset or identifier is out of range
 */
export function binaryFields(
  { offset = 0, shortId }: BinaryPlace,
): BinaryFields {
  assertRange(offset, 0, MAX_OFFSET, "the offset");
  const short = shortIdField(shortId);
  if (short !== 0 && offset <= 0xff) {
    return { p1: 0x80 | short, p2: offset, offsetObject: null };
  }
  if (short === 0 && offset <= MAX_P1P2_OFFSET) {
    return { p1: offset >> 8, p2: offset & 0xff, offsetObject: null };
  }
  return { p1: 0, p2: short, offsetObject: offsetObject(offset) };
}

/** Data object 54 with the offset in as few bytes as it takes, two at least. */
export function offsetObject(offset: number): Uint8Array<ArrayBuffer> {
  const bytes = [offset >>> 8 & 0xff, offset & 0xff];
  if (offset > 0xffff) bytes.unshift(offset >>> 16 & 0xff);
  if (offset > 0xff_ffff) bytes.unshift(offset >>> 24);
  return Uint8Array.of(0x54, bytes.length, ...bytes);
}

/**
 * P1 and P2 of READ, WRITE and UPDATE RECORD.
 *
 * @throws {RangeError} when number, identifier or mode is out of range
 */
export function recordFields(
  { number = 0, mode = "number", shortId }: RecordPlace,
): { p1: number; p2: number } {
  assertRange(number, 0, 0xfe, "the record number");
  const bits = RECORD_MODES[mode];
  if (bits === undefined) {
    throw new RangeError(
      `Cannot build a command: the record mode is ${
        JSON.stringify(mode)
      }, expected one of ${Object.keys(RECORD_MODES).join(", ")}`,
    );
  }
  return { p1: number, p2: shortIdField(shortId) << 3 | bits };
}

/** 0 stands for the current EF. @throws {RangeError} unless it is 1..30 or absent */
export function shortIdField(shortId: number | undefined): number {
  if (shortId === undefined) return 0;
  assertRange(shortId, 1, MAX_SHORT_ID, "the short file identifier");
  return shortId;
}
