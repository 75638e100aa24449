/**
 * The reader of the IOCTL table, its requests, and what makes up a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  ansiBytes,
  Irp,
  SmartcardExtension,
  SmartcardInitialize,
  SmartcardUpdateCardCapabilities,
} from "../../src/smclib/mod.ts";
import { type Answer, NT, RAW, type Row, T0, T1 } from "./ioctl_table.ts";

/** The reader whose attributes `ioctl_table_attributes.ts` lists. */
export function tableReader(hasRaw: boolean): SmartcardExtension {
  const ext = new SmartcardExtension();
  ext.version = 0x150;
  ext.vendorAttr.vendorName = ansiBytes("Maker");
  ext.vendorAttr.ifdType = ansiBytes("Model 1");
  ext.vendorAttr.ifdSerialNo = ansiBytes("S-77");
  ext.vendorAttr.unitNo = 3;
  Object.assign(ext.vendorAttr.ifdVersion, {
    buildNumber: 0x1234,
    versionMinor: 5,
    versionMajor: 6,
  });
  Object.assign(ext.readerCapabilities, {
    supportedProtocols: T0 | T1 | (hasRaw ? RAW : 0),
    readerType: 0x20,
    channel: 2,
    mechProperties: 1,
    maxIfsd: 200,
    powerMgmtSupport: 7,
    currentState: 1,
  });
  Object.assign(ext.readerCapabilities.clkFrequency, {
    default: 4000,
    max: 4800,
  });
  Object.assign(ext.readerCapabilities.dataRate, {
    default: 10753,
    max: 129032,
  });
  assert.equal(SmartcardInitialize(ext), NT.SUCCESS);
  ext.osData.deviceObject = "table reader";
  return ext;
}

/** A request whose input and output share a buffer. */
export function requestOf(
  code: number,
  input: Uint8Array,
  capacity: number,
): Irp {
  const systemBuffer = new Uint8Array(Math.max(input.length, capacity));
  systemBuffer.set(input);
  return new Irp({
    ioControlCode: code,
    systemBuffer,
    inputLength: input.length,
    outputLength: capacity,
  });
}

/** Puts the card of a row in, and the reader into its state. */
export function insertCard(ext: SmartcardExtension, row: Row): void {
  ext.cardCapabilities.setAtr(fromHex(row.card.atr));
  assert.equal(SmartcardUpdateCardCapabilities(ext), NT.SUCCESS);
  ext.cardCapabilities.protocol.selected = row.card.selected;
  ext.readerCapabilities.currentState = row.state;
}

/** What a request that is refused must not touch. */
export function session(ext: SmartcardExtension): string {
  const { atr, protocol, ptsData, t0, t1, fl, dl, gt, etu } =
    ext.cardCapabilities;
  return JSON.stringify({
    state: ext.readerCapabilities.currentState,
    atr: toHex(atr.buffer.subarray(0, atr.length)),
    protocol,
    ptsData,
    parameters: [t0, t1, fl, dl, gt, etu],
    machine: [ext.t1.state, ext.t1.ifsc, ext.t1.ifsd, ext.t1.ssn, ext.t1.rsn],
  });
}

/** What a callback gives back, or how it fails. */
export function answerWith(answer: Answer): number | Promise<number> {
  if (answer.status === "throws") throw new Error("The callback breaks");
  if (answer.status === "rejects") {
    return Promise.reject(new Error("The callback breaks"));
  }
  return answer.isPromised ? Promise.resolve(answer.status) : answer.status;
}
