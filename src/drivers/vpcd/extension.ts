/**
 * What the reader says about itself.
 *
 * @module
 */

import {
  ansiBytes,
  SCARD_ABSENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_TYPE_VENDOR,
  type SmartcardExtension,
  SmartcardInitialize,
  SMCLIB_VERSION,
  T1_IFSD,
} from "../../smclib/mod.ts";
import { installCallbacks, type VpcdSlot } from "./callbacks.ts";

/**
 * Fills in `ext` for the one slot of a vpcd reader, and initializes it.
 *
 * @param unitNo number of the reader among its kind
 * @param port TCP port, which stands for the channel
 * @returns an NTSTATUS
 */
export function initializeExtension(
  ext: SmartcardExtension,
  unitNo: number,
  port: number,
  slot: VpcdSlot,
): number {
  ext.version = SMCLIB_VERSION;
  ext.vendorAttr.vendorName = ansiBytes("deno-smartcard");
  ext.vendorAttr.ifdType = ansiBytes("Virtual PCD");
  ext.vendorAttr.unitNo = unitNo;
  const reader = ext.readerCapabilities;
  reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
  reader.readerType = SCARD_READER_TYPE_VENDOR;
  reader.channel = port;
  reader.currentState = SCARD_ABSENT;
  // No clock runs here; these are the values of a plain contact reader (kHz, bit/s).
  reader.clkFrequency.default = reader.clkFrequency.max = 3580;
  reader.dataRate.default = reader.dataRate.max = 9600;
  reader.maxIfsd = T1_IFSD;
  installCallbacks(ext, slot);
  return SmartcardInitialize(ext);
}
