/**
 * RDF_CARD_POWER of a reader that moves single characters: resets with their ATR, and power-down.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  MAXIMUM_ATR_LENGTH,
  parametersInForce,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_SWALLOWED,
  SCARD_WARM_RESET,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../smclib/mod.ts";
import { atrLengthSoFar } from "./atr_length.ts";
import type { LinkSettings } from "./card_link.ts";
import { type ContactSlot, isGone } from "./contact_slot.ts";

/** Longest wait between two characters of ATR or PPS: 9600 etu of 372 clocks. */
const INITIAL_WAIT_ETU = 9600;

/** The same in microseconds, at the clock of a reset. */
export function initialWaitMicroseconds(ext: SmartcardExtension): number {
  const clockKhz = ext.readerCapabilities.clkFrequency.default;
  return INITIAL_WAIT_ETU * 372 * 1000 / clockKhz;
}

/** Receives an ATR into `smartcardReply`, character by character as it announces them. @returns its length */
function receiveAtr(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  const { buffer } = ext.smartcardReply;
  const waitEach = initialWaitMicroseconds(ext);
  const more = (count: number): MaybePromise<number> => {
    const length = Math.min(atrLengthSoFar(buffer, count), MAXIMUM_ATR_LENGTH);
    // What follows at once belongs to it, too: it shows an overlong one.
    const wanted = Math.max(
      length - count,
      Math.min(slot.link.available, MAXIMUM_ATR_LENGTH + 1 - count),
    );
    if (wanted <= 0) return count;
    return chain(
      slot.link.receive(buffer, count, wanted, wanted * waitEach, waitEach),
      (came) => came === 0 ? count : more(count + came),
    );
  };
  return more(0);
}

/** Resets the card and evaluates its ATR. @returns an NTSTATUS */
export function resetCard(
  ext: SmartcardExtension,
  slot: ContactSlot,
  generation: number,
  kind: "cold" | "warm",
): MaybePromise<number> {
  if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
  const { atr } = ext.cardCapabilities;
  const { buffer } = ext.smartcardReply;
  const { link } = slot;
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  const evaluate = (count: number): MaybePromise<number> => {
    if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
    if (count === 0) return STATUS_IO_TIMEOUT;
    if (count > MAXIMUM_ATR_LENGTH) return STATUS_UNRECOGNIZED_MEDIA;
    for (let i = 0; i < count; i++) atr.buffer[i] = buffer[i];
    atr.length = count;
    const status = SmartcardUpdateCardCapabilities(ext);
    if (status !== STATUS_SUCCESS || link.configure === undefined) {
      return status;
    }
    return chain(
      link.configure(settingsAfterReset(ext)),
      () => isGone(ext, slot, generation) ? STATUS_NO_MEDIA : status,
    );
  };
  const powerOff = kind === "cold" ? link.powerOff() : undefined;
  return chain(
    chain(powerOff, () => link.reset(kind)),
    () => chain(receiveAtr(ext, slot), evaluate),
  );
}

/** What the ATR alone fixes: the speed of specific mode, and the guard time. */
function settingsAfterReset(ext: SmartcardExtension): LinkSettings {
  const { gt, ptsData } = ext.cardCapabilities;
  return {
    ...parametersInForce(ext),
    bitsPerSecond: 0,
    guardTimeMicroseconds: gt,
    stopBits: ptsData.stopBits,
  };
}

/** RDF_CARD_POWER. */
export function cardPower(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  const { ioRequest, minorIoControlCode } = ext;
  const wasPowered = ext.readerCapabilities.currentState > SCARD_SWALLOWED;
  if (minorIoControlCode === SCARD_POWER_DOWN) {
    const { generation } = slot;
    return chain(slot.link.powerOff(), () => {
      if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
      ext.readerCapabilities.currentState = SCARD_PRESENT;
      return STATUS_SUCCESS;
    });
  }
  const kind = minorIoControlCode === SCARD_WARM_RESET && wasPowered
    ? "warm"
    : "cold";
  return chain(resetCard(ext, slot, slot.generation, kind), (status) => {
    if (status !== STATUS_SUCCESS) return status;
    const { atr } = ext.cardCapabilities;
    if (ioRequest.replyBufferLength < atr.length) {
      return STATUS_BUFFER_TOO_SMALL;
    }
    for (let i = 0; i < atr.length; i++) {
      ioRequest.replyBuffer[i] = atr.buffer[i];
    }
    ioRequest.information = atr.length;
    return STATUS_SUCCESS;
  });
}
