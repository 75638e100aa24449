/**
 * The curve P-256 on plain numbers (NIST SP 800-186 3.2.1.3): ECDSA over a hash that is given, and ECDH.
 *
 * Web Crypto hashes what it signs, and cards get the hash. Not in constant time: for test cards,
 * which protect nothing.
 *
 * @module
 */
import { inverse, numberBytes, numberOf, remainder } from "./big_numbers.ts";

/** A point of the curve, in affine coordinates; never the point at infinity. */
export interface P256Point {
  /** First coordinate. */
  readonly x: bigint;
  /** Second coordinate. */
  readonly y: bigint;
}

/** A key pair. */
export interface P256PrivateKey {
  /** The private number, 1 to n - 1. */
  readonly secret: bigint;
  /** The public point, G times `secret`. */
  readonly point: P256Point;
}

/** A signature, two numbers from 1 to n - 1. */
export interface P256Signature {
  /** From the random point. */
  readonly r: bigint;
  /** The signature proper. */
  readonly s: bigint;
}

/** Bytes of a coordinate, and of a number below the order. */
export const P256_BYTES = 32;

const PRIME =
  0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
/** The order n of the base point. */
export const P256_ORDER: bigint =
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const BASE: P256Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

/** X / Z^2 and Y / Z^3; Z = 0 is the point at infinity. */
type Jacobian = readonly [x: bigint, y: bigint, z: bigint];
const INFINITY: Jacobian = [1n, 1n, 0n];

/** Source of random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** Makes a key pair. */
export function generateP256Key(random: RandomBytes): P256PrivateKey {
  return p256KeyOf(randomScalar(random));
}

/**
 * The key pair of a private number.
 *
 * @throws {RangeError} when it is not from 1 to n - 1
 */
export function p256KeyOf(secret: bigint): P256PrivateKey {
  const point = secret < P256_ORDER ? multiply(BASE, secret) : null;
  if (secret <= 0n || point === null) {
    throw new RangeError(
      "Cannot make P-256 key: a number outside the order found, expected 1 to n - 1",
    );
  }
  return { secret, point };
}

/** A point as '04', X and Y (SEC 1 2.3.3), 65 bytes. */
export function encodeP256Point({ x, y }: P256Point): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + 2 * P256_BYTES);
  bytes[0] = 0x04;
  bytes.set(numberBytes(x, P256_BYTES), 1);
  bytes.set(numberBytes(y, P256_BYTES), 1 + P256_BYTES);
  return bytes;
}

/** The point that '04', X and Y stand for; null when the form is another or the point is not on the curve. */
export function decodeP256Point(bytes: Uint8Array): P256Point | null {
  if (bytes.length !== 1 + 2 * P256_BYTES || bytes[0] !== 0x04) return null;
  const x = numberOf(bytes.subarray(1, 1 + P256_BYTES));
  const y = numberOf(bytes.subarray(1 + P256_BYTES));
  if (x >= PRIME || y >= PRIME) return null;
  return mod(y * y - (x * x * x - 3n * x + B)) === 0n ? { x, y } : null;
}

/**
 * ECDSA over a hash (FIPS 186-5 6.4.1).
 *
 * @param hash of any length: its leftmost 32 bytes count
 * @param random makes the number that must never come twice
 */
export function signP256(
  { secret }: P256PrivateKey,
  hash: Uint8Array,
  random: RandomBytes,
): P256Signature {
  const e = numberOf(hash.subarray(0, P256_BYTES));
  for (;;) {
    const k = randomScalar(random);
    const r = remainder(multiply(BASE, k)?.x ?? 0n, P256_ORDER);
    const s = remainder(inverse(k, P256_ORDER) * (e + r * secret), P256_ORDER);
    if (r !== 0n && s !== 0n) return { r, s };
  }
}

/** ECDH: the first coordinate of the peer's point times the private number (SP 800-56A 5.7.1.2), 32 bytes. */
export function agreeP256(
  { secret }: P256PrivateKey,
  peer: P256Point,
): Uint8Array<ArrayBuffer> {
  // The order is prime and the cofactor 1: a point of the curve times 1 to n - 1 is never infinity.
  return numberBytes(multiply(peer, secret)?.x ?? 0n, P256_BYTES);
}

/** Random bytes are outside the order once in four thousand million draws. */
const MAX_DRAWS = 8;

/** 1 to n - 1; what is outside is drawn again. */
function randomScalar(random: RandomBytes): bigint {
  for (let draws = 0; draws < MAX_DRAWS; draws++) {
    const value = numberOf(random(P256_BYTES));
    if (value > 0n && value < P256_ORDER) return value;
  }
  throw new RangeError(
    `Cannot draw a P-256 number: ${MAX_DRAWS} values outside the order found, expected random bytes`,
  );
}

function mod(value: bigint): bigint {
  return remainder(value, PRIME);
}

/** `point` times `scalar`; null is the point at infinity. */
function multiply(point: P256Point, scalar: bigint): P256Point | null {
  const start: Jacobian = [point.x, point.y, 1n];
  let sum = INFINITY;
  for (const bit of scalar.toString(2)) {
    sum = double(sum);
    if (bit === "1") sum = add(sum, start);
  }
  const [x, y, z] = sum;
  if (z === 0n) return null;
  const scale = inverse(z, PRIME);
  const square = mod(scale * scale);
  return { x: mod(x * square), y: mod(y * mod(square * scale)) };
}

/** Twice a point, with a = -3. */
function double([x, y, z]: Jacobian): Jacobian {
  if (z === 0n) return INFINITY;
  const delta = mod(z * z);
  const gamma = mod(y * y);
  const beta = mod(x * gamma);
  const alpha = mod(3n * (x - delta) * (x + delta));
  const x3 = mod(alpha * alpha - 8n * beta);
  const z3 = mod((y + z) * (y + z) - gamma - delta);
  return [x3, mod(alpha * (4n * beta - x3) - 8n * gamma * gamma), z3];
}

/** The sum of two points; they may be equal, opposite or infinity. */
function add(a: Jacobian, b: Jacobian): Jacobian {
  if (a[2] === 0n) return b;
  if (b[2] === 0n) return a;
  const az = mod(a[2] * a[2]);
  const bz = mod(b[2] * b[2]);
  const u = mod(a[0] * bz);
  const s = mod(a[1] * b[2] * bz);
  const h = mod(b[0] * az - u);
  const r = mod(b[1] * a[2] * az - s);
  if (h === 0n) return r === 0n ? double(a) : INFINITY;
  const hh = mod(h * h);
  const hhh = mod(h * hh);
  const v = mod(u * hh);
  const x3 = mod(r * r - hhh - 2n * v);
  return [x3, mod(r * (v - x3) - s * hhh), mod(a[2] * b[2] * h)];
}
