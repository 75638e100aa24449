/**
 * RDF_SET_PROTOCOL of a reader that moves single characters: PPS, and a plainer one after a reset.
 *
 * @module
 */

import { chain, type MaybePromise, writeU32le } from "../bytes.ts";
import {
  bitRateAdjustment,
  clockRateConversion,
  parametersInForce,
  PTS_TYPE_DEFAULT,
  PtsReply,
  PtsRequest,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
  type SmartcardExtension,
  SmartcardUpdateCardCapabilities,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../smclib/mod.ts";
import type { LinkSettings } from "./card_link.ts";
import { initialWaitMicroseconds, resetCard } from "./power.ts";
import {
  type ContactSlot,
  isGone,
  receiveReply,
  sendRequest,
} from "./contact_slot.ts";

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
