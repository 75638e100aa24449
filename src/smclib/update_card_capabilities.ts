/**
 * SmartcardUpdateCardCapabilities: from an answer to reset to protocols, times and reader state.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { type Atr, effectiveParameters, parseAtr } from "../core/mod.ts";
import { applyTimes } from "./card_times.ts";
import { SmartcardDebug } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { resetT1 } from "./initialize.ts";
import { SmartcardInvertData } from "./invert.ts";
import { updatePtsData } from "./pts.ts";
import {
  DEBUG_ATR,
  MAXIMUM_ATR_LENGTH,
  T1_CRC_CHECK,
  T1_INIT,
} from "./smclib_constants.ts";
import { STATUS_SUCCESS, STATUS_UNRECOGNIZED_MEDIA } from "./status.ts";
import {
  SCARD_NEGOTIABLE,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_SPECIFIC,
} from "./winsmcrd.ts";

/** TS of an inverse-convention card as a direct-convention receiver reads it. */
const UNCONVERTED_INVERSE_TS = 0x03;
const DEFAULT_TA1 = 0x11;
/** The bit of T0 that announces TB1. */
const TB1_PRESENT = 0x20;
/**
 * SmartcardUpdateCardCapabilities: evaluates `cardCapabilities.atr` and sets everything else of
 * `cardCapabilities`, the state of the reader and the selected protocol in one synchronous step.
 * An ATR read in the wrong convention is converted in place.
 *
 * @returns STATUS_SUCCESS, or STATUS_UNRECOGNIZED_MEDIA, which changes nothing: TS is neither 3B nor 3F,
 * announced bytes are missing, F or D is reserved, TCK is wrong, or TD1 names T=15, which is no protocol
 */
export function SmartcardUpdateCardCapabilities(
  ext: SmartcardExtension,
): number {
  const card = ext.cardCapabilities;
  const bytes = card.atr.buffer.slice(0, card.atr.length);
  const isInverted = bytes[0] === UNCONVERTED_INVERSE_TS;
  if (isInverted) SmartcardInvertData(bytes, bytes.length);
  // No ATR is longer; bytes behind the announced ones are ignored.
  const atr = parseAtr(bytes.subarray(0, MAXIMUM_ATR_LENGTH));
  const isRecognized = atr.valid && atr.fi !== 0 && atr.di !== 0;
  SmartcardDebug(
    DEBUG_ATR,
    () =>
      `ATR ${toHex(atr.raw)} ${isRecognized ? "accepted" : "refused"}: ${
        atr.problems.join(", ") || "flawless"
      }`,
  );
  if (!isRecognized) return STATUS_UNRECOGNIZED_MEDIA;
  card.atr.buffer.set(bytes);
  card.inversConvention ||= isInverted;
  applyInterfaceBytes(ext, atr);
  applySelection(ext, atr);
  // A session under way keeps its numbers, and the IFSC that the card announced.
  if (ext.t1.state === T1_INIT) resetT1(ext, ext.t1.nad);
  updatePtsData(ext);
  const isExplicit = atr.specific?.implicitParameters === false;
  applyTimes(
    ext,
    isExplicit ? atr.fi : 372,
    isExplicit ? atr.di : 1,
    ext.readerCapabilities.clkFrequency.default,
  );
  return STATUS_SUCCESS;
}

/** What the interface and historical bytes say, reserved values replaced by what they count as. */
function applyInterfaceBytes(ext: SmartcardExtension, atr: Atr): void {
  const card = ext.cardCapabilities;
  const { wi, ifscBytes, bwi, cwi, edc } = effectiveParameters(atr);
  card.fl = atr.fiIndex;
  card.dl = atr.diIndex;
  card.n = atr.n;
  const hasTb1 = (atr.raw[1] & TB1_PRESENT) !== 0;
  card.ii = hasTb1 && atr.vpp !== null ? atr.vpp.ii : 1;
  card.p = atr.vpp?.pi2 ?? (hasTb1 && atr.vpp !== null ? 10 * atr.vpp.pi1 : 50);
  card.t0.wi = wi;
  card.t1.ifsc = ifscBytes;
  card.t1.bwi = bwi;
  card.t1.cwi = cwi;
  card.t1.edc = edc === "CRC" ? T1_CRC_CHECK : 0;
  card.historicalChars.buffer.fill(0);
  card.historicalChars.buffer.set(atr.historical);
  card.historicalChars.length = atr.historical.length;
  ext.library.hasT15 = atr.hasT15;
}

/** Protocols, and what the ATR leaves to negotiate. */
function applySelection(ext: SmartcardExtension, atr: Atr): void {
  const { protocol } = ext.cardCapabilities;
  const { readerCapabilities: reader, library } = ext;
  const named = atr.specific === null ? atr.protocols : [atr.specific.protocol];
  const offered = named.reduce((mask, t) => mask | protocolBit(t), 0);
  library.atrProtocols = offered;
  protocol.supported = offered |
    (reader.supportedProtocols & SCARD_PROTOCOL_RAW);
  // One protocol and one set of parameters: nothing to negotiate.
  const isFixed = atr.specific !== null ||
    (named.length === 1 && (!atr.hasTa1 || atr.raw[2] === DEFAULT_TA1));
  const selected = isFixed ? offered : SCARD_PROTOCOL_UNDEFINED;
  protocol.selected = selected;
  reader.currentState = selected === SCARD_PROTOCOL_UNDEFINED
    ? SCARD_NEGOTIABLE
    : SCARD_SPECIFIC;
}

function protocolBit(t: number): number {
  if (t === 0) return SCARD_PROTOCOL_T0;
  return t === 1 ? SCARD_PROTOCOL_T1 : 0;
}
