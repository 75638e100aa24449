/**
 * The card's state as a file: JSON, bytes in hexadecimal. Nothing in it is encrypted.
 *
 * @module
 */

import { toHex } from "../../bytes.ts";
import { readAttributes } from "./algorithms.ts";
import { byteLength, numberBytes } from "../crypto/big_numbers.ts";
import { type CardKey, CURVE_SECRET_BYTES, p256KeyOfSecret } from "./keys.ts";
import { rsaKeyOfParts } from "./rsa_blocks.ts";
import { CURVE25519_BYTES } from "./curve25519.ts";
import { SLOTS } from "./slots.ts";
import {
  type KeyState,
  type OpenPgpState,
  PASSWORD_TRIES,
  type PasswordState,
} from "./state.ts";
import { StateReader } from "./state_reader.ts";

const VERSION = 1;

/** Writes the state as UTF-8 text. */
export function encodeState(state: OpenPgpState): Uint8Array {
  const { passwords, keys, certificates, objects, ...plain } = state;
  const text = JSON.stringify(
    {
      version: VERSION,
      ...plain,
      passwords: {
        pw1: encodePassword(passwords.pw1),
        pw3: encodePassword(passwords.pw3),
        resetCode: encodePassword(passwords.resetCode),
      },
      keys: keys.map(encodeKeyState),
      certificates: certificates.map((bytes) => toHex(bytes)),
      objects: Object.fromEntries(
        [...objects].map(([tag, value]) => [tag.toString(16), toHex(value)]),
      ),
    },
    null,
    1,
  );
  return new TextEncoder().encode(`${text}\n`);
}

function encodePassword({ value, triesLeft }: PasswordState): unknown {
  return { value: toHex(value), triesLeft };
}

function encodeKeyState(state: KeyState): unknown {
  return {
    attributes: toHex(state.attributes),
    key: state.key === null ? null : encodeKey(state.key),
    origin: state.origin,
    fingerprint: toHex(state.fingerprint),
    caFingerprint: toHex(state.caFingerprint),
    time: toHex(state.time),
  };
}

/** What follows from the rest, such as the modulus, is left out. */
function encodeKey(key: CardKey): unknown {
  switch (key.kind) {
    case "rsa":
      return {
        e: numberHex(key.publicExponent),
        p: numberHex(key.p),
        q: numberHex(key.q),
      };
    case "p256":
      return { secret: numberHex(key.secret, CURVE_SECRET_BYTES) };
    default:
      return { secret: toHex(key.secret), public: toHex(key.public) };
  }
}

function numberHex(value: bigint, length = byteLength(value)): string {
  return toHex(numberBytes(value, length));
}

/**
 * Reads what {@linkcode encodeState} wrote.
 *
 * @throws {RangeError} naming the place that is wrong
 */
export function decodeState(bytes: Uint8Array): OpenPgpState {
  const top = StateReader.parse(bytes);
  const version = top.integer("version", 0, Number.MAX_SAFE_INTEGER);
  if (version !== VERSION) top.refuse("version", version, String(VERSION));
  const passwords = top.inner("passwords");
  const keys = top.list("keys", SLOTS.length);
  const certificates = top.inner("certificates");
  const objects = top.inner("objects");
  return {
    serialNumber: top.integer("serialNumber", 0, 0xffffffff),
    isTerminated: top.flag("isTerminated"),
    isPw1ForMany: top.flag("isPw1ForMany"),
    signatures: top.integer("signatures", 0, 0xffffff),
    passwords: {
      pw1: decodePassword(passwords.inner("pw1")),
      pw3: decodePassword(passwords.inner("pw3")),
      resetCode: decodePassword(passwords.inner("resetCode")),
    },
    keys: SLOTS.map((_, index) => decodeKeyState(keys[index], index)),
    certificates: SLOTS.map((_, index) => certificates.bytes(String(index))),
    objects: new Map(
      objects.names().map((tag) => [tagOf(objects, tag), objects.bytes(tag)]),
    ),
  };
}

function tagOf(reader: StateReader, name: string): number {
  if (/^[0-9a-f]{2,4}$/.test(name)) return parseInt(name, 16);
  return reader.refuse(name, "there", "tags as names");
}

function decodePassword(reader: StateReader): PasswordState {
  return {
    value: reader.bytes("value"),
    triesLeft: reader.integer("triesLeft", 0, PASSWORD_TRIES),
  };
}

function decodeKeyState(reader: StateReader, index: number): KeyState {
  const attributes = reader.bytes("attributes");
  const algorithm = readAttributes(attributes, SLOTS[index].name) ??
    reader.refuse("attributes", toHex(attributes), "those of a key");
  const origin = reader.integer("origin", 0, 2);
  return {
    attributes,
    key: origin === 0 ? null : decodeKey(reader.inner("key"), algorithm),
    origin,
    fingerprint: reader.bytes("fingerprint", 20),
    caFingerprint: reader.bytes("caFingerprint", 20),
    time: reader.bytes("time", 4),
  };
}

function decodeKey(
  reader: StateReader,
  algorithm: NonNullable<ReturnType<typeof readAttributes>>,
): CardKey {
  if (algorithm.kind === "rsa") {
    const [e, p, q] = ["e", "p", "q"].map((name) => reader.bytes(name));
    const key = rsaKeyOfParts(algorithm.bits, e, p, q) ??
      reader.refuse("p", "another number", `that of ${algorithm.bits} bits`);
    return { kind: "rsa", ...key };
  }
  const secret = reader.bytes("secret", CURVE_SECRET_BYTES);
  if (algorithm.kind === "p256") {
    return p256KeyOfSecret(secret) ??
      reader.refuse("secret", toHex(secret), "a number below the order");
  }
  const point = reader.bytes("public", CURVE25519_BYTES);
  return { kind: algorithm.kind, secret, public: point };
}
