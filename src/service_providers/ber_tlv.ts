/**
 * BER-TLV data objects (ISO/IEC 7816-4 5.2.2), as far as files need them.
 *
 * @module
 */

import { CardAnswerError } from "./response_apdu.ts";

/** A data object. */
export interface DataObject {
  /** Its tag, all bytes as one number: 0x6F, 0x5F20. */
  readonly tag: number;
  /** A view of the value. */
  readonly value: Uint8Array;
}

/** Longest tag and length fields that are read, in bytes. */
const MAX_TAG_BYTES = 3;
const MAX_LENGTH_BYTES = 4;

/**
 * The data objects that follow each other in `bytes`; 00 and FF between them are skipped
 * (5.2.2.1: padding before, between and after). Takes time in proportion to the length.
 *
 * @param what holds them, for the message
 * @throws {CardAnswerError} when an object is longer than what is there
 */
export function readDataObjects(bytes: Uint8Array, what: string): DataObject[] {
  const objects: DataObject[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 0x00 || bytes[at] === 0xff) {
      at++;
      continue;
    }
    const start = at;
    const fail = (found: string, expected: string): never => {
      throw new CardAnswerError(
        `Cannot read ${what}: ${found} in the data object at ${start}, expected ${expected}`,
      );
    };
    let tag = bytes[at++];
    if ((tag & 0x1f) === 0x1f) {
      do {
        if (at >= bytes.length || at - start >= MAX_TAG_BYTES) {
          fail("no end of the tag", `${MAX_TAG_BYTES} bytes at most`);
        }
        tag = tag << 8 | bytes[at];
      } while ((bytes[at++] & 0x80) !== 0);
    }
    let length = bytes[at++] ?? fail("no length", "one");
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES) {
        fail(`${count} length bytes`, `1 to ${MAX_LENGTH_BYTES}`);
      }
      length = 0;
      for (let i = 0; i < count; i++) {
        length = length * 256 + (bytes[at++] ?? fail("no length", "one"));
      }
    }
    if (length > bytes.length - at) {
      fail(`a length of ${length}`, `${bytes.length - at} at most`);
    }
    objects.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return objects;
}

/** The value of the first object with one of these tags. */
export function findObject(
  objects: readonly DataObject[],
  ...tags: readonly number[]
): Uint8Array | undefined {
  return objects.find(({ tag }) => tags.includes(tag))?.value;
}

/** The bytes of a data object. */
export function writeDataObject(
  tag: number,
  value: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const { length } = value;
  const bytes = new Uint8Array(objectBytes(tag, length));
  const header = [...bigEndian(tag), ...lengthField(length)];
  bytes.set(header);
  bytes.set(value, header.length);
  return bytes;
}

/** How many bytes a data object takes whose value has `length` bytes. */
export function objectBytes(tag: number, length: number): number {
  return bigEndian(tag).length + lengthField(length).length + length;
}

function lengthField(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = bigEndian(length);
  return [0x80 | bytes.length, ...bytes];
}

function bigEndian(value: number): number[] {
  const bytes = [value & 0xff];
  for (let rest = value >>> 8; rest > 0; rest >>>= 8) {
    bytes.unshift(rest & 0xff);
  }
  return bytes;
}
