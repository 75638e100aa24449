/**
 * The reader's side of T=1 (ISO/IEC 7816-3 11), one state block for a session.
 *
 * `t1Start` begins a command, `t1Build` writes the block that is outstanding,
 * `t1Digest` takes what came. Nothing here waits: how long to wait is the caller's,
 * T1_W_WTX tells by how much to stretch it.
 *
 * @module
 */

import {
  BUFFER_BYTES,
  MACHINE_E_ABORTED,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_RESET_CARD,
  MACHINE_E_STATE,
  MACHINE_TRANSFER,
  RECEIVE,
  SEND,
  T1_ABORT_REQUEST,
  T1_F_IFS_REFUSAL_PROCEEDS,
  T1_I_BLOCK,
  T1_IFS_REQUEST,
  T1_IFS_RESPONSE,
  T1_JOB_COMMAND,
  T1_JOB_NONE,
  T1_R_BLOCK,
  T1_RESYNCH_REQUEST,
  T1_W_ALIVE,
  T1_W_CRC_VARIANT,
  T1_W_FLAGS,
  T1_W_IFSD_ASKED,
  T1_W_IFSD_WANTED,
  T1_W_JOB,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_PHASE,
  T1_W_R_ERROR,
  T1_W_R_NUMBER,
  T1_W_RESEND,
  T1_W_RSN,
  T1_W_S_VALUE,
  T1_W_SSN,
  T1_W_STATE,
  T1_W_WTX,
  T1_WTX_RESPONSE,
} from "./abi.ts";
import { ld8, st8 } from "./mem.ts";
import {
  ERROR_OTHER,
  frame,
  frameInformation,
  judge,
  nextCrc,
  reconsiderCrc,
  VALID,
} from "./t1_block.ts";
import { firstInformation, giveUp, request } from "./t1_job.ts";
import { react, sendR } from "./t1_react.ts";
import {
  isEmv,
  PHASE_ABORTED,
  PHASE_RECEIVING,
  set,
  word,
} from "./t1_state.ts";
import {
  CAME_ABORT,
  CAME_ANSWER,
  CAME_I,
  CAME_I_AGAIN,
  CAME_IFS,
  CAME_NOTHING_VALID,
  CAME_R_MINE,
  CAME_R_NEXT,
  CAME_WTX,
  DO_I_AGAIN,
  DO_R,
  OUT_ABORT,
  OUT_ABORTED,
  OUT_I,
  OUT_I_MORE,
  OUT_IFS,
  OUT_R,
  OUT_R_ABORTED,
  OUT_R_CHAIN,
  OUT_R_MORE,
  OUT_RESYNCH,
  OUT_S,
  OUT_S_CHAIN,
  OUT_S_MORE,
  reaction,
} from "./t1_table.ts";

/** One transmission and two more (rules 7.4.1, 7.4.2, 6.4). */
const MAX_REPETITIONS = 2;

/** Writes the outstanding block at SEND + offset; returns its length, 0 if none is. */
export function t1Build(state: i32, offset: i32): i32 {
  if (word(state, T1_W_JOB) == T1_JOB_NONE) return 0;
  const block: i32 = state + SEND + offset;
  const kind: i32 = word(state, T1_W_STATE);
  if (kind == T1_I_BLOCK) return frameInformation(state, block);
  if (kind == T1_R_BLOCK) {
    return frame(
      state,
      block,
      0x80 | (word(state, T1_W_R_NUMBER) << 4) | word(state, T1_W_R_ERROR),
      0,
    );
  }
  if (kind == T1_IFS_REQUEST) {
    st8(block + 3, word(state, T1_W_IFSD_ASKED));
    return frame(state, block, kind, 1);
  }
  if (kind == T1_IFS_RESPONSE || kind == T1_WTX_RESPONSE) {
    st8(block + 3, word(state, T1_W_S_VALUE));
    return frame(state, block, kind, 1);
  }
  return frame(state, block, kind, 0);
}

/** The row of the reaction table: what is outstanding. */
export function outstanding(state: i32): i32 {
  const phase: i32 = word(state, T1_W_PHASE);
  const more: i32 = word(state, T1_W_MORE_DATA);
  switch (word(state, T1_W_STATE)) {
    case T1_I_BLOCK:
      return more != 0 ? OUT_I_MORE : OUT_I;
    case T1_R_BLOCK:
      if (phase == PHASE_RECEIVING) return OUT_R_CHAIN;
      if (phase == PHASE_ABORTED) return OUT_R_ABORTED;
      return more != 0 ? OUT_R_MORE : OUT_R;
    case T1_IFS_REQUEST:
      return OUT_IFS;
    case T1_RESYNCH_REQUEST:
      return OUT_RESYNCH;
    case T1_ABORT_REQUEST:
      return OUT_ABORT;
    default:
      if (phase == PHASE_RECEIVING) return OUT_S_CHAIN;
      if (phase == PHASE_ABORTED) return OUT_ABORTED;
      return more != 0 ? OUT_S_MORE : OUT_S;
  }
}

