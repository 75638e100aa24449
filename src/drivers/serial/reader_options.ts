/**
 * How a serial reader is opened.
 *
 * @module
 */

import type { CardLink } from "../../contact_reader/mod.ts";
import { SCARD_ABSENT, SCARD_PRESENT, T1_IFSD } from "../../smclib/mod.ts";
import type { PhoenixLinkOptions } from "./phoenix_options.ts";
import type { LineState, SerialPort } from "./serial_port.ts";

/** The line that tells of a card; "none": nothing does. */
export type CardDetect = "cts" | "dsr" | "cd" | "none";

/** Options of a serial reader. */
export interface SerialReaderOptions extends PhoenixLinkOptions {
  /** The port's path, `/dev/ttyUSB0`; either it or `port`. */
  readonly path?: string;
  /** A port that is open; the reader closes it. */
  readonly port?: SerialPort;
  /**
   * The line that the card contact of the slot is on; default "cts". With "none" a card
   * counts as always in: a reset tells whether one answers.
   */
  readonly cardDetect?: CardDetect;
  /** Whether a card is in while the line is not asserted; default false. */
  readonly cardDetectInverted?: boolean;
  /** Longest T=1 information field that it takes, in bytes, 1 to 254; default 254. */
  readonly maxIfsdBytes?: number;
  /** Manufacturer, at most 32 characters; default "deno-smartcard". */
  readonly vendorName?: string;
  /** Model, at most 32 characters; default "Phoenix Reader". */
  readonly ifdType?: string;
  /** Number among its kind; default 0. */
  readonly unitNo?: number;
  /** Number of the port, for SCARD_ATTR_CHANNEL_ID; default: the number at the end of the path, or 0. */
  readonly channel?: number;
  /** Wraps the link to the card: a tracer, a recorder. */
  readonly wrapLink?: (link: CardLink) => CardLink;
}

/** What the reader itself needs, defaults filled in. */
export interface ReaderSettings {
  /** The line that tells of a card. */
  readonly cardDetect: CardDetect;
  /** Whether it tells of one while not asserted. */
  readonly cardDetectInverted: boolean;
  /** Longest information field. */
  readonly maxIfsdBytes: number;
  /** Manufacturer. */
  readonly vendorName: string;
  /** Model. */
  readonly ifdType: string;
  /** Number among its kind. */
  readonly unitNo: number;
  /** Number of the port. */
  readonly channel: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} without a port or with two
 * @throws {RangeError} naming the option that is out of range
 */
export function readerSettings(options: SerialReaderOptions): ReaderSettings {
  if ((options.path === undefined) === (options.port === undefined)) {
    throw new TypeError(
      `Cannot open a serial reader: ${
        options.path === undefined ? "neither path nor port" : "path and port"
      } found, expected one of them`,
    );
  }
  const path = options.path ?? options.port?.path ?? "";
  return {
    cardDetect: options.cardDetect ?? "cts",
    cardDetectInverted: options.cardDetectInverted ?? false,
    maxIfsdBytes: within(
      "maxIfsdBytes",
      options.maxIfsdBytes ?? 254,
      1,
      T1_IFSD,
    ),
    vendorName: options.vendorName ?? "deno-smartcard",
    ifdType: options.ifdType ?? "Phoenix Reader",
    unitNo: within("unitNo", options.unitNo ?? 0, 0, 0xFFFF),
    channel: within(
      "channel",
      options.channel ?? Number(/\d{1,4}$/.exec(path)?.[0] ?? 0),
      0,
      0xFFFF,
    ),
  };
}

/** What the card contact says: SCARD_PRESENT or SCARD_ABSENT. Without one a card is always in. */
export function slotState(
  { cardDetect, cardDetectInverted }: ReaderSettings,
  lines: LineState | null,
): number {
  if (lines === null || cardDetect === "none") return SCARD_PRESENT;
  return lines[cardDetect] === cardDetectInverted
    ? SCARD_ABSENT
    : SCARD_PRESENT;
}

function within(
  name: string,
  value: number,
  low: number,
  high: number,
): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(
    `Cannot open a serial reader: ${name} is ${value}, expected ${low} to ${high}`,
  );
}
