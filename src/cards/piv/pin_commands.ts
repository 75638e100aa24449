/**
 * VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-4 Part 2, 3.2.1 to 3.2.3).
 *
 * @module
 */
import { chain, equalBytes, type MaybePromise, NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { PIN_REFERENCE, PUK_REFERENCE } from "./key_references.ts";
import type { PivSession } from "./session.ts";
import { isPin, type PivSecret, SECRET_BYTES } from "./state.ts";
import { SW } from "./status_words.ts";

/** P1 of VERIFY: compare or ask, and give up the status. */
const COMPARE = 0x00;
const GIVE_UP = 0xff;

type SecretName = "pin" | "puk";

/** Compares the PIN. Without data: 9000 when it is verified, else the counter. P1 = FF ends the verification. */
export function verify(
  session: PivSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if (p1 !== COMPARE && p1 !== GIVE_UP) fail(SW.INCORRECT_P1_P2);
  if (p2 !== PIN_REFERENCE) fail(SW.REFERENCE_NOT_FOUND);
  if (p1 === GIVE_UP) {
    if (data.length !== 0) fail(SW.INCORRECT_DATA);
    session.pinUnverified();
    return NO_BYTES;
  }
  if (data.length === 0) {
    if (session.isPinVerified) return NO_BYTES;
    return fail(counterStatus(session.memory.state.pin));
  }
  requireTries(session, "pin");
  if (!isPin(data)) fail(SW.INCORRECT_DATA);
  return chain(present(session, "pin", data), () => {
    session.pinVerified();
    return NO_BYTES;
  });
}

/** Old and new PIN, or old and new PUK, eight bytes each. */
export function changeReferenceData(
  session: PivSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if (p1 !== 0) fail(SW.INCORRECT_P1_P2);
  const name = p2 === PIN_REFERENCE
    ? "pin"
    : p2 === PUK_REFERENCE
    ? "puk"
    : fail(SW.REFERENCE_NOT_FOUND);
  requireTries(session, name);
  const [old, next] = halves(data);
  if (name === "pin" && !(isPin(old) && isPin(next))) fail(SW.INCORRECT_DATA);
  return chain(present(session, name, old, next), () => {
    if (name === "pin") session.pinChanged();
    return NO_BYTES;
  });
}

/** PUK and new PIN, eight bytes each. The PIN's security status stays as it is. */
export function resetRetryCounter(
  session: PivSession,
  { p1, p2, data }: CardCommand,
): MaybePromise<Uint8Array> {
  if (p1 !== 0) fail(SW.INCORRECT_P1_P2);
  if (p2 !== PIN_REFERENCE) fail(SW.REFERENCE_NOT_FOUND);
  requireTries(session, "puk");
  const [puk, pin] = halves(data);
  if (!isPin(pin)) fail(SW.INCORRECT_DATA);
  return chain(present(session, "puk", puk), () => {
    const { memory } = session;
    return chain(
      memory.commit({ pin: renewed(memory.state.pin, pin) }),
      () => NO_BYTES,
    );
  });
}

/** Compares with a secret that has tries left, and counts; when it is right, `next` may replace it. */
function present(
  session: PivSession,
  name: SecretName,
  given: Uint8Array,
  next?: Uint8Array,
): MaybePromise<void> {
  const { memory } = session;
  const secret = memory.state[name];
  if (!equalBytes(given, secret.value)) {
    if (name === "pin") session.pinUnverified();
    const counted = { ...secret, triesLeft: secret.triesLeft - 1 };
    return chain(
      memory.commitForGood({ [name]: counted }),
      () => fail(SW.TRIES_LEFT | counted.triesLeft),
    );
  }
  const isAsBefore = next === undefined && secret.triesLeft === secret.tries;
  if (isAsBefore) return;
  return memory.commit({ [name]: renewed(secret, next ?? secret.value) });
}

function renewed({ tries }: PivSecret, value: Uint8Array): PivSecret {
  return { value: value.slice(), tries, triesLeft: tries };
}

function requireTries(session: PivSession, name: SecretName): void {
  if (session.memory.state[name].triesLeft === 0) {
    fail(SW.AUTHENTICATION_METHOD_BLOCKED);
  }
}

function counterStatus({ triesLeft }: PivSecret): number {
  return triesLeft === 0
    ? SW.AUTHENTICATION_METHOD_BLOCKED
    : SW.TRIES_LEFT | triesLeft;
}

function halves(data: Uint8Array): [Uint8Array, Uint8Array] {
  if (data.length !== 2 * SECRET_BYTES) fail(SW.INCORRECT_DATA);
  return [data.subarray(0, SECRET_BYTES), data.subarray(SECRET_BYTES)];
}
