/**
 * Commands that make keys and use them (specification 3.4, 7.2.10 to 7.2.14 and 7.2.18).
 *
 * @module
 */

import { chain, type MaybePromise, NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { readAttributes } from "./algorithms.ts";
import {
  type CardKey,
  decipherWith,
  generateKey,
  publicKeyObject,
  signWith,
} from "./keys.ts";
import type { OpenPgpSession } from "./session.ts";
import { type OpenPgpSlot, slotOfTemplate, SLOTS } from "./slots.ts";
import { SW } from "./status_words.ts";
import { findObject, readObjects } from "./tlv.ts";

const P1_GENERATE = 0x80;
const P1_READ = 0x81;
/** P1 P2 of PERFORM SECURITY OPERATION. */
const COMPUTE_DIGITAL_SIGNATURE = 0x9e9a;
const DECIPHER = 0x8086;
const P1_SET = 0x41;
const P2_AUTHENTICATION = 0xa4;
const P2_DECRYPTION = 0xb8;
const TAG_KEY_REFERENCE = 0x83;
const [SIGNATURE] = SLOTS;
const MOST_SIGNATURES = 0xffffff;

/** Puts a key into its slot; a new key for signatures has made none yet. */
export function setKey(
  session: OpenPgpSession,
  slot: OpenPgpSlot,
  key: CardKey,
  origin: "generated" | "imported",
): void {
  const state = session.editKey(slot.index);
  state.key = key;
  state.origin = origin === "generated" ? 1 : 2;
  if (slot.name === "signature") session.memory.edit().signatures = 0;
}

/** GENERATE ASYMMETRIC KEY PAIR: makes a key, or reads the public part of the one that is there. */
export function generateAsymmetricKeyPair(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if (p2 !== 0) fail(SW.WRONG_PARAMETERS);
  const slot = slotOfTemplate(readObjects(data)?.[0]?.tag ?? 0) ??
    fail(SW.INCORRECT_DATA);
  const { key, attributes } = session.memory.state.keys[slot.index];
  if (p1 === P1_READ) {
    return publicKeyObject(key ?? fail(SW.REFERENCED_DATA_NOT_FOUND));
  }
  if (p1 !== P1_GENERATE) fail(SW.WRONG_PARAMETERS);
  session.require(0x83);
  const algorithm = readAttributes(attributes, slot.name) ??
    fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  return generateKey(algorithm, session.random).then((made) => {
    session.requireOngoing();
    setKey(session, slot, made, "generated");
    return publicKeyObject(made);
  });
}

/** PERFORM SECURITY OPERATION: COMPUTE DIGITAL SIGNATURE, or DECIPHER. */
export function performSecurityOperation(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  const operation = p1 << 8 | p2;
  if (operation === COMPUTE_DIGITAL_SIGNATURE) return sign(session, data);
  if (operation !== DECIPHER) fail(SW.WRONG_PARAMETERS);
  session.require(0x82);
  return decipherWith(keyAt(session, session.decryptionKey), data);
}

/** The signature counts as soon as it is made, and uses PW1 up when PW1 is for one. */
function sign(
  session: OpenPgpSession,
  data: Uint8Array,
): MaybePromise<Uint8Array> {
  session.require(0x81);
  const key = keyAt(session, SIGNATURE.index);
  return chain(signWith(key, data, session.random), (signature) => {
    session.requireOngoing();
    const state = session.memory.edit();
    state.signatures = Math.min(state.signatures + 1, MOST_SIGNATURES);
    if (!state.isPw1ForMany) session.setVerified(0x81, false);
    return signature;
  });
}

/** INTERNAL AUTHENTICATE: a signature for the user to log in with. */
export function internalAuthenticate(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if (p1 !== 0 || p2 !== 0) fail(SW.WRONG_PARAMETERS);
  session.require(0x82);
  const key = keyAt(session, session.authenticationKey);
  return signWith(key, data, session.random);
}

/** MANAGE SECURITY ENVIRONMENT: which of the keys 2 and 3 DECIPHER or INTERNAL AUTHENTICATE takes, until the next reset. */
export function manageSecurityEnvironment(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p1 !== P1_SET) fail(SW.WRONG_PARAMETERS);
  if (p2 !== P2_AUTHENTICATION && p2 !== P2_DECRYPTION) {
    fail(SW.WRONG_PARAMETERS);
  }
  const reference = findObject(readObjects(data) ?? [], TAG_KEY_REFERENCE);
  if (reference?.length !== 1) return fail(SW.INCORRECT_DATA);
  const index = reference[0] - 1;
  if (index !== 1 && index !== 2) fail(SW.REFERENCED_DATA_NOT_FOUND);
  if (p2 === P2_AUTHENTICATION) session.authenticationKey = index;
  else session.decryptionKey = index;
  return NO_BYTES;
}

function keyAt(session: OpenPgpSession, index: number): CardKey {
  return session.memory.state.keys[index].key ??
    fail(SW.REFERENCED_DATA_NOT_FOUND);
}
