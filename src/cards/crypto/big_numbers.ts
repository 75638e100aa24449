/**
 * Whole numbers of any size as the bytes that cards exchange, and arithmetic on them.
 *
 * Nothing here takes constant time: the cards that use it are for tests, and protect nothing.
 *
 * @module
 */
import { toHex } from "../../bytes.ts";

/** The number that big-endian bytes stand for; no bytes are 0. */
export function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

/**
 * A number as `length` big-endian bytes.
 *
 * @throws {RangeError} when it is negative or does not fit
 */
export function numberBytes(
  value: bigint,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) {
    throw new RangeError(
      `Cannot write number: ${value} found, expected 0 or more in ${length} bytes`,
    );
  }
  const bytes = new Uint8Array(length);
  const digits = value.toString(16).padStart(2 * length, "0");
  for (let i = 0; i < length; i++) {
    bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** Bytes that the number takes at least; 0 takes none. */
export function byteLength(value: bigint): number {
  return value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
}

/** `value` modulo `modulus`, never negative. */
export function remainder(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** `base` to the power of `exponent` modulo `modulus`; the exponent is not negative. */
export function power(
  base: bigint,
  exponent: bigint,
  modulus: bigint,
): bigint {
  let result = 1n;
  let square = remainder(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}

/**
 * The number that times `value` is 1 modulo `modulus`.
 *
 * @throws {RangeError} when there is none, since both have a divisor in common
 */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b] = [remainder(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  if (a !== 1n) {
    throw new RangeError(
      `Cannot invert number: common divisor ${a} found, expected 1`,
    );
  }
  return remainder(x, modulus);
}

/**
 * A number of a JSON Web Key (base64url, RFC 7518 2).
 *
 * @throws {RangeError} when it is absent or not base64url
 */
export function jwkNumber(text: string | undefined): bigint {
  if (text === undefined || !/^[A-Za-z0-9_-]+$/.test(text)) {
    throw new RangeError(
      `Cannot read JSON Web Key: ${text} found, expected base64url`,
    );
  }
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return numberOf(Uint8Array.from(plain, (letter) => letter.charCodeAt(0)));
}
