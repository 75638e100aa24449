/**
 * A reader whose vendor callback answers at once: what is measured then is the
 * dispatcher.
 *
 * @module
 */

import {
  ansiBytes,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  Irp,
  RDF_IOCTL_VENDOR,
  SCARD_ABSENT,
  SmartcardExtension,
  SmartcardInitialize,
  SMCLIB_VERSION,
  STATUS_SUCCESS,
} from "../src/smclib/mod.ts";

/** Bytes that the vendor callback takes and gives. */
export const VENDOR_BYTES = 8;

/** An initialised reader; its vendor request answers the first byte plus one. */
export function dispatchReader(): SmartcardExtension {
  const ext = new SmartcardExtension();
  ext.version = SMCLIB_VERSION;
  ext.vendorAttr.vendorName = ansiBytes("Bench");
  ext.vendorAttr.ifdType = ansiBytes("At Once");
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  ext.readerFunction[RDF_IOCTL_VENDOR] = ({ ioRequest }) => {
    ioRequest.replyBuffer[0]++;
    ioRequest.information = VENDOR_BYTES;
    return STATUS_SUCCESS;
  };
  if (SmartcardInitialize(ext) !== STATUS_SUCCESS) {
    throw new Error("Cannot measure: SmartcardInitialize failed");
  }
  return ext;
}

/** A vendor request in `buffer`, which has room for it. */
export function vendorRequest(buffer: Uint8Array): Irp {
  return new Irp({
    ioControlCode: IOCTL_SMARTCARD_VENDOR_FIRST,
    systemBuffer: buffer,
    inputLength: VENDOR_BYTES,
    outputLength: VENDOR_BYTES,
  });
}
