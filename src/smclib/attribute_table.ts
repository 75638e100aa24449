/**
 * The attributes that the library answers. Rule for whoever edits the table: a tag is a row;
 * a missing row is STATUS_NOT_SUPPORTED.
 *
 * @module
 */

import { copyBytes, writeU32le } from "../bytes.ts";
import * as tag from "./attribute_tags.ts";
import { debugMode } from "./debug.ts";
import type { SmartcardExtension } from "./extension.ts";
import { type Check, needsResetCard } from "./request_row.ts";
import {
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "./status.ts";
import { T1_CRC_CHECK } from "./smclib_constants.ts";
import {
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_READER_SWALLOWS,
  SCARD_SWALLOWED,
  SCARD_UNKNOWN,
} from "./winsmcrd.ts";

/** One readable attribute. */
export interface AttributeRow {
  /** Whether this reader has it, else STATUS_NOT_SUPPORTED; null: always. */
  readonly has: ((ext: SmartcardExtension) => boolean) | null;
  /** Length of the value in bytes. */
  readonly length: (ext: SmartcardExtension) => number;
  /** The length is the card's affair: without a card that is known, its state decides before the capacity. */
  readonly isLengthOfCard: boolean;
  /** What the card has to be like, or null. */
  readonly card: Check | null;
  /** Writes the value to the start of `target`. */
  readonly write: (ext: SmartcardExtension, target: Uint8Array) => void;
}

type Value = (ext: SmartcardExtension) => number;

function ulong(value: Value, card: Check | null = null): AttributeRow {
  return {
    has: null,
    length: () => 4,
    isLengthOfCard: false,
    card,
    write: (ext, target) => writeU32le(target, 0, value(ext)),
  };
}

function cardUlong(value: Value): AttributeRow {
  return ulong(value, needsResetCard);
}

function counter(value: Value): AttributeRow {
  return { ...ulong(value), has: () => debugMode.enabled };
}

function byte(value: Value, card: Check | null = null): AttributeRow {
  return {
    has: null,
    length: () => 1,
    isLengthOfCard: false,
    card,
    write(ext, target) {
      target[0] = value(ext);
    },
  };
}

function text(value: (ext: SmartcardExtension) => Uint8Array): AttributeRow {
  return {
    has: null,
    length: (ext) => value(ext).length,
    isLengthOfCard: false,
    card: null,
    write: (ext, target) => target.set(value(ext)),
  };
}

function presence(ext: SmartcardExtension): number {
  const { cardConfiscated, currentState, mechProperties } =
    ext.readerCapabilities;
  if (cardConfiscated) return 4;
  if (currentState === SCARD_ABSENT) return 0;
  const isOutside = currentState === SCARD_PRESENT &&
    (mechProperties & SCARD_READER_SWALLOWS) !== 0;
  return isOutside ? 1 : 2;
}

function isKnown(ext: SmartcardExtension): number {
  const { cardConfiscated, currentState } = ext.readerCapabilities;
  return cardConfiscated || currentState !== SCARD_UNKNOWN
    ? STATUS_SUCCESS
    : STATUS_INVALID_DEVICE_STATE;
}

const atrString: AttributeRow = {
  has: null,
  length: (ext) => ext.cardCapabilities.atr.length,
  isLengthOfCard: true,
  card: needsResetCard,
  write(ext, target) {
    const { buffer, length } = ext.cardCapabilities.atr;
    copyBytes(buffer, 0, length, target, 0);
  },
};

const rows: ReadonlyMap<number, AttributeRow> = new Map([
  [tag.SCARD_ATTR_VENDOR_NAME, text((ext) => ext.vendorAttr.vendorName)],
  [tag.SCARD_ATTR_VENDOR_IFD_TYPE, text((ext) => ext.vendorAttr.ifdType)],
  [
    tag.SCARD_ATTR_VENDOR_IFD_VERSION,
    ulong(({ vendorAttr: { ifdVersion } }) =>
      ifdVersion.versionMajor << 24 | ifdVersion.versionMinor << 16 |
      ifdVersion.buildNumber
    ),
  ],
  [tag.SCARD_ATTR_VENDOR_IFD_SERIAL_NO, {
    ...text((ext) => ext.vendorAttr.ifdSerialNo),
    has: (ext) => ext.vendorAttr.ifdSerialNo.length > 0,
  }],
  [
    tag.SCARD_ATTR_CHANNEL_ID,
    ulong(({ readerCapabilities: { readerType, channel } }) =>
      readerType << 16 | channel & 0xFFFF
    ),
  ],
  [
    tag.SCARD_ATTR_PROTOCOL_TYPES,
    ulong((ext) => ext.readerCapabilities.supportedProtocols),
  ],
  [
    tag.SCARD_ATTR_DEFAULT_CLK,
    ulong((ext) => ext.readerCapabilities.clkFrequency.default),
  ],
  [
    tag.SCARD_ATTR_MAX_CLK,
    ulong((ext) => ext.readerCapabilities.clkFrequency.max),
  ],
  [
    tag.SCARD_ATTR_DEFAULT_DATA_RATE,
    ulong((ext) => ext.readerCapabilities.dataRate.default),
  ],
  [
    tag.SCARD_ATTR_MAX_DATA_RATE,
    ulong((ext) => ext.readerCapabilities.dataRate.max),
  ],
  [tag.SCARD_ATTR_MAX_IFSD, ulong((ext) => ext.readerCapabilities.maxIfsd)],
  [
    tag.SCARD_ATTR_POWER_MGMT_SUPPORT,
    ulong((ext) => ext.readerCapabilities.powerMgmtSupport),
  ],
  [
    tag.SCARD_ATTR_CHARACTERISTICS,
    ulong((ext) => ext.readerCapabilities.mechProperties),
  ],
  [
    tag.SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
    cardUlong((ext) => ext.cardCapabilities.protocol.selected),
  ],
  [tag.SCARD_ATTR_CURRENT_CLK, cardUlong((ext) => ext.library.clockKhz)],
  [tag.SCARD_ATTR_CURRENT_F, cardUlong((ext) => ext.library.f)],
  [tag.SCARD_ATTR_CURRENT_D, cardUlong((ext) => ext.library.d)],
  [tag.SCARD_ATTR_CURRENT_N, cardUlong((ext) => ext.cardCapabilities.n)],
  [tag.SCARD_ATTR_CURRENT_W, cardUlong((ext) => ext.cardCapabilities.t0.wi)],
  [tag.SCARD_ATTR_CURRENT_IFSC, cardUlong((ext) => ext.t1.ifsc)],
  [tag.SCARD_ATTR_CURRENT_IFSD, cardUlong((ext) => ext.t1.ifsd)],
  // The integers of the ATR, not the times.
  [tag.SCARD_ATTR_CURRENT_BWT, cardUlong((ext) => ext.cardCapabilities.t1.bwi)],
  [tag.SCARD_ATTR_CURRENT_CWT, cardUlong((ext) => ext.cardCapabilities.t1.cwi)],
  [
    tag.SCARD_ATTR_CURRENT_EBC_ENCODING,
    cardUlong((ext) => ext.cardCapabilities.t1.edc & T1_CRC_CHECK),
  ],
  [tag.SCARD_ATTR_EXTENDED_BWT, cardUlong((ext) => ext.t1.wtx)],
  [tag.SCARD_ATTR_ICC_PRESENCE, byte(presence, isKnown)],
  [
    tag.SCARD_ATTR_ICC_INTERFACE_STATUS,
    byte((ext) =>
      ext.readerCapabilities.currentState > SCARD_SWALLOWED ? 1 : 0
    ),
  ],
  [tag.SCARD_ATTR_ATR_STRING, atrString],
  [
    tag.SCARD_ATTR_ICC_TYPE_PER_ATR,
    byte((ext) => ext.library.atrProtocols === 0 ? 0 : 1, needsResetCard),
  ],
  [tag.SCARD_ATTR_DEVICE_UNIT, ulong((ext) => ext.vendorAttr.unitNo)],
  [
    tag.SCARD_ATTR_PERF_NUM_TRANSMISSIONS,
    counter((ext) => ext.perfInfo.numTransmissions),
  ],
  [
    tag.SCARD_ATTR_PERF_BYTES_TRANSMITTED,
    counter(({ perfInfo }) => perfInfo.bytesSent + perfInfo.bytesReceived),
  ],
  [
    tag.SCARD_ATTR_PERF_TRANSMISSION_TIME,
    counter((ext) => ext.perfInfo.ioTickCount),
  ],
]);

/** The row of a tag; null when the reader has no such attribute. */
export function attributeRow(
  ext: SmartcardExtension,
  attribute: number,
): AttributeRow | null {
  const row = rows.get(attribute);
  return row === undefined || row.has?.(ext) === false ? null : row;
}

/** Check: the tag in the input names an attribute that this reader has. */
export function isKnownAttribute(ext: SmartcardExtension): number {
  return attributeRow(ext, ext.minorIoControlCode) === null
    ? STATUS_NOT_SUPPORTED
    : STATUS_SUCCESS;
}
