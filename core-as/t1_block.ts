/**
 * Blocks of T=1 on the wire (ISO/IEC 7816-3 11.3): building, and judging what
 * came.
 *
 * @module
 */

import {
  COMMAND,
  CRC_VARIANTS,
  EDC_LRC,
  T1_ABORT_REQUEST,
  T1_ABORT_RESPONSE,
  T1_IFS_REQUEST,
  T1_IFS_RESPONSE,
  T1_RESYNCH_RESPONSE,
  T1_W_BYTES_SENT,
  T1_W_CRC_CANDIDATES,
  T1_W_CRC_VARIANT,
  T1_W_EDC,
  T1_W_INF_SENT,
  T1_W_MORE_DATA,
  T1_W_NAD,
  T1_W_S_VALUE,
  T1_W_SSN,
  T1_W_STATE,
  T1_WTX_REQUEST,
} from "./abi.ts";
import { crc, lrc } from "./edc.ts";
import { copyXor } from "./kernels.ts";
import { ld8, st8 } from "./mem.ts";
import { isEmv, set, word } from "./t1_state.ts";

/** A block is valid. */
export const VALID = 0;
/** Check bytes are wrong: an R-block reports error 1. */
const ERROR_CHECK = 1;
/** Anything else is wrong, silence included: an R-block reports error 2. */
export const ERROR_OTHER = 2;

const MAX_LEN = 254;

/** Number of check bytes of the session whose state is at `state`. */
function edcLength(state: i32): i32 {
  return word(state, T1_W_EDC) == EDC_LRC ? 1 : 2;
}

/** The card's NAD is ours with source and destination exchanged. */
export function cardNad(state: i32): i32 {
  const nad: i32 = word(state, T1_W_NAD);
  return ((nad << 4) | (nad >> 4)) & 0xff;
}

/** Writes NAD, PCB, LEN in front of `length` bytes of INF and the check bytes behind; `sum` is the XOR of INF. Returns the block's length. */
function enclose(
  state: i32,
  block: i32,
  pcb: i32,
  length: i32,
  sum: i32,
): i32 {
  const nad: i32 = word(state, T1_W_NAD);
  st8(block, nad);
  st8(block + 1, pcb);
  st8(block + 2, length);
  const end: i32 = 3 + length;
  if (word(state, T1_W_EDC) == EDC_LRC) {
    st8(block + end, sum ^ nad ^ pcb ^ length);
    return end + 1;
  }
  const check: i32 = crc(word(state, T1_W_CRC_VARIANT), block, end);
  st8(block + end, check >> 8);
  st8(block + end + 1, check);
  return end + 2;
}

/** An R- or S-block; `length` is 1 where a byte of INF is there already. */
export function frame(state: i32, block: i32, pcb: i32, length: i32): i32 {
  return enclose(state, block, pcb, length, length == 0 ? 0 : ld8(block + 3));
}

/** The outstanding I-block; its INF is copied and summed in one pass. */
export function frameInformation(state: i32, block: i32): i32 {
  const length: i32 = word(state, T1_W_INF_SENT);
  const pcb: i32 = (word(state, T1_W_SSN) << 6) |
    (word(state, T1_W_MORE_DATA) << 5);
  const source: i32 = state + COMMAND + word(state, T1_W_BYTES_SENT);
  const sum: i32 = copyXor(block + 3, source, length);
  return enclose(state, block, pcb, length, sum);
}

/** The variants, one bit each, under which the check bytes at `end` and all before them hold. */
function crcHolds(state: i32, block: i32, end: i32): i32 {
  const found: i32 = (ld8(block + end) << 8) | ld8(block + end + 1);
  const candidates: i32 = word(state, T1_W_CRC_CANDIDATES);
  let holds: i32 = 0;
  for (let variant: i32 = 0; variant < CRC_VARIANTS; variant++) {
    const bit: i32 = 1 << variant;
    if ((candidates & bit) != 0 && crc(variant, block, end) == found) {
      holds |= bit;
    }
  }
  return holds;
}

