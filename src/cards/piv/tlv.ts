/**
 * BER-TLV as PIV uses it: tags of one to three bytes, lengths of one to three (SP 800-73-4 Part 1, 3).
 *
 * @module
 */
import { NO_BYTES } from "../../bytes.ts";

/** A data object. */
export interface Tlv {
  /** The tag's bytes as one number, such as 5FC102. */
  readonly tag: number;
  /** The value, a view of what was read. */
  readonly value: Uint8Array;
}

const MAX_TAG_BYTES = 3;
const MAX_LENGTH_BYTES = 2;

/** Bytes one after another. */
export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A data object from its tag and the parts of its value, at most 65 535 bytes. */
export function tlv(
  tag: number,
  ...parts: Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const value = join(...parts);
  return join(shortest(tag), lengthField(value.length), value);
}

/** The objects that the bytes consist of; null when there is anything else. */
export function readTlvs(bytes: Uint8Array): Tlv[] | null {
  const found: Tlv[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readHeader(bytes, at);
    if (header === null || header.end > bytes.length) return null;
    const value = header.start === header.end
      ? NO_BYTES
      : bytes.subarray(header.start, header.end);
    found.push({ tag: header.tag, value });
    at = header.end;
  }
  return found;
}

/** The value of the only object there is, if it has this tag; else null. */
export function readOnly(bytes: Uint8Array, tag: number): Uint8Array | null {
  const found = readTlvs(bytes);
  return found?.length === 1 && found[0].tag === tag ? found[0].value : null;
}

/** Objects by tag; null when the bytes hold anything else, or a tag twice. */
export function readTlvMap(
  bytes: Uint8Array,
): ReadonlyMap<number, Uint8Array> | null {
  const found = readTlvs(bytes);
  if (found === null) return null;
  const map = new Map(found.map(({ tag, value }) => [tag, value]));
  return map.size === found.length ? map : null;
}

/** A number in as few big-endian bytes as it takes, at least one. */
function shortest(value: number): Uint8Array {
  if (value > 0xffff) return Uint8Array.of(value >> 16, value >> 8, value);
  return value > 0xff ? Uint8Array.of(value >> 8, value) : Uint8Array.of(value);
}

function lengthField(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes = shortest(length);
  return join(Uint8Array.of(0x80 | bytes.length), bytes);
}

function readHeader(
  bytes: Uint8Array,
  start: number,
): { tag: number; start: number; end: number } | null {
  let at = start;
  let tag = bytes[at++];
  if ((tag & 0x1f) === 0x1f) {
    let isLast = false;
    while (!isLast) {
      if (at === bytes.length || at - start === MAX_TAG_BYTES) return null;
      isLast = (bytes[at] & 0x80) === 0;
      tag = tag << 8 | bytes[at++];
    }
  }
  if (at === bytes.length) return null;
  let length = bytes[at++];
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) return null;
    if (at + count > bytes.length) return null;
    length = 0;
    for (let i = 0; i < count; i++) length = length << 8 | bytes[at++];
  }
  return { tag, start: at, end: at + length };
}
