/**
 * What the driver library is told of a serial reader.
 *
 * @module
 */

import {
  ansiBytes,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_TYPE_SERIAL,
  type SmartcardExtension,
  SMCLIB_VERSION,
} from "../../smclib/mod.ts";
import type { PhoenixSettings } from "./phoenix_options.ts";
import { allPortRates, portRate } from "./phoenix_rates.ts";
import type { ReaderSettings } from "./reader_options.ts";

/** Longest answer kept: a card that talks on beyond its block must be noticed. */
const REPLY_BYTES = 1024;

/** Fills in names and capabilities. @throws {RangeError} when a name is too long */
export function describeReader(
  ext: SmartcardExtension,
  settings: ReaderSettings,
  phoenix: PhoenixSettings,
): void {
  const { vendorAttr, readerCapabilities: reader } = ext;
  const { clockKhz, rates } = phoenix;
  ext.version = SMCLIB_VERSION;
  vendorAttr.vendorName = ansiBytes(settings.vendorName);
  vendorAttr.ifdType = ansiBytes(settings.ifdType);
  vendorAttr.unitNo = settings.unitNo;
  reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
  reader.readerType = SCARD_READER_TYPE_SERIAL;
  reader.channel = settings.channel;
  // The crystal's clock is all there is.
  const clock = Math.round(clockKhz);
  const list = allPortRates(rates, clockKhz);
  reader.clkFrequency.default = reader.clkFrequency.max = clock;
  reader.clkFrequenciesSupported.list = [clock];
  reader.clkFrequenciesSupported.entries = 1;
  reader.dataRate.default = portRate(rates, clockKhz, 372, 1) ?? 0;
  reader.dataRate.max = list.at(-1) ?? reader.dataRate.default;
  reader.dataRatesSupported.list = list;
  reader.dataRatesSupported.entries = list.length;
  reader.maxIfsd = settings.maxIfsdBytes;
  reader.powerMgmtSupport = 1;
  ext.smartcardReply.bufferSize = REPLY_BYTES;
}