/** Keeps the variants that hold; the one in use gives way if it does not. */
function keepCrc(state: i32, holds: i32): void {
  set(state, T1_W_CRC_CANDIDATES, holds);
  let variant: i32 = word(state, T1_W_CRC_VARIANT);
  if ((holds & (1 << variant)) != 0) return;
  variant = 0;
  while ((holds & (1 << variant)) == 0) variant++;
  set(state, T1_W_CRC_VARIANT, variant);
}

/**
 * Whether a valid block says that the card did not take what we sent: an R-block that
 * names our I-block or comes in place of an S-response, whatever its error bits, or
 * the request again that our S-response has answered (rules 7.1 and 7.3 of the card).
 */
function isRefusal(state: i32, block: i32): bool {
  const pcb: i32 = ld8(block + 1);
  const kind: i32 = word(state, T1_W_STATE);
  if ((pcb & 0xc0) == 0x80) {
    const isRequest: bool = (kind & 0xe0) == 0xc0;
    return isRequest || ((pcb >> 4) & 1) == word(state, T1_W_SSN);
  }
  // A request differs from its response in one bit.
  return (pcb == T1_IFS_REQUEST || pcb == T1_WTX_REQUEST) &&
    kind == (pcb | 0x20) && word(state, T1_W_S_VALUE) == ld8(block + 3);
}

/** Tries the next of the CRC variants that still hold. */
export function nextCrc(state: i32): void {
  if (word(state, T1_W_EDC) == EDC_LRC) return;
  const candidates: i32 = word(state, T1_W_CRC_CANDIDATES);
  let variant: i32 = word(state, T1_W_CRC_VARIANT);
  do {
    variant = variant + 1 == CRC_VARIANTS ? 0 : variant + 1;
  } while ((candidates & (1 << variant)) == 0);
  set(state, T1_W_CRC_VARIANT, variant);
}

/**
 * A card that refuses what we sent, while several variants still hold, may mean
 * another of them: two differ in one table entry that short blocks rarely hit.
 */
export function reconsiderCrc(state: i32, block: i32): void {
  if (isRefusal(state, block)) nextCrc(state);
}

/** Whether PCB and LEN form a block of ISO/IEC 7816-3 11.3.2.2 that a card may send. */
function isDefined(pcb: i32, len: i32, inf: i32, emv: bool): bool {
  if ((pcb & 0x80) == 0) return (pcb & 0x1f) == 0;
  if ((pcb & 0x40) == 0) {
    return (pcb & 0x2c) == 0 && (pcb & 0x03) != 3 && len == 0;
  }
  switch (pcb) {
    case T1_RESYNCH_RESPONSE:
    case T1_ABORT_REQUEST:
    case T1_ABORT_RESPONSE:
      return len == 0;
    case T1_IFS_REQUEST:
      // An EMV card asks for 16 bytes or more.
      if (emv && inf < 0x10) return false;
      return len == 1 && inf != 0 && inf != 255;
    case T1_IFS_RESPONSE:
      return len == 1 && inf != 0 && inf != 255;
    case T1_WTX_REQUEST:
      return len == 1;
    default:
      // S(RESYNCH request) too: only the reader resynchronises (rule 6.1).
      return false;
  }
}

/**
 * Judges `length` bytes at `block`: VALID, ERROR_CHECK or ERROR_OTHER. A card that
 * sends more than IFSD is heard all the same: the buffer holds the longest block.
 */
export function judge(state: i32, block: i32, length: i32): i32 {
  const checkBytes: i32 = edcLength(state);
  if (length < 3 + checkBytes) return ERROR_OTHER;
  const len: i32 = ld8(block + 2);
  if (len > MAX_LEN || length != 3 + len + checkBytes) return ERROR_OTHER;
  const isLrc: bool = word(state, T1_W_EDC) == EDC_LRC;
  let holds: i32 = 0;
  if (isLrc) {
    if (lrc(block, 3 + len + 1) != 0) return ERROR_CHECK;
  } else {
    holds = crcHolds(state, block, 3 + len);
    if (holds == 0) return ERROR_CHECK;
  }
  if (ld8(block) != cardNad(state)) return ERROR_OTHER;
  if (!isDefined(ld8(block + 1), len, ld8(block + 3), isEmv(state))) {
    return ERROR_OTHER;
  }
  if (!isLrc) keepCrc(state, holds);
  return VALID;
}
