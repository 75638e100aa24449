/**
 * The data objects that PUT DATA writes, and who may (specification 3.4, 4.4.1 and 7.2.8).
 *
 * @module
 */

import { chain, equalBytes, type MaybePromise, NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { readAttributes } from "./algorithms.ts";
import {
  LONGEST_CERTIFICATE_BYTES,
  LONGEST_SPECIAL_BYTES,
} from "./data_objects.ts";
import { importKey, readKeyImport } from "./key_import.ts";
import { LONGEST_PASSWORD_BYTES, setPassword } from "./passwords.ts";
import type { OpenPgpSession, PasswordReference } from "./session.ts";
import { type OpenPgpSlot, SLOTS } from "./slots.ts";
import { setKey } from "./key_commands.ts";
import { SW } from "./status_words.ts";

/** Who may write an object, how long it may be, and where it goes. */
interface WritableObject {
  readonly access: PasswordReference;
  readonly shortest: number;
  readonly longest: number;
  put(session: OpenPgpSession, value: Uint8Array, tag: number): void;
}

const TAG_ODD = 0x3fff;
const NAME_BYTES = 39;
const LANGUAGES_BYTES = 8;
const FINGERPRINT_BYTES = 20;
const TIME_BYTES = 4;
const LONGEST_ATTRIBUTES_BYTES = 16;
const SHORTEST_RESET_CODE = 8;
/** ISO/IEC 5218: not known, male, female, not applicable. */
const SEXES = [0x30, 0x31, 0x32, 0x39];

const OBJECTS: ReadonlyMap<number, WritableObject> = new Map([
  [0x5b, object(0, NAME_BYTES, keep)],
  [0x5e, object(0, LONGEST_SPECIAL_BYTES, keep)],
  [0x5f2d, object(0, LANGUAGES_BYTES, putLanguages)],
  [0x5f35, object(1, 1, putSex)],
  [0x5f50, object(0, LONGEST_SPECIAL_BYTES, keep)],
  [0x0101, object(0, LONGEST_SPECIAL_BYTES, keep, 0x82)],
  [0x0102, object(0, LONGEST_SPECIAL_BYTES, keep)],
  [0x0103, object(0, LONGEST_SPECIAL_BYTES, keep, 0x82)],
  [0x0104, object(0, LONGEST_SPECIAL_BYTES, keep)],
  [0x7f21, object(0, LONGEST_CERTIFICATE_BYTES, putCertificate)],
  [0xc4, object(1, 1, putPasswordStatus)],
  [0xd3, object(0, LONGEST_PASSWORD_BYTES, putResetCode)],
  ...SLOTS.flatMap(ofSlot),
]);

function object(
  shortest: number,
  longest: number,
  put: WritableObject["put"],
  access: PasswordReference = 0x83,
): WritableObject {
  return { access, shortest, longest, put };
}

function ofSlot(slot: OpenPgpSlot): [number, WritableObject][] {
  const { index } = slot;
  return [
    [
      slot.attributesTag,
      object(1, LONGEST_ATTRIBUTES_BYTES, (session, value) => {
        putAttributes(session, slot, value);
      }),
    ],
    [
      slot.fingerprintTag,
      object(FINGERPRINT_BYTES, FINGERPRINT_BYTES, (session, value) => {
        session.editKey(index).fingerprint = value.slice();
      }),
    ],
    [
      slot.caFingerprintTag,
      object(FINGERPRINT_BYTES, FINGERPRINT_BYTES, (session, value) => {
        session.editKey(index).caFingerprint = value.slice();
      }),
    ],
    [
      slot.timeTag,
      object(TIME_BYTES, TIME_BYTES, (session, value) => {
        session.editKey(index).time = value.slice();
      }),
    ],
  ];
}

/** Writes a data object. */
export function putData(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  const tag = p1 << 8 | p2;
  const found = OBJECTS.get(tag) ?? fail(SW.REFERENCED_DATA_NOT_FOUND);
  session.require(found.access);
  if (data.length < found.shortest || data.length > found.longest) {
    fail(SW.WRONG_LENGTH);
  }
  found.put(session, data, tag);
  return NO_BYTES;
}

/** PUT DATA with odd INS: the import of a key. */
export function putDataOdd(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if ((p1 << 8 | p2) !== TAG_ODD) fail(SW.WRONG_PARAMETERS);
  session.require(0x83);
  const { slot, parts } = readKeyImport(data);
  const { attributes } = session.memory.state.keys[slot.index];
  const algorithm = readAttributes(attributes, slot.name) ??
    fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  return chain(importKey(algorithm, parts), (key) => {
    session.requireOngoing();
    setKey(session, slot, key, "imported");
    return NO_BYTES;
  });
}

function keep(session: OpenPgpSession, value: Uint8Array, tag: number): void {
  session.memory.edit().objects.set(tag, value.slice());
}

/** Two letters a language (ISO 639-1). */
function putLanguages(
  session: OpenPgpSession,
  value: Uint8Array,
  tag: number,
): void {
  if (value.length % 2 !== 0) fail(SW.WRONG_LENGTH);
  keep(session, value, tag);
}

function putSex(session: OpenPgpSession, value: Uint8Array, tag: number): void {
  if (!SEXES.includes(value[0])) fail(SW.INCORRECT_DATA);
  keep(session, value, tag);
}

function putCertificate(session: OpenPgpSession, value: Uint8Array): void {
  session.memory.edit().certificates[session.certificate] = value.slice();
}

/** Whether PW1 lasts for many signatures. */
function putPasswordStatus(session: OpenPgpSession, value: Uint8Array): void {
  if (value[0] > 1) fail(SW.INCORRECT_DATA);
  session.memory.edit().isPw1ForMany = value[0] === 1;
}

/** No value: there is no resetting code. */
function putResetCode(session: OpenPgpSession, value: Uint8Array): void {
  if (value.length > 0) {
    if (value.length < SHORTEST_RESET_CODE) fail(SW.WRONG_LENGTH);
    setPassword(session.memory, "resetCode", value);
  } else {
    session.memory.edit().passwords.resetCode = {
      value: NO_BYTES,
      triesLeft: 0,
    };
  }
}

/** Other attributes than before: the key that was there is gone. */
function putAttributes(
  session: OpenPgpSession,
  slot: OpenPgpSlot,
  value: Uint8Array,
): void {
  if (readAttributes(value, slot.name) === null) fail(SW.INCORRECT_DATA);
  const { attributes } = session.memory.state.keys[slot.index];
  if (equalBytes(value, attributes)) return;
  const state = session.editKey(slot.index);
  state.attributes = value.slice();
  state.key = null;
  state.origin = 0;
}