/** The column of the reaction table for a valid block. */
function kindOf(state: i32, block: i32): i32 {
  const pcb: i32 = ld8(block + 1);
  if ((pcb & 0x80) == 0) {
    return (pcb >> 6) == word(state, T1_W_RSN) ? CAME_I : CAME_I_AGAIN;
  }
  if ((pcb & 0x40) == 0) {
    return ((pcb >> 4) & 1) == word(state, T1_W_SSN)
      ? CAME_R_MINE
      : CAME_R_NEXT;
  }
  // Bit 6 tells a response from a request; the low bits are the type.
  if ((pcb & 0x20) != 0) {
    if ((pcb & 0xdf) != word(state, T1_W_STATE)) return CAME_NOTHING_VALID;
    if (
      pcb == T1_IFS_RESPONSE &&
      ld8(block + 3) != word(state, T1_W_IFSD_ASKED)
    ) return CAME_NOTHING_VALID;
    return CAME_ANSWER;
  }
  switch (pcb & 0x1f) {
    case 1:
      return CAME_IFS;
    case 2:
      return CAME_ABORT;
    default:
      return CAME_WTX;
  }
}

/** After the last repetition: RESYNCH (7.4.2), or a reset (6.4, 7.4.1). */
function escalate(state: i32, refusedIfs: bool): i32 {
  const kind: i32 = word(state, T1_W_STATE);
  if (
    refusedIfs &&
    (word(state, T1_W_FLAGS) & T1_F_IFS_REFUSAL_PROCEEDS) != 0 &&
    word(state, T1_W_JOB) == T1_JOB_COMMAND
  ) {
    set(state, T1_W_ALIVE, 1);
    set(state, T1_W_IFSD_WANTED, 0);
    set(state, T1_W_RESEND, 0);
    return firstInformation(state);
  }
  if (
    kind == T1_RESYNCH_REQUEST || word(state, T1_W_ALIVE) == 0 || isEmv(state)
  ) {
    return giveUp(state, MACHINE_E_RESET_CARD);
  }
  // A card that is silent on a wrong check may mean another variant.
  nextCrc(state);
  return request(state, T1_RESYNCH_REQUEST);
}

/** Takes the `length` bytes that came at RECEIVE + offset; 0 is silence, or a block the reader refused. */
export function t1Digest(state: i32, offset: i32, length: i32): i32 {
  if (
    offset < 0 || length < 0 || offset > BUFFER_BYTES ||
    length > BUFFER_BYTES - offset
  ) {
    return MACHINE_E_RECEIVE_LENGTH;
  }
  if (word(state, T1_W_JOB) == T1_JOB_NONE) return MACHINE_E_STATE;
  set(state, T1_W_WTX, 0);
  const block: i32 = state + RECEIVE + offset;
  const variant: i32 = word(state, T1_W_CRC_VARIANT);
  let error: i32 = judge(state, block, length);
  const came: i32 = error == VALID ? kindOf(state, block) : CAME_NOTHING_VALID;
  if (came == CAME_NOTHING_VALID && error == VALID) error = ERROR_OTHER;
  set(state, T1_W_LAST_ERROR, error);
  if (error == VALID && word(state, T1_W_CRC_VARIANT) == variant) {
    reconsiderCrc(state, block);
  }
  // An EMV terminal answers an abortion with the end, whatever is outstanding.
  if (came == CAME_ABORT && isEmv(state)) {
    return giveUp(state, MACHINE_E_ABORTED);
  }
  const action: i32 = reaction(outstanding(state), came);
  if (action > DO_I_AGAIN) {
    set(state, T1_W_ALIVE, 1);
    set(state, T1_W_RESEND, 0);
    return react(state, action, block);
  }
  if (action == DO_I_AGAIN) set(state, T1_W_ALIVE, 1);
  const repetitions: i32 = word(state, T1_W_RESEND) + 1;
  set(state, T1_W_RESEND, repetitions);
  if (repetitions > MAX_REPETITIONS) {
    const refusedIfs: bool = word(state, T1_W_STATE) == T1_IFS_REQUEST &&
      error == VALID && (ld8(block + 1) & 0xc0) == 0x80;
    return escalate(state, refusedIfs);
  }
  if (action == DO_R) {
    return sendR(state, error == VALID ? ERROR_OTHER : error);
  }
  if (action == DO_I_AGAIN) set(state, T1_W_STATE, T1_I_BLOCK);
  return MACHINE_TRANSFER;
}
