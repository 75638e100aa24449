/**
 * VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (specification 3.4, 7.2.2 to 7.2.4).
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { isPassword, passwordOf, setPassword } from "./passwords.ts";
import type { OpenPgpSession, PasswordReference } from "./session.ts";
import { SW } from "./status_words.ts";

const P1_FORGET = 0xff;
const P1_WITH_RESET_CODE = 0x00;
const P1_AS_ADMINISTRATOR = 0x02;

/** Compares PW1 or PW3; without data tells the tries left; with P1 = FF forgets that it was right. */
export function verify(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  const reference = referenceOf(p2);
  if (p1 === P1_FORGET) {
    if (data.length > 0) fail(SW.WRONG_LENGTH);
    session.setVerified(reference, false);
    return NO_BYTES;
  }
  if (p1 !== 0) fail(SW.WRONG_PARAMETERS);
  const name = passwordOf(reference);
  if (data.length > 0) {
    session.setVerified(reference, false);
    if (!isPassword(session.memory, name, data)) {
      fail(SW.SECURITY_STATUS_NOT_SATISFIED);
    }
    session.setVerified(reference, true);
  } else if (!session.isVerified(reference)) {
    const { triesLeft } = session.memory.state.passwords[name];
    if (triesLeft === 0) fail(SW.AUTHENTICATION_METHOD_BLOCKED);
    fail(SW.NOT_VERIFIED | triesLeft);
  }
  return NO_BYTES;
}

/** The old password and the new one, without anything between: the card knows where the old one ends. */
export function changeReferenceData(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p1 !== 0) fail(SW.WRONG_PARAMETERS);
  if (p2 !== 0x81 && p2 !== 0x83) fail(SW.REFERENCED_DATA_NOT_FOUND);
  if (data.length === 0) fail(SW.WRONG_LENGTH);
  const name = passwordOf(p2);
  const { length } = session.memory.state.passwords[name].value;
  if (!isPassword(session.memory, name, data.subarray(0, length))) {
    session.setVerified(p2, false);
    if (p2 === 0x81) session.setVerified(0x82, false);
    fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  }
  setPassword(session.memory, name, data.subarray(length));
  return NO_BYTES;
}

/** A new PW1, given by who knows the resetting code, which goes first, or has verified PW3. */
export function resetRetryCounter(
  session: OpenPgpSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p1 !== P1_WITH_RESET_CODE && p1 !== P1_AS_ADMINISTRATOR) {
    fail(SW.WRONG_PARAMETERS);
  }
  if (p2 !== 0x81) fail(SW.REFERENCED_DATA_NOT_FOUND);
  if (data.length === 0) fail(SW.WRONG_LENGTH);
  const { memory } = session;
  let start = 0;
  if (p1 === P1_AS_ADMINISTRATOR) session.require(0x83);
  else {
    start = memory.state.passwords.resetCode.value.length;
    if (!isPassword(memory, "resetCode", data.subarray(0, start))) {
      fail(SW.SECURITY_STATUS_NOT_SATISFIED);
    }
  }
  setPassword(memory, "pw1", data.subarray(start));
  session.setVerified(0x81, false);
  session.setVerified(0x82, false);
  return NO_BYTES;
}

function referenceOf(p2: number): PasswordReference {
  if (p2 === 0x81 || p2 === 0x82 || p2 === 0x83) return p2;
  return fail(SW.REFERENCED_DATA_NOT_FOUND);
}
