/**
 * PKCS #1 v1.5 without the hashing, which the host has done (RFC 8017 7.2 and 8.2).
 *
 * @module
 */

import {
  byteLength,
  numberBytes,
  numberOf,
  power,
  remainder,
} from "../crypto/big_numbers.ts";
import {
  rsaBytes,
  rsaKeyOf,
  rsaPrivate,
  type RsaPrivateKey,
} from "../crypto/rsa.ts";

/** Bytes of padding at least, after 00 and the type of the block. */
const SHORTEST_PADDING = 8;
const BLOCK_HEADER_BYTES = 2;
/** Specification 3.4, 7.2.10: a DigestInfo takes no more of the modulus. */
const LARGEST_SHARE = 0.4;
/** Any number serves to see whether private and public exponent undo each other. */
const PROBE = 0x1234567n;

/**
 * Makes a key of its parts.
 *
 * @returns null when the factors give no modulus of `bits` bits, are not half as long each,
 * or give no key with `e`
 */
export function rsaKeyOfParts(
  bits: number,
  e: Uint8Array,
  p: Uint8Array,
  q: Uint8Array,
): RsaPrivateKey | null {
  const [exponent, first, second] = [numberOf(e), numberOf(p), numberOf(q)];
  const hasHalves = byteLength(first) === bits / 16 &&
    byteLength(second) === bits / 16;
  if (!hasHalves || (first * second) >> BigInt(bits - 1) !== 1n) return null;
  if (exponent < 3n || remainder(exponent, 2n) === 0n) return null;
  try {
    const key = rsaKeyOf(first, second, exponent);
    return isKey(key) ? key : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Factors that are not prime give themselves away. */
function isKey(key: RsaPrivateKey): boolean {
  const raised = power(PROBE, key.publicExponent, key.modulus);
  const block = numberBytes(raised, rsaBytes(key));
  const answer = rsaPrivate(key, block);
  return answer !== null && numberOf(answer) === PROBE;
}

/** Signs a DigestInfo, in a block of type 1. @returns null when it is longer than 40 % of the modulus */
export function rsaSign(
  key: RsaPrivateKey,
  input: Uint8Array,
): Uint8Array | null {
  const length = rsaBytes(key);
  if (input.length > Math.floor(length * LARGEST_SHARE)) return null;
  const block = new Uint8Array(length).fill(0xff);
  block[0] = 0x00;
  block[1] = 0x01;
  block[length - input.length - 1] = 0x00;
  block.set(input, length - input.length);
  return rsaPrivate(key, block);
}

/** Deciphers a cryptogram as long as the modulus. @returns what was in the block of type 2, null when there is none */
export function rsaDecipher(
  key: RsaPrivateKey,
  cryptogram: Uint8Array,
): Uint8Array | null {
  const block = rsaPrivate(key, cryptogram);
  if (block === null || block[0] !== 0 || block[1] !== 2) return null;
  const end = block.indexOf(0, BLOCK_HEADER_BYTES);
  if (end < BLOCK_HEADER_BYTES + SHORTEST_PADDING) return null;
  return block.slice(end + 1);
}
