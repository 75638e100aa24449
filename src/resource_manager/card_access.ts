/**
 * What connecting, resetting and giving back do to the card. Everything here runs
 * inside a section of `ReaderIo.run`.
 *
 * @module
 */

import { hex32 } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_EJECT,
  ntSuccess,
  SCARD_COLD_RESET,
  SCARD_POWER_DOWN,
  SCARD_PROTOCOL_DEFAULT,
  SCARD_WARM_RESET,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "../smclib/mod.ts";
import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_RESET_CARD,
} from "./constants.ts";
import type { CardAnswer, CardGrip } from "./card_slot.ts";
import { ResourceManagerError } from "./errors.ts";
import { deviceError, scardNameOfStatus } from "./nt_status.ts";
import type { Reader } from "./reader.ts";
import type { ShareMode } from "./sharing.ts";

/** How to open a card. */
export interface CardRequest {
  /** For messages: `connect to "Reader 0"`. */
  readonly attempt: string;
  /** A direct connection is content with a reader alone. */
  readonly shareMode: ShareMode;
  /** SCARD_PROTOCOL_* bits that are welcome; 0 negotiates nothing. */
  readonly protocols: number;
  /** SCARD_LEAVE_CARD, SCARD_RESET_CARD (warm) or SCARD_UNPOWER_CARD (cold). */
  readonly initialization: number;
  /** Whether the card may be reset when another protocol is in force. */
  readonly mayReset: boolean;
}

/** A card that is ready for a connection. */
export interface OpenedCard {
  /** SCARD_PROTOCOL_* bit in force for the connection, 0 for none. */
  readonly protocol: number;
  /** The card that was asked; null when a direct connection found none. */
  readonly grip: CardGrip | null;
}

/**
 * Powers the card if need be and negotiates a protocol.
 *
 * @throws {ResourceManagerError} SCARD_E_NO_SMARTCARD, SCARD_E_PROTO_MISMATCH, SCARD_W_UNRESPONSIVE_CARD, ...
 */
export async function openCard(
  reader: Reader,
  request: CardRequest,
): Promise<OpenedCard> {
  const { attempt, protocols } = request;
  const direct = request.shareMode === "direct";
  const { slot } = reader;
  reader.assertUsable(attempt);
  reader.notice();
  let { grip } = slot;
  if (grip === null) {
    if (direct) return { protocol: 0, grip };
    throw noSmartcard(attempt);
  }
  const lifeless = slot.fresh || slot.mute || !slot.powered;
  let action: number | null = null;
  if (request.initialization !== SCARD_LEAVE_CARD) {
    action = request.initialization === SCARD_RESET_CARD && !lifeless
      ? SCARD_WARM_RESET
      : SCARD_COLD_RESET;
  } else if (lifeless && !(direct && protocols === 0)) {
    action = SCARD_COLD_RESET;
  }
  if (action !== null) {
    const answer = await slot.power(action);
    if (!ntSuccess(answer.status)) {
      await reader.confirmCard(answer.status);
      if (direct && !reader.removed) return { protocol: 0, grip: slot.grip };
      throw powerError(reader, answer.status, attempt);
    }
    grip = answer.grip;
  }
  return protocols === 0
    ? { protocol: 0, grip }
    : await negotiate(reader, grip.session, request);
}

async function negotiate(
  reader: Reader,
  session: number,
  { attempt, protocols, mayReset }: CardRequest,
): Promise<OpenedCard> {
  const { slot } = reader;
  const select = () => slot.setProtocol(protocols, undefined, session);
  let answer = await select();
  if (answer.status === STATUS_INVALID_DEVICE_STATE && mayReset) {
    answer = await slot.power(SCARD_WARM_RESET, undefined, session);
    if (ntSuccess(answer.status)) answer = await select();
  }
  const { status, protocol: selected, grip } = answer;
  if (!ntSuccess(status)) {
    await reader.confirmCard(status);
    throw deviceError(
      status,
      "protocol",
      `${attempt} with protocols ${hex32(protocols)}`,
      reader.io.failure,
    );
  }
  const welcome = (protocols & ~SCARD_PROTOCOL_DEFAULT) >>> 0;
  // Never silently another one: exactly one bit, and one that was asked for.
  if ((selected & (selected - 1)) !== 0 || (selected & welcome) === 0) {
    throw new ResourceManagerError(
      "SCARD_E_PROTO_MISMATCH",
      `Cannot ${attempt}: the reader selected protocol ${
        hex32(selected)
      }, expected one of ${hex32(welcome)}`,
    );
  }
  return { protocol: selected, grip };
}

/** Resets the card in the mildest way that it understands. */
export async function resetCard(reader: Reader): Promise<CardAnswer> {
  const { slot } = reader;
  const answer = await slot.power(
    slot.powered ? SCARD_WARM_RESET : SCARD_COLD_RESET,
  );
  if (!ntSuccess(answer.status)) await reader.confirmCard(answer.status);
  return answer;
}

/**
 * Does to the card what a connection or transaction ends with.
 *
 * @param disposition SCARD_LEAVE_CARD ... SCARD_EJECT_CARD; a reader that cannot eject powers down
 * @returns NTSTATUS
 */
export async function applyDisposition(
  reader: Reader,
  disposition: number,
): Promise<number> {
  const { slot, io } = reader;
  if (disposition === SCARD_LEAVE_CARD) return STATUS_SUCCESS;
  if (!slot.present) return STATUS_NO_MEDIA;
  if (disposition === SCARD_RESET_CARD) return (await resetCard(reader)).status;
  const { status } = await slot.power(SCARD_POWER_DOWN);
  if (!ntSuccess(status)) {
    await reader.confirmCard(status);
    return status;
  }
  if (disposition !== SCARD_EJECT_CARD) return status;
  const ejected = await io.request(IOCTL_SMARTCARD_EJECT, 0, 0);
  const cannot = ejected === STATUS_NOT_SUPPORTED ||
    ejected === STATUS_INVALID_DEVICE_REQUEST;
  return cannot ? STATUS_SUCCESS : ejected;
}

/**
 * SCARD_E_NO_SMARTCARD for something that needs a card.
 *
 * @param found for the message: what became of the card
 */
export function noSmartcard(
  attempt: string,
  found = "no card in the reader",
): ResourceManagerError {
  return new ResourceManagerError(
    "SCARD_E_NO_SMARTCARD",
    `Cannot ${attempt}: ${found}, expected one`,
  );
}

function powerError(
  reader: Reader,
  status: number,
  attempt: string,
): ResourceManagerError {
  reader.assertUsable(attempt);
  if (scardNameOfStatus(status, "power") !== "SCARD_W_UNRESPONSIVE_CARD") {
    return deviceError(status, "power", attempt, reader.io.failure);
  }
  return new ResourceManagerError(
    reader.profile.muteCard,
    `Cannot ${attempt}: the card does not answer a reset, expected an ATR`,
    { status },
  );
}
