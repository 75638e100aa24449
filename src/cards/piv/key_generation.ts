/**
 * GENERATE ASYMMETRIC KEY PAIR (SP 800-73-4 Part 2, 3.3.2).
 *
 * @module
 */
import type { CardCommand } from "../apdu.ts";
import { byteLength, numberBytes, numberOf } from "../crypto/big_numbers.ts";
import { encodeP256Point, generateP256Key } from "../crypto/p256.ts";
import {
  generateRsaKey,
  RSA_PUBLIC_EXPONENT,
  rsaBytes,
} from "../crypto/rsa.ts";
import { fail } from "../file_system/status_words.ts";
import { ALGORITHM, keyRole } from "./key_references.ts";
import type { PivSession } from "./session.ts";
import type { PivKey } from "./state.ts";
import { SW } from "./status_words.ts";
import { readOnly, readTlvMap, tlv } from "./tlv.ts";

/** Control reference template, and in it the algorithm and its parameter. */
const TEMPLATE = 0xac;
const ALGORITHM_TAG = 0x80;
const PARAMETER = 0x81;
/** The public key, and in it modulus and exponent, or the point. */
const PUBLIC_KEY = 0x7f49;
const MODULUS = 0x81;
const EXPONENT = 0x82;
const POINT = 0x86;
const RSA_BITS = 2048;

/** Makes a key pair instead of the one that was there; the public key goes back. Takes the management key. */
export async function generateKeyPair(
  session: PivSession,
  { p1, p2, data }: CardCommand,
): Promise<Uint8Array> {
  if (p1 !== 0 || keyRole(p2) === undefined) fail(SW.INCORRECT_P1_P2);
  if (!session.isManager) fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  const key = await generate(algorithmIn(data), session);
  // A reset in between has stopped it.
  if (session.isOver) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  const { memory } = session;
  await memory.commit({ keys: new Map(memory.state.keys).set(p2, key) });
  return publicKeyOf(key);
}

function algorithmIn(data: Uint8Array): number {
  const content = readOnly(data, TEMPLATE) ?? fail(SW.INCORRECT_DATA);
  const objects = readTlvMap(content) ?? fail(SW.INCORRECT_DATA);
  const algorithm = objects.get(ALGORITHM_TAG);
  const exponent = objects.get(PARAMETER);
  const known = exponent === undefined ? 1 : 2;
  if (algorithm?.length !== 1 || objects.size !== known) {
    return fail(SW.INCORRECT_DATA);
  }
  if (exponent !== undefined) {
    const isOurs = algorithm[0] === ALGORITHM.RSA_2048 &&
      numberOf(exponent) === RSA_PUBLIC_EXPONENT;
    if (!isOurs) fail(SW.INCORRECT_DATA);
  }
  return algorithm[0];
}

async function generate(
  algorithm: number,
  session: PivSession,
): Promise<PivKey> {
  if (algorithm === ALGORITHM.P256) {
    return { algorithm, key: generateP256Key(session.random) };
  }
  if (algorithm === ALGORITHM.RSA_2048) {
    return { algorithm, key: await generateRsaKey(RSA_BITS) };
  }
  return fail(SW.INCORRECT_DATA);
}

function publicKeyOf({ algorithm, key }: PivKey): Uint8Array {
  if (algorithm === ALGORITHM.P256) {
    return tlv(PUBLIC_KEY, tlv(POINT, encodeP256Point(key.point)));
  }
  const { modulus, publicExponent } = key;
  return tlv(
    PUBLIC_KEY,
    tlv(MODULUS, numberBytes(modulus, rsaBytes(key))),
    tlv(EXPONENT, numberBytes(publicExponent, byteLength(publicExponent))),
  );
}
