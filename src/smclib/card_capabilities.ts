/**
 * What a card said in its answer to reset, and the parameters for PTS (SCARD_CARD_CAPABILITIES, PTS_DATA).
 *
 * @module
 */

import {
  MAXIMUM_ATR_LENGTH,
  PTS_TYPE_DEFAULT,
  T1_BWI_DEFAULT,
  T1_CWI_DEFAULT,
  T1_IFSD_DEFAULT,
} from "./smclib_constants.ts";
import {
  type BitRateAdjustment,
  bitRateAdjustment,
  type ClockRateConversion,
  clockRateConversion,
} from "./tables.ts";
import { SCARD_PROTOCOL_UNDEFINED } from "./winsmcrd.ts";

const ATR_BUFFER_BYTES = 64;
const HISTORICAL_BUFFER_BYTES = 16;

/** Parameters for PTS (PTS_DATA), ready when RDF_SET_PROTOCOL is called. */
export class PtsData {
  /** `PtsData.Type`: PTS_TYPE_DEFAULT, _OPTIMAL or _USER, which says how the rest is to be computed. */
  type: number = PTS_TYPE_DEFAULT;
  /** `PtsData.Fl`: index of F; the PTS1 byte is `fl << 4 | dl`. */
  fl = 1;
  /** `PtsData.Dl`: index of D. */
  dl = 1;
  /** `PtsData.CLKFrequency`: clock in kHz to program after PTS. */
  clkFrequency = 0;
  /** `PtsData.DataRate`: data rate in bits per second to program after PTS. */
  dataRate = 0;
  /** `PtsData.StopBits`: stop bits of a character after PTS, 1 or 2. */
  stopBits = 2;
}

/** What the card said (SCARD_CARD_CAPABILITIES); a driver writes `atr` only, and `protocol.selected` in its RDF_SET_PROTOCOL. */
export class CardCapabilities {
  /** `CardCapabilities.InversConvention`: the card uses inverse convention and nobody below converts: call SmartcardInvertData. */
  inversConvention = false;
  /** `CardCapabilities.etu`: elementary time unit in microseconds, rounded up. */
  etu = 0;
  /** `CardCapabilities.ATR` (`Buffer`, `Length`): answer to reset. */
  readonly atr: { readonly buffer: Uint8Array<ArrayBuffer>; length: number } = {
    buffer: new Uint8Array(ATR_BUFFER_BYTES),
    length: 0,
  };
  /** `CardCapabilities.HistoricalChars` (`Buffer`, `Length`): historical bytes of the answer to reset. */
  readonly historicalChars: {
    readonly buffer: Uint8Array<ArrayBuffer>;
    length: number;
  } = { buffer: new Uint8Array(HISTORICAL_BUFFER_BYTES), length: 0 };
  /** `CardCapabilities.ClockRateConversion`: the table of F, indexed by `fl`. */
  readonly clockRateConversion: readonly ClockRateConversion[] =
    clockRateConversion;
  /** `CardCapabilities.BitRateAdjustment`: the table of D, indexed by `dl`. */
  readonly bitRateAdjustment: readonly BitRateAdjustment[] = bitRateAdjustment;
  /** `CardCapabilities.Fl`: index of F, the high nibble of TA1. */
  fl = 1;
  /** `CardCapabilities.Dl`: index of D, the low nibble of TA1. */
  dl = 1;
  /** `CardCapabilities.II`: programming current code of old editions. */
  ii = 1;
  /** `CardCapabilities.P`: programming voltage of old editions in 0.1 V. */
  p = 50;
  /** `CardCapabilities.N`: extra guard time integer. */
  n = 0;
  /** `CardCapabilities.GT`: guard time in microseconds, extra guard time included. */
  gt = 0;
  /** `CardCapabilities.Protocol` (`Supported`, `Selected`): masks of SCARD_PROTOCOL_* that tell what the card offers, and the one bit in use. */
  readonly protocol: { supported: number; selected: number } = {
    supported: SCARD_PROTOCOL_UNDEFINED,
    selected: SCARD_PROTOCOL_UNDEFINED,
  };
  /** `CardCapabilities.T0` (`WI`, `WT`): waiting integer of T=0, and its work waiting time in microseconds. */
  readonly t0: { wi: number; wt: number } = { wi: 10, wt: 0 };
  /** `CardCapabilities.T1` (`IFSC`, `CWI`, `BWI`, `EDC`, `CWT`, `BWT`, `BGT`): of T=1 the IFSC in bytes, waiting integers, `edc` bit 0 (0 LRC, 1 CRC), times in microseconds. */
  readonly t1: {
    ifsc: number;
    cwi: number;
    bwi: number;
    edc: number;
    cwt: number;
    bwt: number;
    bgt: number;
  } = {
    ifsc: T1_IFSD_DEFAULT,
    cwi: T1_CWI_DEFAULT,
    bwi: T1_BWI_DEFAULT,
    edc: 0,
    cwt: 0,
    bwt: 0,
    bgt: 0,
  };
  /** `CardCapabilities.PtsData`: parameters for PTS. */
  readonly ptsData: PtsData = new PtsData();

  /** Forgets everything: zero, and the defaults of ISO/IEC 7816-3 for absent interface bytes. */
  clear(): void {
    this.inversConvention = false;
    this.atr.length = 0;
    this.atr.buffer.fill(0);
    this.historicalChars.length = 0;
    this.historicalChars.buffer.fill(0);
    this.fl = 1;
    this.dl = 1;
    this.ii = 1;
    this.p = 50;
    this.n = 0;
    this.etu = 0;
    this.gt = 0;
    this.protocol.supported = SCARD_PROTOCOL_UNDEFINED;
    this.protocol.selected = SCARD_PROTOCOL_UNDEFINED;
    this.t0.wi = 10;
    this.t0.wt = 0;
    Object.assign(this.t1, {
      ifsc: T1_IFSD_DEFAULT,
      cwi: T1_CWI_DEFAULT,
      bwi: T1_BWI_DEFAULT,
      edc: 0,
      cwt: 0,
      bwt: 0,
      bgt: 0,
    });
    Object.assign(this.ptsData, new PtsData());
  }

  /**
   * Stores an answer to reset.
   *
   * @throws {RangeError} when it is longer than 33 bytes.
   */
  setAtr(bytes: Uint8Array): void {
    if (bytes.length > MAXIMUM_ATR_LENGTH) {
      throw new RangeError(
        `Cannot store ATR: ${bytes.length} bytes found, expected at most ${MAXIMUM_ATR_LENGTH}`,
      );
    }
    this.atr.buffer.set(bytes);
    this.atr.length = bytes.length;
  }
}
