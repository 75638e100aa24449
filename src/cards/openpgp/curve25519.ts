/**
 * Ed25519 (RFC 8032) and X25519 (RFC 7748), by Web Crypto.
 *
 * @module
 */

import { fromHex } from "../../bytes.ts";
import { jwkNumber, numberBytes } from "../crypto/big_numbers.ts";

/** Bytes of a secret, a public key and a shared secret. */
export const CURVE25519_BYTES: number = 32;

/** The two curves by their names in Web Crypto. */
export type Curve25519Name = "Ed25519" | "X25519";

/** A pair of keys, 32 bytes each, in the byte order of the RFCs. */
export interface Curve25519Pair {
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
}

/** PKCS #8 (RFC 8410) up to the secret. */
const PREFIX: Record<Curve25519Name, Uint8Array> = {
  Ed25519: fromHex("302E020100300506032B657004220420"),
  X25519: fromHex("302E020100300506032B656E04220420"),
};

/** A new pair. */
export async function generateCurve25519(
  name: Curve25519Name,
): Promise<Curve25519Pair> {
  const usages = privateUsages(name);
  const more: KeyUsage[] = name === "Ed25519" ? [...usages, "verify"] : usages;
  const pair = await crypto.subtle.generateKey(name, true, more);
  if (!("privateKey" in pair)) {
    throw new Error(`Cannot generate ${name} key: one key found, expected two`);
  }
  return pairOf(pair.privateKey);
}

/** The pair of a secret. */
export async function curve25519Pair(
  name: Curve25519Name,
  secret: Uint8Array,
): Promise<Curve25519Pair> {
  return pairOf(await privateKey(name, secret));
}

/** Signs a message as it is, 64 bytes R S. */
export async function ed25519Sign(
  secret: Uint8Array,
  message: Uint8Array,
): Promise<Uint8Array> {
  const key = await privateKey("Ed25519", secret);
  const signature = await crypto.subtle.sign("Ed25519", key, message.slice());
  return new Uint8Array(signature);
}

/** The secret shared with the owner of `point`, 32 bytes. @returns null when there is none: the point has a low order */
export async function x25519SharedSecret(
  secret: Uint8Array,
  point: Uint8Array,
): Promise<Uint8Array | null> {
  const key = await privateKey("X25519", secret);
  const { subtle } = crypto;
  try {
    const peer = await subtle.importKey(
      "raw",
      point.slice(),
      "X25519",
      true,
      [],
    );
    const bits = CURVE25519_BYTES * 8;
    const algorithm = { name: "X25519", public: peer };
    return new Uint8Array(await subtle.deriveBits(algorithm, key, bits));
  } catch {
    return null;
  }
}

function privateUsages(name: Curve25519Name): KeyUsage[] {
  return name === "Ed25519" ? ["sign"] : ["deriveBits"];
}

function privateKey(
  name: Curve25519Name,
  secret: Uint8Array,
): Promise<CryptoKey> {
  const prefix = PREFIX[name];
  const bytes = new Uint8Array(prefix.length + secret.length);
  bytes.set(prefix);
  bytes.set(secret, prefix.length);
  const usages = privateUsages(name);
  return crypto.subtle.importKey("pkcs8", bytes, name, true, usages);
}

async function pairOf(key: CryptoKey): Promise<Curve25519Pair> {
  const { d, x } = await crypto.subtle.exportKey("jwk", key);
  const [secret, point] = [d, x].map((part) =>
    numberBytes(jwkNumber(part), CURVE25519_BYTES)
  );
  return { secret, public: point };
}
