/**
 * What the reader says about itself, for the driver library to answer with.
 *
 * @module
 */

import { readU32le } from "../../bytes.ts";
import {
  MAXIMUM_ATTR_STRING_LENGTH,
  SCARD_ATTR_CHANNEL_ID,
  SCARD_ATTR_CHARACTERISTICS,
  SCARD_ATTR_DEFAULT_CLK,
  SCARD_ATTR_DEFAULT_DATA_RATE,
  SCARD_ATTR_MAX_CLK,
  SCARD_ATTR_MAX_DATA_RATE,
  SCARD_ATTR_MAX_IFSD,
  SCARD_ATTR_POWER_MGMT_SUPPORT,
  SCARD_ATTR_VENDOR_IFD_SERIAL_NO,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_IFD_VERSION,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_EJECTS,
  SCARD_READER_TYPE_VENDOR,
  type SmartcardExtension,
  T1_IFSD,
} from "../../smclib/mod.ts";
import { parseReaderName } from "./reader_names.ts";

/** Values by SCARD_ATTR_* tag, as many as the reader has. */
export type PcscAttributes = ReadonlyMap<number, Uint8Array>;

/** The attributes that a reader is asked for. */
export const READER_ATTRIBUTES: readonly number[] = [
  SCARD_ATTR_VENDOR_NAME,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_IFD_VERSION,
  SCARD_ATTR_VENDOR_IFD_SERIAL_NO,
  SCARD_ATTR_CHANNEL_ID,
  SCARD_ATTR_DEFAULT_CLK,
  SCARD_ATTR_MAX_CLK,
  SCARD_ATTR_DEFAULT_DATA_RATE,
  SCARD_ATTR_MAX_DATA_RATE,
  SCARD_ATTR_MAX_IFSD,
  SCARD_ATTR_POWER_MGMT_SUPPORT,
  SCARD_ATTR_CHARACTERISTICS,
];

/** Of a plain contact reader, for those that do not tell: kHz and bits per second. */
const DEFAULT_CLOCK_KHZ = 3580;
const DEFAULT_DATA_RATE = 9600;

/** Writes what the reader tells, and where it tells nothing what its name does, into the extension. */
export function describeReader(
  ext: SmartcardExtension,
  readerName: string,
  attributes: PcscAttributes,
): void {
  const name = parseReaderName(readerName);
  const { vendorAttr, readerCapabilities: reader } = ext;
  const text = (tag: number, otherwise: string) =>
    ansi(attributes.get(tag) ?? new TextEncoder().encode(otherwise));
  const number = (tag: number, otherwise: number) =>
    ulong(attributes.get(tag)) ?? otherwise;

  vendorAttr.vendorName = text(SCARD_ATTR_VENDOR_NAME, name.vendor);
  vendorAttr.ifdType = text(SCARD_ATTR_VENDOR_IFD_TYPE, name.model);
  vendorAttr.ifdSerialNo = text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, name.serial);
  vendorAttr.unitNo = name.unitNo;
  const version = number(SCARD_ATTR_VENDOR_IFD_VERSION, 0);
  vendorAttr.ifdVersion.versionMajor = version >>> 24;
  vendorAttr.ifdVersion.versionMinor = version >>> 16 & 0xFF;
  vendorAttr.ifdVersion.buildNumber = version & 0xFFFF;

  // The service speaks both with every card; T=0 and T=1 are its and the reader's affair.
  reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
  const channel = number(
    SCARD_ATTR_CHANNEL_ID,
    SCARD_READER_TYPE_VENDOR << 16,
  );
  reader.readerType = channel >>> 16;
  reader.channel = channel & 0xFFFF;
  const { clkFrequency, dataRate } = reader;
  clkFrequency.default = number(SCARD_ATTR_DEFAULT_CLK, DEFAULT_CLOCK_KHZ);
  clkFrequency.max = number(SCARD_ATTR_MAX_CLK, clkFrequency.default);
  dataRate.default = number(SCARD_ATTR_DEFAULT_DATA_RATE, DEFAULT_DATA_RATE);
  dataRate.max = number(SCARD_ATTR_MAX_DATA_RATE, dataRate.default);
  reader.maxIfsd = number(SCARD_ATTR_MAX_IFSD, T1_IFSD);
  reader.powerMgmtSupport = number(SCARD_ATTR_POWER_MGMT_SUPPORT, 0);
  // Of the mechanics the service can move one: it ejects.
  reader.mechProperties = number(SCARD_ATTR_CHARACTERISTICS, 0) &
    SCARD_READER_EJECTS;
}

/** Without the zero at its end, and no longer than the library takes. */
function ansi(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return bytes.slice(
    0,
    Math.min(end < 0 ? bytes.length : end, MAXIMUM_ATTR_STRING_LENGTH),
  );
}

/** A number that means something; a driver that answers 0, or with other lengths, tells nothing. */
function ulong(bytes: Uint8Array | undefined): number | null {
  if (bytes === undefined || (bytes.length !== 4 && bytes.length !== 8)) {
    return null;
  }
  return readU32le(bytes, 0) || null;
}
