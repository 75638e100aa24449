/**
 * How long an ATR is, told from its beginning.
 *
 * @module
 */

import { SmartcardInvertData } from "../smclib/mod.ts";

/** TS of an inverse-convention card as a direct-convention receiver reads it. */
export const UNCONVERTED_INVERSE_TS = 0x03;
/** Initial character and format character. */
const PREFIX_BYTES = 2;
const TD_FOLLOWS = 0x80;

/**
 * Bytes that an ATR which begins with the first `count` bytes of `buffer` has at the
 * least (ISO/IEC 7816-3 8.2): its length, once `count` has reached it.
 */
export function atrLengthSoFar(buffer: Uint8Array, count: number): number {
  if (count < PREFIX_BYTES) return PREFIX_BYTES;
  const bytes = buffer.slice(0, count);
  if (bytes[0] === UNCONVERTED_INVERSE_TS) SmartcardInvertData(bytes, count);
  let length = PREFIX_BYTES + (bytes[1] & 0x0F);
  let hasTck = false;
  let at = 1;
  let indicator = bytes[at];
  for (;;) {
    const present = interfaceBytes(indicator);
    length += present;
    at += present;
    if ((indicator & TD_FOLLOWS) === 0 || at >= count) break;
    indicator = bytes[at];
    hasTck ||= (indicator & 0x0F) !== 0;
  }
  return length + (hasTck ? 1 : 0);
}

/** How many of TA, TB, TC, TD the high nibble announces. */
function interfaceBytes(indicator: number): number {
  let count = 0;
  for (let bits = indicator >> 4; bits !== 0; bits &= bits - 1) count++;
  return count;
}
