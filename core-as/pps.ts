/**
 * Protocol and parameters selection (ISO/IEC 7816-3 9): request and check of the
 * response.
 *
 * @module
 */

import {
  PPS_E_LENGTH,
  PPS_E_NOT_ASKED,
  PPS_E_PCK,
  PPS_E_PPSS,
  PPS_E_PROTOCOL,
  PPS_E_RFU,
  PPS_E_VALUE,
  PPS_OK,
} from "./abi.ts";
import { lrc } from "./edc.ts";
import { ld8, st8 } from "./mem.ts";

/** Writes a request; a negative PPSi is left out. Returns its length, 3 to 6. */
export function buildPps(
  address: i32,
  protocol: i32,
  pps1: i32,
  pps2: i32,
  pps3: i32,
): i32 {
  let pps0: i32 = protocol & 0x0f;
  let at: i32 = address + 2;
  if (pps1 >= 0) {
    pps0 |= 0x10;
    st8(at++, pps1);
  }
  if (pps2 >= 0) {
    pps0 |= 0x20;
    st8(at++, pps2);
  }
  if (pps3 >= 0) {
    pps0 |= 0x40;
    st8(at++, pps3);
  }
  st8(address, 0xff);
  st8(address + 1, pps0);
  st8(at, lrc(address, at - address));
  return at + 1 - address;
}

/** Length that PPS0 announces, 2 while PPS0 has not arrived. */
export function ppsLength(address: i32, length: i32): i32 {
  if (length < 2) return 2;
  const pps0: i32 = ld8(address + 1);
  return 3 + ((pps0 >> 4) & 1) + ((pps0 >> 5) & 1) + ((pps0 >> 6) & 1);
}

/** Checks a response against the request; PPS_OK or the first rule that it breaks. */
export function checkPps(
  request: i32,
  response: i32,
  length: i32,
): i32 {
  if (length < 3) return PPS_E_LENGTH;
  if (ld8(response) != 0xff) return PPS_E_PPSS;
  if (length != ppsLength(response, length)) return PPS_E_LENGTH;
  if (lrc(response, length) != 0) return PPS_E_PCK;
  const asked: i32 = ld8(request + 1);
  const given: i32 = ld8(response + 1);
  if ((given & 0x80) != 0) return PPS_E_RFU;
  if ((given & 0x0f) != (asked & 0x0f)) return PPS_E_PROTOCOL;
  // A card may leave a PPSi out, so the two are compared by presence bit, never by offset.
  let inRequest: i32 = request + 2;
  let inResponse: i32 = response + 2;
  for (let bit: i32 = 0x10; bit <= 0x40; bit <<= 1) {
    if ((given & bit) != 0) {
      if ((asked & bit) == 0) return PPS_E_NOT_ASKED;
      if (ld8(inResponse) != ld8(inRequest)) return PPS_E_VALUE;
      inResponse++;
    }
    if ((asked & bit) != 0) inRequest++;
  }
  return PPS_OK;
}
