/**
 * VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER and GET CHALLENGE
 * (ISO/IEC 7816-4 11.6).
 *
 * @module
 */
import type { CardCommand } from "../apdu.ts";
import type { Pin, PinOutcome } from "./pin.ts";
import type { CardSession } from "./session.ts";
import { fail, SW } from "./status_words.ts";

/** Bytes of a challenge when Le leaves the number open. */
const CHALLENGE_BYTES = 8;

/** Compares a PIN. Without data: 9000 when it is verified, else the counter. P1 = FF ends the verification. */
export function verify(session: CardSession, command: CardCommand): Uint8Array {
  const { p1, data } = command;
  if (p1 !== 0x00 && p1 !== 0xff) fail(SW.INCORRECT_P1_P2);
  const { pin, number } = reference(session, command);
  if (p1 === 0xff) {
    if (data.length !== 0) fail(SW.LENGTH_INCONSISTENT_WITH_P1_P2);
    session.setVerified(number, false);
    return session.respond();
  }
  if (data.length === 0) {
    return session.isVerified(number)
      ? session.respond()
      : session.respond(counter(pin));
  }
  const outcome = pin.verify(data);
  session.setVerified(number, outcome === "right");
  check(outcome, pin.triesLeft);
  return session.respond();
}

/** Old and new value one after the other; the card knows the length of the old one. */
export function changeReferenceData(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const { p1, data } = command;
  if (p1 !== 0x00) fail(SW.INCORRECT_P1_P2);
  const { pin, number } = reference(session, command);
  if (pin.triesLeft === 0) fail(SW.AUTHENTICATION_METHOD_BLOCKED);
  if (data.length < pin.length) fail(SW.WRONG_LENGTH);
  const value = data.subarray(pin.length);
  if (!pin.accepts(value)) fail(SW.INCORRECT_DATA);
  const outcome = pin.verify(data.subarray(0, pin.length));
  session.setVerified(number, outcome === "right");
  check(outcome, pin.triesLeft);
  pin.renew(value);
  return session.respond();
}

/** Resetting code and new value (P1 = 00), or the resetting code alone (P1 = 01). */
export function resetRetryCounter(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const { p1, data } = command;
  if (p1 > 0x01) fail(SW.INCORRECT_P1_P2);
  const { pin } = reference(session, command);
  if (pin.pukLength === 0) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  if (pin.pukTriesLeft === 0) fail(SW.AUTHENTICATION_METHOD_BLOCKED);
  if (data.length < pin.pukLength) fail(SW.WRONG_LENGTH);
  const value = data.subarray(pin.pukLength);
  if (p1 === 0x00 ? !pin.accepts(value) : value.length !== 0) {
    fail(p1 === 0x00 ? SW.INCORRECT_DATA : SW.WRONG_LENGTH);
  }
  check(pin.verifyPuk(data.subarray(0, pin.pukLength)), pin.pukTriesLeft);
  pin.renew(p1 === 0x00 ? value : null);
  return session.respond();
}

/** Random bytes: as many as Le says, 8 when it leaves that open. */
export function getChallenge(
  session: CardSession,
  { p1, p2, data, ne, wantsAll }: CardCommand,
): Uint8Array {
  if (p1 !== 0 || p2 !== 0) fail(SW.INCORRECT_P1_P2);
  if (data.length !== 0 || ne === 0) fail(SW.WRONG_LENGTH);
  return session.respondWith(session.random(wantsAll ? CHALLENGE_BYTES : ne));
}

/** The PIN that P2 names: b8 (global or not) makes no difference, no number means PIN 1. */
function reference(
  { memory }: CardSession,
  { p2 }: CardCommand,
): { pin: Pin; number: number } {
  if ((p2 & 0x60) !== 0) fail(SW.INCORRECT_P1_P2);
  const number = (p2 & 0x1f) === 0 ? 1 : p2 & 0x1f;
  const pin = memory.pins.get(number) ?? fail(SW.REFERENCED_DATA_NOT_FOUND);
  return { pin, number };
}

function check(outcome: PinOutcome, triesLeft: number): void {
  if (outcome === "wrong") fail(0x63c0 | triesLeft);
  if (outcome === "blocked") fail(SW.AUTHENTICATION_METHOD_BLOCKED);
}

function counter(pin: Pin): number {
  return pin.triesLeft === 0
    ? SW.AUTHENTICATION_METHOD_BLOCKED
    : 0x63c0 | pin.triesLeft;
}
