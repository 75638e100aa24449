/**
 * RSA on plain numbers, because cards get padded or hashed input, which Web Crypto does not take.
 *
 * Not in constant time, and without blinding: for test cards, which protect nothing.
 *
 * @module
 */
import {
  byteLength,
  inverse,
  jwkNumber,
  numberBytes,
  numberOf,
  power,
  remainder,
} from "./big_numbers.ts";

/** The public half of an RSA key. */
export interface RsaPublicKey {
  /** The modulus, p times q. */
  readonly modulus: bigint;
  /** The public exponent, mostly 65 537. */
  readonly publicExponent: bigint;
}

/** An RSA key; what the Chinese remainder theorem needs follows from it. */
export interface RsaPrivateKey extends RsaPublicKey {
  /** A prime factor of the modulus. */
  readonly p: bigint;
  /** The other prime factor. */
  readonly q: bigint;
}

/** The public exponent of generated keys. */
export const RSA_PUBLIC_EXPONENT = 65_537n;

/**
 * Makes a key by Web Crypto.
 *
 * @param bits size of the modulus, a multiple of 8 from 1024 on
 * @throws {DOMException} when Web Crypto refuses the size
 */
export async function generateRsaKey(bits: number): Promise<RsaPrivateKey> {
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: bits,
      publicExponent: numberBytes(RSA_PUBLIC_EXPONENT, 3),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const { p, q } = await crypto.subtle.exportKey("jwk", privateKey);
  return rsaKeyOf(jwkNumber(p), jwkNumber(q), RSA_PUBLIC_EXPONENT);
}

/**
 * The key with these factors.
 *
 * @throws {RangeError} when no private exponent belongs to `publicExponent`
 */
export function rsaKeyOf(
  p: bigint,
  q: bigint,
  publicExponent: bigint,
): RsaPrivateKey {
  if (p < 3n || q < 3n || p === q) {
    throw new RangeError(
      "Cannot make RSA key: factors that are equal or below 3 found, expected two primes",
    );
  }
  inverse(publicExponent, (p - 1n) * (q - 1n));
  inverse(q, p);
  return { modulus: p * q, publicExponent, p, q };
}

/** Bytes of a modulus, and of every block. */
export function rsaBytes({ modulus }: RsaPublicKey): number {
  return byteLength(modulus);
}

/**
 * The private operation (RSADP and RSASP1, RFC 8017 5.1.2 and 5.2.1) on one block.
 *
 * @param block as long as the modulus, and less than it
 * @returns as many bytes; null when the block does not stand for a number below the modulus
 */
export function rsaPrivate(
  key: RsaPrivateKey,
  block: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  const length = rsaBytes(key);
  const input = numberOf(block);
  if (block.length !== length || input >= key.modulus) return null;
  const { p, q } = key;
  const left = crtHalf(key, p, input);
  const right = crtHalf(key, q, input);
  const step = remainder((left - right) * inverse(q, p), p);
  return numberBytes(right + step * q, length);
}

/** `input` to the private exponent, modulo one of the factors. */
function crtHalf(key: RsaPrivateKey, factor: bigint, input: bigint): bigint {
  const exponent = inverse(key.publicExponent, factor - 1n);
  return power(input, exponent, factor);
}
