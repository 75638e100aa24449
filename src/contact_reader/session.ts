/**
 * RDF_CARD_POWER and RDF_SET_PROTOCOL of the virtual reader.
 *
 * @module
 */

import { chain, type MaybePromise, writeU32le } from "../bytes.ts";
import {
  bitRateAdjustment,
  clockRateConversion,
  MAXIMUM_ATR_LENGTH,
  parametersInForce,
  PTS_TYPE_DEFAULT,
  PtsReply,
  PtsRequest,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
  SCARD_WARM_RESET,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../smclib/mod.ts";
import { atrLengthSoFar } from "./atr_length.ts";
import type { LinkSettings } from "./card_link.ts";
import {
  type ContactSlot,
  isGone,
  receiveReply,
  sendRequest,
} from "./contact_slot.ts";

/** Longest wait between two characters of ATR or PPS: 9600 etu of 372 clocks. */
const INITIAL_WAIT_ETU = 9600;

function initialWaitMicroseconds(ext: SmartcardExtension): number {
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

/** Resets the card and evaluates its ATR. */
function resetCard(
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

/** What PPS settled. The guard time is in the new etu. */
function settingsAfterPps(ext: SmartcardExtension): LinkSettings {
  const { gt, ptsData } = ext.cardCapabilities;
  const before = parametersInForce(ext);
  const { f } = clockRateConversion[ptsData.fl];
  const { dNumerator: d } = bitRateAdjustment[ptsData.dl];
  const ratio = f * before.d * before.clockKhz /
    (before.f * d * (ptsData.clkFrequency || before.clockKhz || 1));
  return {
    f,
    d,
    clockKhz: ptsData.clkFrequency,
    bitsPerSecond: ptsData.dataRate,
    guardTimeMicroseconds: Math.ceil(gt * (ratio || 1)),
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

/** T of TD1, the first offered protocol (ISO/IEC 7816-3 8.2.3). */
function firstOffered(ext: SmartcardExtension): number {
  const { buffer } = ext.cardCapabilities.atr;
  const present = buffer[1] >> 4;
  if ((present & 8) === 0) return 0;
  const td1 = 2 + (present & 1) + (present >> 1 & 1) + (present >> 2 & 1);
  return buffer[td1] & 0x0f;
}

/** PPS, where it changes anything (ISO/IEC 7816-3 6.3). */
function negotiate(
  ext: SmartcardExtension,
  slot: ContactSlot,
  generation: number,
  protocol: 0 | 1,
): MaybePromise<number> {
  const { ptsData } = ext.cardCapabilities;
  const keepsSpeed = ptsData.fl === 1 && ptsData.dl === 1;
  if (keepsSpeed && firstOffered(ext) === protocol) return STATUS_SUCCESS;
  ext.smartcardRequest.bufferLength = 0;
  const status = PtsRequest(ext, protocol);
  if (status !== STATUS_SUCCESS) return status;
  ext.smartcardReply.bufferLength = 0;
  const collect = (): MaybePromise<number> => {
    const before = ext.smartcardReply.bufferLength;
    const wait = initialWaitMicroseconds(ext);
    const wanted = ext.ptsWanted;
    return chain(
      receiveReply(ext, slot, before, wanted, wanted * wait, wait),
      () => {
        if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
        // Nothing more came: an incomplete response counts as silence.
        if (ext.smartcardReply.bufferLength === before) {
          ext.smartcardReply.bufferLength = 0;
        }
        const status = PtsReply(ext);
        if (status === STATUS_MORE_PROCESSING_REQUIRED) return collect();
        if (status !== STATUS_SUCCESS) return status;
        return chain(
          slot.link.configure?.(settingsAfterPps(ext)),
          () => isGone(ext, slot, generation) ? STATUS_NO_MEDIA : status,
        );
      },
    );
  };
  return chain(sendRequest(ext, slot.link), collect);
}

/** Resets after a PPS that failed and tries once more, asking for nothing but the protocol. */
function fallBack(
  ext: SmartcardExtension,
  slot: ContactSlot,
  generation: number,
  protocol: 0 | 1,
): MaybePromise<number> {
  return chain(resetCard(ext, slot, generation, "cold"), (status) => {
    // The card may go while a reset that succeeded is on its way here.
    if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
    if (status !== STATUS_SUCCESS) return status;
    ext.cardCapabilities.ptsData.type = PTS_TYPE_DEFAULT;
    const updated = SmartcardUpdateCardCapabilities(ext);
    return updated === STATUS_SUCCESS
      ? negotiate(ext, slot, generation, protocol)
      : updated;
  });
}

/** RDF_SET_PROTOCOL. */
export function setProtocol(
  ext: SmartcardExtension,
  slot: ContactSlot,
): MaybePromise<number> {
  const { ioRequest, readerCapabilities, cardCapabilities } = ext;
  const { protocol } = cardCapabilities;
  const report = (selected: number): void => {
    protocol.selected = selected;
    writeU32le(ioRequest.replyBuffer, 0, selected);
    ioRequest.information = 4;
  };
  const possible = ext.minorIoControlCode & protocol.supported;
  if (readerCapabilities.currentState === SCARD_SPECIFIC) {
    report(protocol.selected);
    return STATUS_SUCCESS;
  }
  // T=1 is preferred where both would do.
  const selected = (possible & SCARD_PROTOCOL_T1) !== 0
    ? SCARD_PROTOCOL_T1
    : possible & SCARD_PROTOCOL_T0;
  if (selected === 0) return STATUS_INVALID_DEVICE_REQUEST;
  const t = selected === SCARD_PROTOCOL_T1 ? 1 : 0;
  const { generation } = slot;
  return chain(
    chain(
      negotiate(ext, slot, generation, t),
      (status) =>
        status === STATUS_SUCCESS || status === STATUS_NO_MEDIA
          ? status
          : fallBack(ext, slot, generation, t),
    ),
    (status) => {
      // Whoever took the card out has set the state: it is not to be overwritten.
      if (isGone(ext, slot, generation)) return STATUS_NO_MEDIA;
      if (status === STATUS_SUCCESS) {
        readerCapabilities.currentState = SCARD_SPECIFIC;
        report(selected);
      } else {
        report(SCARD_PROTOCOL_UNDEFINED);
      }
      return status;
    },
  );
}
