/**
 * SELECT, GET DATA and its kin, GET CHALLENGE, and the end of a card's life (specification 3.4, 7.2).
 *
 * @module
 */

import { equalBytes, NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import {
  LONGEST_CHALLENGE_BYTES,
  OPENPGP_RID_PIX,
  openPgpAid,
  readObject,
} from "./data_objects.ts";
import type { OpenPgpSession } from "./session.ts";
import { SLOTS } from "./slots.ts";
import { SW } from "./status_words.ts";
import { findObject, readObjects } from "./tlv.ts";

const P1_BY_NAME = 0x04;
/** P2 of SELECT: the only application, whether FCI is wanted or not. */
const SELECT_P2 = [0x00, 0x0c];
const P2_SELECT_DATA = 0x04;
const TAG_CERTIFICATE = 0x7f21;
/** General reference, with a tag list in it (7.2.5). */
const TAG_REFERENCE = 0x60;
const TAG_TAG_LIST = 0x5c;
const CERTIFICATE_TAGS = Uint8Array.of(0x7f, 0x21);

/** Selects the application by the first bytes of its name. */
export function select(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p1 !== P1_BY_NAME || !SELECT_P2.includes(p2)) fail(SW.FILE_NOT_FOUND);
  const { state } = session.memory;
  const isOurs = data.length >= OPENPGP_RID_PIX.length &&
    equalBytes(data, openPgpAid(state).subarray(0, data.length));
  if (!isOurs) fail(SW.FILE_NOT_FOUND);
  session.select();
  if (state.isTerminated) fail(SW.TERMINATED);
  return NO_BYTES;
}

/** GET DATA. */
export function getData(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (data.length > 0) fail(SW.WRONG_LENGTH);
  return readObject(session, p1 << 8 | p2) ??
    fail(SW.REFERENCED_DATA_NOT_FOUND);
}

/** GET NEXT DATA: the certificate after the one read or selected last. */
export function getNextData(
  session: OpenPgpSession,
  command: CardCommand,
): Uint8Array {
  const isCertificate = (command.p1 << 8 | command.p2) === TAG_CERTIFICATE;
  if (!isCertificate || session.certificate + 1 >= SLOTS.length) {
    fail(SW.REFERENCED_DATA_NOT_FOUND);
  }
  if (command.data.length > 0) fail(SW.WRONG_LENGTH);
  session.certificate++;
  return getData(session, command);
}

/** SELECT DATA: which of the certificates is meant from now on; P1 counts from 0. */
export function selectData(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p2 !== P2_SELECT_DATA) fail(SW.WRONG_PARAMETERS);
  const reference = findObject(readObjects(data) ?? [], TAG_REFERENCE);
  if (reference === null) return fail(SW.INCORRECT_DATA);
  const tags = findObject(readObjects(reference) ?? [], TAG_TAG_LIST);
  if (tags === null) return fail(SW.INCORRECT_DATA);
  if (!equalBytes(tags, CERTIFICATE_TAGS) || p1 >= SLOTS.length) {
    fail(SW.REFERENCED_DATA_NOT_FOUND);
  }
  session.certificate = p1;
  return NO_BYTES;
}

/** GET CHALLENGE: random bytes. */
export function getChallenge(
  session: OpenPgpSession,
  { p1, p2, data, ne, wantsAll }: CardCommand,
): Uint8Array {
  if (p1 !== 0 || p2 !== 0) fail(SW.WRONG_PARAMETERS);
  if (data.length > 0 || ne === 0) fail(SW.WRONG_LENGTH);
  if (ne > LONGEST_CHALLENGE_BYTES && !wantsAll) fail(SW.WRONG_LENGTH);
  return session.random(Math.min(ne, LONGEST_CHALLENGE_BYTES));
}

/** TERMINATE DF: for who has verified PW3, or has made all its tries. */
export function terminateDf(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  checkPlain(p1, p2, data);
  if (session.memory.state.passwords.pw3.triesLeft > 0) session.require(0x83);
  session.memory.edit().isTerminated = true;
  session.forgetPasswords();
  return NO_BYTES;
}

/** ACTIVATE FILE: a terminated card becomes a new one; one in use stays as it is. */
export function activateFile(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  checkPlain(p1, p2, data);
  if (session.memory.state.isTerminated) {
    session.memory.renew();
    session.forgetPasswords();
    session.select();
  }
  return NO_BYTES;
}

function checkPlain(p1: number, p2: number, data: Uint8Array): void {
  if (p1 !== 0 || p2 !== 0) fail(SW.WRONG_PARAMETERS);
  if (data.length > 0) fail(SW.WRONG_LENGTH);
}
