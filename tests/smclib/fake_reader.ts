/**
 * A reader for tests: every callback is a fake that the test sets, and every request a line.
 *
 * @module
 */

import { fromHex, readU32le, writeU32le } from "../../src/bytes.ts";
import {
  Irp,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_TYPE_USB,
  SCARD_SPECIFIC,
  SmartcardDeviceControl,
  SmartcardExtension,
  SmartcardInitialize,
  SmartcardUpdateCardCapabilities,
  SMCLIB_VERSION,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import assert from "node:assert/strict";

/** T=1 with nothing to negotiate: LRC, IFSC 254. */
export const T1_ATR = "3B 80 81 11 FE EE";
/** T=0 with nothing to negotiate. */
export const T0_ATR = "3B 02 14 50";

/** Makes a request; input and output share one buffer. */
export function makeIrp(
  ioControlCode: number,
  input: Uint8Array = new Uint8Array(0),
  outputLength = 0,
  signal?: AbortSignal,
): Irp {
  const systemBuffer = new Uint8Array(Math.max(input.length, outputLength));
  systemBuffer.set(input);
  return new Irp({
    ioControlCode,
    systemBuffer,
    inputLength: input.length,
    outputLength,
    signal,
  });
}

/** A ULONG as input. */
export function ulong(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}

/** TRANSMIT input: SCARD_IO_REQUEST and a command in hexadecimal. */
export function pci(
  protocol: number,
  command: string,
  headerLength = 8,
): Uint8Array<ArrayBuffer> {
  const data = fromHex(command);
  const bytes = new Uint8Array(Math.max(8, headerLength) + data.length);
  writeU32le(bytes, 0, protocol);
  writeU32le(bytes, 4, headerLength);
  bytes.set(data, Math.max(8, headerLength));
  return bytes;
}

/** The bytes that a completed request delivers. */
export function delivered(irp: Irp): Uint8Array {
  return irp.systemBuffer.subarray(0, irp.ioStatus.information);
}

/** The ULONG that a completed request delivers. */
export function deliveredUlong(irp: Irp): number {
  assert.equal(irp.ioStatus.information, 4);
  return readU32le(irp.systemBuffer, 0);
}

/** Sends a request that has to end at once. */
export function control(ext: SmartcardExtension, irp: Irp): number {
  const status = SmartcardDeviceControl(ext, irp);
  assert.equal(typeof status, "number", "the request should end at once");
  assert.equal(status, irp.ioStatus.status);
  return status as number;
}

/** Sends a request that may wait, and gives its final status. */
export async function controlAsync(
  ext: SmartcardExtension,
  irp: Irp,
): Promise<number> {
  const status = await SmartcardDeviceControl(ext, irp);
  return status === STATUS_PENDING ? irp.completion : status;
}

/** An initialized extension with no callbacks, no card, and the buffers as they are by default. */
export function bareReader(): SmartcardExtension {
  const ext = new SmartcardExtension();
  ext.version = SMCLIB_VERSION;
  ext.readerCapabilities.supportedProtocols = SCARD_PROTOCOL_T0 |
    SCARD_PROTOCOL_T1 | SCARD_PROTOCOL_RAW;
  ext.readerCapabilities.readerType = SCARD_READER_TYPE_USB;
  ext.readerCapabilities.clkFrequency.default = 4000;
  ext.readerCapabilities.clkFrequency.max = 4000;
  ext.readerCapabilities.dataRate.default = 10753;
  ext.readerCapabilities.dataRate.max = 10753;
  ext.readerCapabilities.maxIfsd = 254;
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  assert.equal(SmartcardInitialize(ext), STATUS_SUCCESS);
  ext.osData.deviceObject = "test reader";
  return ext;
}

/** A reader whose four mandatory callbacks work; the card in it has the given ATR. */
export function workingReader(atr: string = T1_ATR): SmartcardExtension {
  const ext = bareReader();
  ext.readerCapabilities.currentState = SCARD_PRESENT;
  ext.readerFunction[RDF_CARD_POWER] = () => {
    if (ext.readerCapabilities.currentState <= SCARD_ABSENT) {
      return STATUS_NO_MEDIA;
    }
    if (ext.minorIoControlCode === SCARD_POWER_DOWN) {
      ext.readerCapabilities.currentState = SCARD_PRESENT;
      return STATUS_SUCCESS;
    }
    ext.cardCapabilities.setAtr(fromHex(atr));
    const status = SmartcardUpdateCardCapabilities(ext);
    if (status !== STATUS_SUCCESS) return status;
    const { buffer, length } = ext.cardCapabilities.atr;
    ext.ioRequest.replyBuffer.set(buffer.subarray(0, length));
    ext.ioRequest.information = length;
    return status;
  };
  ext.readerFunction[RDF_SET_PROTOCOL] = () => {
    const { protocol } = ext.cardCapabilities;
    const mask = ext.minorIoControlCode & protocol.supported;
    if (ext.readerCapabilities.currentState !== SCARD_SPECIFIC) {
      protocol.selected = (mask & SCARD_PROTOCOL_T1) !== 0
        ? SCARD_PROTOCOL_T1
        : mask & SCARD_PROTOCOL_T0 || SCARD_PROTOCOL_RAW;
      ext.readerCapabilities.currentState = SCARD_SPECIFIC;
    }
    writeU32le(ext.ioRequest.replyBuffer, 0, protocol.selected);
    ext.ioRequest.information = 4;
    return STATUS_SUCCESS;
  };
  ext.readerFunction[RDF_TRANSMIT] = () => {
    ext.ioRequest.information = ext.ioRequest.requestBufferLength;
    return STATUS_SUCCESS;
  };
  ext.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  return ext;
}

/** A cold reset that has to succeed. */
export function reset(ext: SmartcardExtension): Irp {
  const irp = makeIrp(0x00310004, ulong(SCARD_COLD_RESET), 33);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  return irp;
}
