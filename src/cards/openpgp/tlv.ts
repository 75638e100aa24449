/**
 * Data objects in BER-TLV: tags of one or two bytes, lengths of up to three (specification 3.4, 4.4).
 *
 * @module
 */

import { copyBytes } from "../../bytes.ts";

/** One data object: its tag, 0..FFFF, and a view of its value. */
export interface DataObject {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** A tag and a length; in an extended header list no value follows. */
export interface TagAndLength {
  readonly tag: number;
  readonly length: number;
  /** Where the value begins. */
  readonly end: number;
}

/** All the arrays one after the other. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    copyBytes(part, 0, part.length, bytes, at);
    at += part.length;
  }
  return bytes;
}

/** A data object as bytes; the length in its shortest form. */
export function encodeObject(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const lengthBytes = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return concatBytes(
    Uint8Array.from([...tagBytes(tag), ...lengthBytes]),
    value,
  );
}

/** A tag as one or two bytes. */
export function tagBytes(tag: number): number[] {
  return tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
}

/** Reads a tag and a length at `at`; null when the bytes end too early or the form is not in use here. */
export function readHeader(
  bytes: Uint8Array,
  at: number,
): TagAndLength | null {
  if (at >= bytes.length) return null;
  let tag = bytes[at++];
  if ((tag & 0x1f) === 0x1f) {
    if (at >= bytes.length || bytes[at] >= 0x80) return null;
    tag = tag << 8 | bytes[at++];
  }
  if (at >= bytes.length) return null;
  const first = bytes[at++];
  if (first < 0x80) return { tag, length: first, end: at };
  const count = first & 0x7f;
  if (count < 1 || count > 2 || at + count > bytes.length) return null;
  let length = 0;
  for (const end = at + count; at < end; at++) length = length << 8 | bytes[at];
  return { tag, length, end: at };
}

/** Takes a row of data objects apart; null when the bytes are not one. */
export function readObjects(bytes: Uint8Array): DataObject[] | null {
  const objects: DataObject[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = readHeader(bytes, at);
    if (header === null) return null;
    const { tag, length, end } = header;
    at = end + length;
    if (at > bytes.length) return null;
    objects.push({ tag, value: bytes.subarray(end, at) });
  }
  return objects;
}

/** The value of the first object with this tag, null when there is none. */
export function findObject(
  objects: readonly DataObject[],
  tag: number,
): Uint8Array | null {
  return objects.find((object) => object.tag === tag)?.value ?? null;
}
