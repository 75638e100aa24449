/**
 * Options of the virtual reader, and what they make of its description.
 *
 * @module
 */

import type {
  CardLink,
  FaultStrike,
  LinkFault,
  Timer,
} from "../../contact_reader/mod.ts";
import {
  ansiBytes,
  SCARD_ABSENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_TYPE_VENDOR,
  type SmartcardExtension,
  SMCLIB_VERSION,
} from "../../smclib/mod.ts";
import type { VirtualMechanics } from "./mechanics.ts";

/** Options of a virtual reader. */
export interface VirtualReaderOptions {
  /** Manufacturer, at most 32 characters; default "deno-smartcard". */
  vendorName?: string;
  /** Model, at most 32 characters; default "Virtual Reader". */
  ifdType?: string;
  /** Number among its kind; default 0. */
  unitNo?: number;
  /** Longest T=1 information field it takes, in bytes, 1 to 254; default 254. */
  maxIfsdBytes?: number;
  /** Clocks that it can give the card, in kHz, ascending; default 4000 only. */
  clocksKhz?: readonly number[];
  /** Speeds in bits per second, ascending; default: 4 MHz x D / F for F = 372 and 512, 10 753 to 344 086. */
  dataRatesBitsPerSecond?: readonly number[];
  /** Wraps the link to the card, its faults included: a tracer, a recorder. */
  wrapLink?: (link: CardLink) => CardLink;
  /** How to wait for a card that takes its time; default: the runtime's timer. */
  timer?: Timer;
  /** What goes wrong between reader and card; default nothing. Exchange 0 is ATR and PPS, each RDF_TRANSMIT the next one. */
  faults?: readonly LinkFault[];
  /** Hears of each fault that struck. */
  onFault?: (strike: FaultStrike) => void;
  /** What it can do with the card itself; default: eject it. */
  mechanics?: VirtualMechanics;
}

/** Rates of 4 MHz x D / F for 372 and 512 and the usual D. */
// deno-fmt-ignore
const DATA_RATES: readonly number[] = [
  10753, 15625, 21505, 31250, 43011, 62500, 86022, 93750, 125000, 129032,
  156250, 172043, 215054, 250000, 344086,
];

/** Writes what the reader is into `ext`. @throws {RangeError} when a name is too long or maxIfsdBytes out of range */
export function describeReader(
  ext: SmartcardExtension,
  options: VirtualReaderOptions,
): void {
  const { vendorAttr, readerCapabilities: reader } = ext;
  const maxIfsdBytes = options.maxIfsdBytes ?? 254;
  if (
    !(
      Number.isInteger(maxIfsdBytes) && maxIfsdBytes >= 1 &&
      maxIfsdBytes <= 254
    )
  ) {
    throw new RangeError(
      `Cannot make a virtual reader: maxIfsdBytes is ${maxIfsdBytes}, expected 1 to 254`,
    );
  }
  const clocks = options.clocksKhz ?? [4000];
  const rates = options.dataRatesBitsPerSecond ?? DATA_RATES;
  ext.version = SMCLIB_VERSION;
  vendorAttr.vendorName = ansiBytes(options.vendorName ?? "deno-smartcard");
  vendorAttr.ifdType = ansiBytes(options.ifdType ?? "Virtual Reader");
  vendorAttr.unitNo = options.unitNo ?? 0;
  reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
  reader.readerType = SCARD_READER_TYPE_VENDOR;
  reader.currentState = SCARD_ABSENT;
  reader.clkFrequency.default = clocks[0];
  reader.clkFrequency.max = clocks[clocks.length - 1];
  reader.clkFrequenciesSupported.list = clocks;
  reader.clkFrequenciesSupported.entries = clocks.length;
  reader.dataRate.default = rates[0];
  reader.dataRate.max = rates[rates.length - 1];
  reader.dataRatesSupported.list = rates;
  reader.dataRatesSupported.entries = rates.length;
  reader.maxIfsd = maxIfsdBytes;
  reader.powerMgmtSupport = 1;
  // A card that talks on beyond its block must be noticed.
  ext.smartcardReply.bufferSize = 1024;
}
