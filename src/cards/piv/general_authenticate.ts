/**
 * GENERAL AUTHENTICATE: signatures, RSA decryption and key agreement, and the way to the
 * management key (SP 800-73-4 Part 2, 3.2.4).
 *
 * @module
 */
import type { MaybePromise } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { byteLength, numberBytes } from "../crypto/big_numbers.ts";
import {
  agreeP256,
  decodeP256Point,
  P256_BYTES,
  type P256PrivateKey,
  type P256Signature,
  signP256,
} from "../crypto/p256.ts";
import { rsaPrivate } from "../crypto/rsa.ts";
import { fail } from "../file_system/status_words.ts";
import {
  ALGORITHM,
  type KeyRole,
  keyRole,
  MANAGEMENT_KEY,
  type PinPolicy,
} from "./key_references.ts";
import {
  authenticateManager,
  AUTHENTICATION,
} from "./management_authentication.ts";
import { managementAlgorithm } from "./management_key.ts";
import type { PivSession } from "./session.ts";
import { SW } from "./status_words.ts";
import { readOnly, readTlvMap, tlv } from "./tlv.ts";

const { TEMPLATE, CHALLENGE, RESPONSE, EXPONENTIATION } = AUTHENTICATION;

/** P1 names the algorithm, P2 the key; the data are a template of what is given and what is wanted. */
export function generalAuthenticate(
  session: PivSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  const { keys, managementKey } = session.memory.state;
  if (p2 === MANAGEMENT_KEY) {
    if (p1 !== managementAlgorithm(managementKey)) fail(SW.INCORRECT_P1_P2);
    return authenticateManager(session, templateOf(data));
  }
  const role = keyRole(p2);
  const found = keys.get(p2);
  if (role === undefined || found?.algorithm !== p1) {
    return fail(SW.INCORRECT_P1_P2);
  }
  requirePin(session, role.pin);
  const { kind, value } = inputOf(templateOf(data));
  if (found.algorithm === ALGORITHM.P256) {
    return withCurve(session, role, found.key, kind, value);
  }
  if (kind !== "challenge") fail(SW.INCORRECT_DATA);
  return respond(rsaPrivate(found.key, value) ?? fail(SW.INCORRECT_DATA));
}

function requirePin(session: PivSession, policy: PinPolicy): void {
  const isOpen = policy === "never" ||
    session.isPinVerified &&
      (policy === "once" || session.wasPinJustVerified);
  if (!isOpen) fail(SW.SECURITY_STATUS_NOT_SATISFIED);
}

type Input = { kind: "challenge" | "exponentiation"; value: Uint8Array };

/** An empty response, and either what to sign or decrypt, or the other side's point. */
function inputOf(objects: ReadonlyMap<number, Uint8Array>): Input {
  if (objects.size === 2 && objects.get(RESPONSE)?.length === 0) {
    const challenge = objects.get(CHALLENGE);
    if (challenge !== undefined) return { kind: "challenge", value: challenge };
    const point = objects.get(EXPONENTIATION);
    if (point !== undefined) return { kind: "exponentiation", value: point };
  }
  return fail(SW.INCORRECT_DATA);
}

/** A key of the curve signs, or it agrees on secrets: one of them. */
function withCurve(
  session: PivSession,
  { curveUse }: KeyRole,
  key: P256PrivateKey,
  kind: Input["kind"],
  value: Uint8Array,
): Uint8Array {
  if (kind === "challenge" && curveUse === "sign") {
    // Shorter hashes count as numbers with zeros in front.
    if (value.length === 0 || value.length > P256_BYTES) {
      fail(SW.INCORRECT_DATA);
    }
    const hash = new Uint8Array(P256_BYTES);
    hash.set(value, P256_BYTES - value.length);
    return respond(derSignature(signP256(key, hash, session.random)));
  }
  if (kind !== "exponentiation" || curveUse !== "agree") {
    return fail(SW.INCORRECT_DATA);
  }
  const point = decodeP256Point(value) ?? fail(SW.INCORRECT_DATA);
  return respond(agreeP256(key, point));
}

/** ECDSA-Sig-Value in DER (RFC 3279 2.2.3). */
function derSignature({ r, s }: P256Signature): Uint8Array {
  return tlv(0x30, derInteger(r), derInteger(s));
}

function derInteger(value: bigint): Uint8Array {
  const bytes = numberBytes(value, byteLength(value));
  return bytes[0] < 0x80
    ? tlv(0x02, bytes)
    : tlv(0x02, Uint8Array.of(0), bytes);
}

function respond(value: Uint8Array): Uint8Array {
  return tlv(TEMPLATE, tlv(RESPONSE, value));
}

function templateOf(data: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const content = readOnly(data, TEMPLATE) ?? fail(SW.INCORRECT_DATA);
  return readTlvMap(content) ?? fail(SW.INCORRECT_DATA);
}
