/**
 * Case of a command APDU (ISO/IEC 7816-3 12.1).
 *
 * @module
 */

import {
  APDU_1,
  APDU_2E,
  APDU_2S,
  APDU_3E,
  APDU_3S,
  APDU_4E,
  APDU_4S,
  APDU_MALFORMED,
  APDU_W_CASE,
  APDU_W_DATA,
  APDU_W_NC,
  APDU_W_NE,
  RESULT,
} from "./abi.ts";
import { ld8, st32 } from "./mem.ts";

function found(kind: i32, nc: i32, ne: i32, data: i32): i32 {
  st32(RESULT + 4 * APDU_W_CASE, kind);
  st32(RESULT + 4 * APDU_W_NC, nc);
  st32(RESULT + 4 * APDU_W_NE, ne);
  st32(RESULT + 4 * APDU_W_DATA, data);
  return kind;
}

function short(coded: i32): i32 {
  return coded == 0 ? 256 : coded;
}

function extended(address: i32): i32 {
  const coded: i32 = (ld8(address) << 8) | ld8(address + 1);
  return coded == 0 ? 65536 : coded;
}

/** Classifies `length` bytes at `address`; case, Nc, Ne and the offset of the data go to RESULT. */
export function parseApdu(address: i32, length: i32): i32 {
  const body: i32 = length - 4;
  if (body < 0) return found(APDU_MALFORMED, 0, 0, 0);
  if (body == 0) return found(APDU_1, 0, 0, 4);
  const b1: i32 = ld8(address + 4);
  const end: i32 = address + length;
  if (body == 1) return found(APDU_2S, 0, short(b1), 5);
  if (b1 != 0) {
    if (body == 1 + b1) return found(APDU_3S, b1, 0, 5);
    if (body == 2 + b1) return found(APDU_4S, b1, short(ld8(end - 1)), 5);
    return found(APDU_MALFORMED, 0, 0, 0);
  }
  if (body == 3) return found(APDU_2E, 0, extended(address + 5), 7);
  if (body < 3) return found(APDU_MALFORMED, 0, 0, 0);
  const nc: i32 = (ld8(address + 5) << 8) | ld8(address + 6);
  if (nc != 0) {
    if (body == 3 + nc) return found(APDU_3E, nc, 0, 7);
    if (body == 5 + nc) return found(APDU_4E, nc, extended(end - 2), 7);
  }
  return found(APDU_MALFORMED, 0, 0, 0);
}
