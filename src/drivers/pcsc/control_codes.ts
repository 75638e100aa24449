/**
 * Control codes: the driver library's way of writing them, and pcsc-lite's.
 *
 * Both number a function; Windows writes `0x00310000 + 4 n`, pcsc-lite `0x42000000 + n`.
 * The driver library knows the first form only, so everything above speaks that.
 *
 * @module
 */

import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  SCARD_CTL_CODE,
} from "../../smclib/mod.ts";

/** pcsc-lite's code of function 0. */
const PCSC_LITE_FIRST = 0x42000000;
/** Codes from here on are no longer pcsc-lite's. */
const PCSC_LITE_END = 0x43000000;
/** Tag, length and code of one feature, in bytes (PC/SC part 10). */
const FEATURE_BYTES = 6;
const CODE_BYTES = 4;

/**
 * A control code as pcsc-lite takes it; one in pcsc-lite's own form stays as it is.
 *
 * @param code as `SCARD_CTL_CODE` makes it
 */
export function toServiceCode(code: number): number {
  if (code >= PCSC_LITE_FIRST && code < PCSC_LITE_END) return code;
  return PCSC_LITE_FIRST + ((code - SCARD_CTL_CODE(0)) >>> 2);
}

/**
 * A code of pcsc-lite as requests to a reader take it.
 *
 * @returns null when there is none: below the vendor range, where codes have other meanings
 */
export function fromServiceCode(code: number): number | null {
  if (code < PCSC_LITE_FIRST || code >= PCSC_LITE_END) return null;
  const own = SCARD_CTL_CODE(code - PCSC_LITE_FIRST);
  return own < IOCTL_SMARTCARD_VENDOR_FIRST ? null : own;
}

/** Whether a code asks for the list of features. */
export function asksForFeatures(code: number): boolean {
  return toServiceCode(code) === toServiceCode(CM_IOCTL_GET_FEATURE_REQUEST);
}

/**
 * The list of features with codes that requests to a reader take. A feature whose code
 * has no such form could not be used, and is left out.
 *
 * @param list entries of tag, length 4 and a big-endian code (PC/SC part 10)
 * @returns the list; as it is when it is no such list
 */
export function translateFeatures(
  list: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (list.length % FEATURE_BYTES !== 0) return list;
  const translated = list.slice();
  const view = new DataView(translated.buffer);
  let end = 0;
  for (let at = 0; at < list.length; at += FEATURE_BYTES) {
    if (list[at + 1] !== CODE_BYTES) return list;
    const code = fromServiceCode(view.getUint32(at + 2));
    if (code === null) continue;
    translated.copyWithin(end, at, at + 2);
    view.setUint32(end + 2, code);
    end += FEATURE_BYTES;
  }
  return translated.subarray(0, end);
}
