/**
 * Keys on the card: made, read, and used.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import { byteLength, numberBytes, numberOf } from "../crypto/big_numbers.ts";
import {
  agreeP256,
  decodeP256Point,
  encodeP256Point,
  generateP256Key,
  P256_BYTES,
  p256KeyOf,
  type P256PrivateKey,
  type RandomBytes,
  signP256,
} from "../crypto/p256.ts";
import { generateRsaKey, rsaBytes, type RsaPrivateKey } from "../crypto/rsa.ts";
import { fail } from "../file_system/status_words.ts";
import type { KeyAlgorithm } from "./algorithms.ts";
import {
  CURVE25519_BYTES,
  type Curve25519Pair,
  curve25519Pair,
  ed25519Sign,
  generateCurve25519,
  x25519SharedSecret,
} from "./curve25519.ts";
import { rsaDecipher, rsaSign } from "./rsa_blocks.ts";
import { SW } from "./status_words.ts";
import { concatBytes, encodeObject, findObject, readObjects } from "./tlv.ts";

/** A private key with its public part. */
export type CardKey =
  | { readonly kind: "rsa" } & RsaPrivateKey
  | { readonly kind: "p256" } & P256PrivateKey
  | { readonly kind: "ed25519" | "x25519" } & Curve25519Pair;

/** Around the public key of the other side in PSO:DECIPHER: A6, 7F49, 86 (specification 3.4, 7.2.11). */
const TAG_CIPHER = 0xa6;
const TAG_PUBLIC_KEY = 0x7f49;
const TAG_POINT = 0x86;
const TAG_MODULUS = 0x81;
const TAG_EXPONENT = 0x82;
/** In front of an RSA cryptogram. */
const PADDING_INDICATOR_RSA = 0x00;
/** OpenPGP writes it in front of a point of Curve25519 (RFC 6637 bis). */
const NATIVE_POINT = 0x40;
/** A number outside the order of P-256 comes once in 2^32. */
const MOST_DRAWS = 8;

/** Makes a new key. */
export async function generateKey(
  algorithm: KeyAlgorithm,
  random: RandomBytes,
): Promise<CardKey> {
  switch (algorithm.kind) {
    case "rsa":
      return { kind: "rsa", ...await generateRsaKey(algorithm.bits) };
    case "p256":
      return { kind: "p256", ...generateP256Key(bounded(random)) };
    case "ed25519":
      return { kind: "ed25519", ...await generateCurve25519("Ed25519") };
    case "x25519":
      return { kind: "x25519", ...await generateCurve25519("X25519") };
  }
}

/** A source that does not go on for ever giving what is of no use. */
function bounded(random: RandomBytes): RandomBytes {
  let draws = 0;
  return (length) => {
    if (draws++ < MOST_DRAWS) return random(length);
    throw new Error(
      `Cannot use P-256: ${MOST_DRAWS} numbers out of range found, expected random ones`,
    );
  };
}

/** The key of a secret in the curve's own byte order, 32 bytes. @returns null when it is none */
export function curveKeyOf(
  kind: "p256" | "ed25519" | "x25519",
  secret: Uint8Array,
): MaybePromise<CardKey | null> {
  if (kind === "p256") return p256KeyOfSecret(secret);
  const name = kind === "ed25519" ? "Ed25519" : "X25519";
  return curve25519Pair(name, secret).then((pair) => ({ kind, ...pair }));
}

/** The P-256 key of a secret number. @returns null when it is out of range */
export function p256KeyOfSecret(secret: Uint8Array): CardKey | null {
  try {
    return { kind: "p256", ...p256KeyOf(numberOf(secret)) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The public part of a key on a curve, as it goes into object 86. */
export function publicPoint(
  key: Exclude<CardKey, { kind: "rsa" }>,
): Uint8Array {
  return key.kind === "p256" ? encodeP256Point(key.point) : key.public;
}

/** The public key as GENERATE ASYMMETRIC KEY PAIR answers it: 7F49 (7.2.14). */
export function publicKeyObject(key: CardKey): Uint8Array {
  const content = key.kind === "rsa"
    ? concatBytes(
      encodeObject(TAG_MODULUS, numberBytes(key.modulus, rsaBytes(key))),
      encodeObject(
        TAG_EXPONENT,
        numberBytes(key.publicExponent, byteLength(key.publicExponent)),
      ),
    )
    : encodeObject(TAG_POINT, publicPoint(key));
  return encodeObject(TAG_PUBLIC_KEY, content);
}

/** Signs a DigestInfo (RSA), a hash (P-256) or a message (Ed25519); ends the command when it cannot be. */
export function signWith(
  key: CardKey,
  input: Uint8Array,
  random: RandomBytes,
): MaybePromise<Uint8Array> {
  if (input.length === 0) return fail(SW.WRONG_LENGTH);
  switch (key.kind) {
    case "rsa":
      return rsaSign(key, input) ?? fail(SW.WRONG_LENGTH);
    case "p256":
      return p256Sign(key, input, random);
    case "ed25519":
      return ed25519Sign(key.secret, input);
    case "x25519":
      return fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  }
}

/** r and s, 32 bytes each. */
function p256Sign(
  key: P256PrivateKey,
  hash: Uint8Array,
  random: RandomBytes,
): Uint8Array {
  const { r, s } = signP256(key, hash, bounded(random));
  return concatBytes(numberBytes(r, P256_BYTES), numberBytes(s, P256_BYTES));
}

/** Deciphers (RSA), or computes a shared secret: the x coordinate; ends the command when it cannot be. */
export function decipherWith(
  key: CardKey,
  input: Uint8Array,
): MaybePromise<Uint8Array> {
  switch (key.kind) {
    case "rsa":
      if (input[0] !== PADDING_INDICATOR_RSA) return fail(SW.INCORRECT_DATA);
      return rsaDecipher(key, input.subarray(1)) ?? fail(SW.INCORRECT_DATA);
    case "p256":
      return agreeP256(
        key,
        decodeP256Point(pointIn(input)) ?? fail(SW.INCORRECT_DATA),
      );
    case "x25519":
      return x25519Decipher(key.secret, pointIn(input));
    case "ed25519":
      return fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  }
}

async function x25519Decipher(
  secret: Uint8Array,
  point: Uint8Array,
): Promise<Uint8Array> {
  const isPrefixed = point.length === CURVE25519_BYTES + 1 &&
    point[0] === NATIVE_POINT;
  const native = isPrefixed ? point.subarray(1) : point;
  if (native.length !== CURVE25519_BYTES) fail(SW.INCORRECT_DATA);
  return await x25519SharedSecret(secret, native) ?? fail(SW.INCORRECT_DATA);
}

/** The public key of the other side. */
function pointIn(input: Uint8Array): Uint8Array {
  let content: Uint8Array | null = input;
  for (const tag of [TAG_CIPHER, TAG_PUBLIC_KEY, TAG_POINT]) {
    const objects = readObjects(content);
    content = objects === null ? null : findObject(objects, tag);
    if (content === null) return fail(SW.INCORRECT_DATA);
  }
  return content;
}

/** Bytes of the secret of a key on a curve. */
export const CURVE_SECRET_BYTES: number = P256_BYTES;
