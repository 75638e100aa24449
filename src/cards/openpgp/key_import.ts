/**
 * Keys that the host brings: the extended header list 4D (specification 3.4, 4.4.3.12).
 *
 * @module
 */

import { chain, equalBytes, type MaybePromise } from "../../bytes.ts";
import { fail } from "../file_system/status_words.ts";
import type { KeyAlgorithm } from "./algorithms.ts";
import {
  type CardKey,
  CURVE_SECRET_BYTES,
  curveKeyOf,
  publicPoint,
} from "./keys.ts";
import { rsaKeyOfParts } from "./rsa_blocks.ts";
import { type OpenPgpSlot, slotOfTemplate } from "./slots.ts";
import { SW } from "./status_words.ts";
import { findObject, readHeader, readObjects } from "./tlv.ts";

const TAG_HEADER_LIST = 0x4d;
/** Tags and lengths of the parts. */
const TAG_PART_HEADERS = 0x7f48;
/** The parts one after the other, without tags. */
const TAG_PARTS = 0x5f48;
/** RSA: e, p, q. */
const PART_E = 0x91;
const PART_P = 0x92;
const PART_Q = 0x93;
/** Curves: the secret, and the public part that may follow. */
const PART_SECRET = 0x92;
const PART_PUBLIC = 0x99;
/** OpenPGP writes it in front of a point of Curve25519. */
const NATIVE_POINT = 0x40;
/** Longest e, twice what the attributes offer. */
const LONGEST_EXPONENT_BYTES = 8;

/** What the host sends. */
export interface KeyImport {
  readonly slot: OpenPgpSlot;
  /** Views of the command's data by the tags 91..99. */
  readonly parts: ReadonlyMap<number, Uint8Array>;
}

/** Takes the data of PUT DATA (odd) apart; ends the command with 6A80 when they are no key. */
export function readKeyImport(data: Uint8Array): KeyImport {
  const list = findObject(objectsIn(data), TAG_HEADER_LIST) ??
    fail(SW.INCORRECT_DATA);
  const objects = objectsIn(list);
  const slot = slotOfTemplate(objects[0]?.tag ?? 0) ?? fail(SW.INCORRECT_DATA);
  const headers = findObject(objects, TAG_PART_HEADERS);
  const values = findObject(objects, TAG_PARTS);
  if (headers === null || values === null) return fail(SW.INCORRECT_DATA);
  return { slot, parts: cutParts(headers, values) };
}

function objectsIn(bytes: Uint8Array): ReturnType<typeof readObjects> & object {
  return readObjects(bytes) ?? fail(SW.INCORRECT_DATA);
}

function cutParts(
  headers: Uint8Array,
  values: Uint8Array,
): Map<number, Uint8Array> {
  const parts = new Map<number, Uint8Array>();
  let at = 0;
  for (let next = 0; next < headers.length;) {
    const header = readHeader(headers, next) ?? fail(SW.INCORRECT_DATA);
    if (at + header.length > values.length) fail(SW.INCORRECT_DATA);
    parts.set(header.tag, values.subarray(at, at + header.length));
    at += header.length;
    next = header.end;
  }
  if (at !== values.length) fail(SW.INCORRECT_DATA);
  return parts;
}

/** Makes the key of an import; ends the command with 6A80 when it does not fit the slot's algorithm. */
export function importKey(
  algorithm: KeyAlgorithm,
  parts: ReadonlyMap<number, Uint8Array>,
): MaybePromise<CardKey> {
  const { kind } = algorithm;
  if (kind === "rsa") return importRsa(algorithm.bits, parts);
  const secret = curveSecret(part(parts, PART_SECRET));
  if (kind !== "x25519") {
    return chain(curveKeyOf(kind, secret), (key) => agreed(key, parts));
  }
  return importX25519(secret, parts);
}

function importRsa(
  bits: number,
  parts: ReadonlyMap<number, Uint8Array>,
): CardKey {
  const [e, p, q] = [PART_E, PART_P, PART_Q].map((tag) => part(parts, tag));
  const longestPrime = bits / 8;
  const isTooLong = e.length > LONGEST_EXPONENT_BYTES ||
    p.length > longestPrime || q.length > longestPrime;
  if (isTooLong) return fail(SW.INCORRECT_DATA);
  const key = rsaKeyOfParts(bits, e, p, q) ?? fail(SW.INCORRECT_DATA);
  return { kind: "rsa", ...key };
}

/**
 * The specification leaves the byte order open. Hosts send a big-endian number, as
 * OpenPGP writes secrets of this curve; a public part that comes along may say otherwise.
 */
async function importX25519(
  secret: Uint8Array,
  parts: ReadonlyMap<number, Uint8Array>,
): Promise<CardKey> {
  const reversed = await curveKeyOf("x25519", secret.toReversed());
  const isPublicGiven = parts.has(PART_PUBLIC);
  if (!isPublicGiven || isAgreed(reversed, parts)) {
    return agreed(reversed, parts);
  }
  return agreed(await curveKeyOf("x25519", secret), parts);
}

function agreed(
  key: CardKey | null,
  parts: ReadonlyMap<number, Uint8Array>,
): CardKey {
  if (key === null || !isAgreed(key, parts)) return fail(SW.INCORRECT_DATA);
  return key;
}

/** Whether the public part that came along, if any, is that of the key. */
function isAgreed(
  key: CardKey | null,
  parts: ReadonlyMap<number, Uint8Array>,
): boolean {
  const given = parts.get(PART_PUBLIC);
  if (given === undefined) return true;
  if (key === null || key.kind === "rsa") return false;
  const point = publicPoint(key);
  const offset = given.length - point.length;
  return (offset === 0 || offset === 1 && given[0] === NATIVE_POINT) &&
    equalBytes(given.subarray(offset), point);
}

/** Zeros in front are left out by some hosts, and added by others. */
function curveSecret(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (bytes.length - start > CURVE_SECRET_BYTES && bytes[start] === 0) {
    start++;
  }
  const { length } = bytes.subarray(start);
  if (length === 0 || length > CURVE_SECRET_BYTES) fail(SW.INCORRECT_DATA);
  const secret = new Uint8Array(CURVE_SECRET_BYTES);
  secret.set(bytes.subarray(start), CURVE_SECRET_BYTES - length);
  return secret;
}

function part(
  parts: ReadonlyMap<number, Uint8Array>,
  tag: number,
): Uint8Array {
  return parts.get(tag) ?? fail(SW.INCORRECT_DATA);
}
