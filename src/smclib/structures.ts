/**
 * The plain structures of a reader: what the driver says about it, and the buffers of its conversation (smclib.h).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import {
  MAXIMUM_ATTR_STRING_LENGTH,
  MIN_BUFFER_SIZE,
} from "./smclib_constants.ts";
import {
  SCARD_PROTOCOL_UNDEFINED,
  SCARD_READER_TYPE_SERIAL,
  SCARD_UNKNOWN,
} from "./winsmcrd.ts";

/**
 * The bytes of an ANSI (ISO 8859-1) string without terminating zero, as {@linkcode VendorAttr} holds them.
 *
 * @throws {RangeError} when the text is longer than 32 characters or has one above U+00FF.
 */
export function ansiBytes(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > MAXIMUM_ATTR_STRING_LENGTH) {
    throw new RangeError(
      `Cannot store text: ${text.length} characters found, expected at most ${MAXIMUM_ATTR_STRING_LENGTH}`,
    );
  }
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    if (character.length > 1 || code > 0xFF) {
      throw new RangeError(
        `Cannot store text: ${
          JSON.stringify(character)
        } found, expected ISO 8859-1`,
      );
    }
    return code;
  });
}

/** Who made the reader (VENDOR_ATTR); strings are bytes without terminating zero, at most 32. */
export class VendorAttr {
  /** `VendorAttr.VendorName`: manufacturer; mandatory. */
  vendorName: Uint8Array = NO_BYTES;
  /** `VendorAttr.IfdType`: model; mandatory. */
  ifdType: Uint8Array = NO_BYTES;
  /** `VendorAttr.UnitNo`: number of this reader among its kind, from 0; mandatory. */
  unitNo = 0;
  /** `VendorAttr.IfdVersion` (`BuildNumber`, `VersionMinor`, `VersionMajor`): version, reported as 0xMMmmbbbb. */
  readonly ifdVersion: {
    buildNumber: number;
    versionMinor: number;
    versionMajor: number;
  } = { buildNumber: 0, versionMinor: 0, versionMajor: 0 };
  /** `VendorAttr.IfdSerialNo`: serial number, if the device tells it. */
  ifdSerialNo: Uint8Array = NO_BYTES;
}

/** What the reader can do (SCARD_READER_CAPABILITIES); written by the driver. */
export class ReaderCapabilities {
  /** `ReaderCapabilities.SupportedProtocols`: mask of SCARD_PROTOCOL_T0, _T1 and _RAW. */
  supportedProtocols: number = SCARD_PROTOCOL_UNDEFINED;
  /** `ReaderCapabilities.ReaderType`: SCARD_READER_TYPE_*. */
  readerType: number = SCARD_READER_TYPE_SERIAL;
  /** `ReaderCapabilities.Channel`: port, device number or SCSI id, as `readerType` asks. */
  channel = 0;
  /** `ReaderCapabilities.MechProperties`: mask of SCARD_READER_SWALLOWS, _EJECTS and _CONFISCATES. */
  mechProperties = 0;
  /** `ReaderCapabilities.CurrentState`: SCARD_UNKNOWN to SCARD_SPECIFIC; look and change in one synchronous step. */
  currentState: number = SCARD_UNKNOWN;
  /** `ReaderCapabilities.CLKFrequency` (`Default`, `Max`): clocks in kHz. */
  readonly clkFrequency: { default: number; max: number } = {
    default: 0,
    max: 0,
  };
  /** `ReaderCapabilities.DataRate` (`Default`, `Max`): data rates in bits per second. */
  readonly dataRate: { default: number; max: number } = { default: 0, max: 0 };
  /** `ReaderCapabilities.MaxIFSD`: longest T=1 information field the reader takes, in bytes. */
  maxIfsd = 0;
  /** `ReaderCapabilities.PowerMgmtSupport`: 0 for none. */
  powerMgmtSupport = 0;
  /** `ReaderCapabilities.CardConfiscated`: the reader has kept a card. */
  cardConfiscated = false;
  /** `ReaderCapabilities.DataRatesSupported` (`List`, `Entries`): data rates for PTS in bits per second; empty when there is one rate. */
  readonly dataRatesSupported: { list: readonly number[]; entries: number } = {
    list: [],
    entries: 0,
  };
  /** `ReaderCapabilities.CLKFrequenciesSupported` (`List`, `Entries`): clocks for PTS in kHz; empty when there is one clock. */
  readonly clkFrequenciesSupported: {
    list: readonly number[];
    entries: number;
  } = { list: [], entries: 0 };
}

/** A buffer on the way to or from the card (SMARTCARD_REQUEST, SMARTCARD_REPLY). */
export class SmartcardBuffer {
  /** `Buffer`: the bytes; a view of the protocol machine's memory, made by SmartcardInitialize. */
  buffer: Uint8Array = NO_BYTES;
  /** `BufferSize`: capacity in bytes; set before SmartcardInitialize, which raises it to MIN_BUFFER_SIZE. */
  bufferSize: number = MIN_BUFFER_SIZE;
  /** `BufferLength`: bytes in use. Before an xxRequest helper: bytes to keep free in front. */
  bufferLength = 0;
}

/** The request whose callback runs (`IoRequest` of SMARTCARD_EXTENSION): input and output are the same memory (METHOD_BUFFERED). */
export class IoRequest {
  /** `IoRequest.Information`: bytes delivered by the request. */
  information = 0;
  /** `IoRequest.RequestBuffer`: input. */
  requestBuffer: Uint8Array = NO_BYTES;
  /** `IoRequest.RequestBufferLength`: bytes of input. */
  requestBufferLength = 0;
  /** `IoRequest.ReplyBuffer`: output; the same bytes as `requestBuffer`. */
  replyBuffer: Uint8Array = NO_BYTES;
  /** `IoRequest.ReplyBufferLength`: capacity for output in bytes. */
  replyBufferLength = 0;
}

/** State of the T=0 helpers (T0_DATA). */
export class T0Data {
  /** `T0.Lc`: data bytes going to the card. */
  lc = 0;
  /** `T0.Le`: data bytes expected from the card, 0-256. */
  le = 0;
  /** Characters to receive now; the card sends at least so many before it can be the reader's turn. */
  wanted = 0;
}

/** Performance counters of debug mode (PERF_INFO). */
export class PerfInfo {
  /** `PerfInfo.NumTransmissions`: TRANSMIT requests that succeeded. */
  numTransmissions = 0;
  /** `PerfInfo.BytesSent`: bytes of their commands. */
  bytesSent = 0;
  /** `PerfInfo.BytesReceived`: bytes of their answers. */
  bytesReceived = 0;
  /** `PerfInfo.IoTickCount`: ticks of the debug clock spent in them. */
  ioTickCount = 0;
  /** `PerfInfo.TickStart`: when the last one began. */
  tickStart = 0;
  /** `PerfInfo.TickEnd`: when the last one ended. */
  tickEnd = 0;
}
