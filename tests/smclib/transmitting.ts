/**
 * A reader in the middle of a TRANSMIT callback.
 *
 * @module
 */

import { SCARD_PROTOCOL_T0 } from "../../src/smclib/mod.ts";
import { bareReader, pci } from "./fake_reader.ts";

/** A reader in the middle of a TRANSMIT callback. */
export function transmitting(input: Uint8Array, capacity = 512) {
  const ext = bareReader();
  ext.ioRequest.requestBuffer = new Uint8Array(
    Math.max(input.length, capacity),
  );
  ext.ioRequest.requestBuffer.set(input);
  ext.ioRequest.replyBuffer = ext.ioRequest.requestBuffer;
  ext.ioRequest.requestBufferLength = input.length;
  ext.ioRequest.replyBufferLength = capacity;
  return ext;
}

/** The same with a T=0 command in hexadecimal. */
export function t0(command: string, capacity = 512, header = 8) {
  return transmitting(pci(SCARD_PROTOCOL_T0, command, header), capacity);
}

/** Data in hexadecimal. */
export const data = (bytes: number) => "A5".repeat(bytes);
