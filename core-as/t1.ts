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
  COMMAND,
  CRC_VARIANTS,
  MACHINE_DONE,
  MACHINE_E_ABORTED,
  MACHINE_E_COMMAND_LENGTH,
  MACHINE_E_OUTCOME_UNKNOWN,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_RESET_CARD,
  MACHINE_E_RESPONSE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TOO_MANY_REQUESTS,
  MACHINE_TRANSFER,
  MAX_COMMAND,
  MAX_RESPONSE,
  RECEIVE,
  RESPONSE,
  SEND,
  T1_ABORT_REQUEST,
  T1_ABORT_RESPONSE,
  T1_F_IFS_REFUSAL_PROCEEDS,
  T1_F_REPORT_RESYNCH,
  T1_I_BLOCK,
  T1_IFS_REQUEST,
  T1_IFS_RESPONSE,
  T1_INIT,
  T1_R_BLOCK,
  T1_RESTART,
  T1_RESYNCH_REQUEST,
  T1_START,
  T1_W_ALIVE,
  T1_W_BYTES_RECEIVED,
  T1_W_BYTES_SENT,
  T1_W_BYTES_TO_SEND,
  T1_W_COMMAND_LENGTH,
  T1_W_CRC_CANDIDATES,
  T1_W_CRC_VARIANT,
  T1_W_EDC,
  T1_W_EMPTY_COUNT,
  T1_W_FLAGS,
  T1_W_IFS_COUNT,
  T1_W_IFSC,
  T1_W_IFSC_ATR,
  T1_W_IFSD,
  T1_W_IFSD_ASKED,
  T1_W_IFSD_WANTED,
  T1_W_INF_SENT,
  T1_W_JOB,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_NAD,
  T1_W_OUTCOME,
  T1_W_PHASE,
  T1_W_R_ERROR,
  T1_W_R_NUMBER,
  T1_W_RESEND,
  T1_W_RESYNCH,
  T1_W_RSN,
  T1_W_S_VALUE,
  T1_W_SSN,
  T1_W_STATE,
  T1_W_WTX,
  T1_W_WTX_COUNT,
  T1_W_WTX_MAX,
  T1_WTX_RESPONSE,
} from "./abi.ts";
import { copy, ld32, ld8, st32, st8 } from "./mem.ts";
import { ERROR_OTHER, frame, judge, reconsiderCrc, VALID } from "./t1_block.ts";
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
  DO_ABORT,
  DO_ABORT_DONE,
  DO_I_AGAIN,
  DO_I_NEXT,
  DO_IFS,
  DO_IFS_DONE,
  DO_R,
  DO_RESYNCH_DONE,
  DO_TAKE,
  DO_TURN,
  DO_WTX,
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

// What the session is asked to do.
const JOB_NONE = 0;
const JOB_COMMAND = 1;
const JOB_IFS = 2;
const JOB_RESYNCH = 3;
const JOB_ABORT = 4;

// How far a command is.
const PHASE_IDLE = 0;
const PHASE_SENDING = 1;
const PHASE_RECEIVING = 2;
const PHASE_ABORTED = 3;

/** One transmission and two more (rules 7.4.1, 7.4.2, 6.4). */
const MAX_REPETITIONS = 2;
/** ISO sets no limits to these; a card could go on for ever. */
const MAX_RESYNCHS = 3;
const MAX_IFS_REQUESTS = 64;
const MAX_EMPTY_BLOCKS = 256;
const IFS_DEFAULT = 32;

function word(state: i32, index: i32): i32 {
  return ld32(state + 4 * index);
}

function set(state: i32, index: i32, value: i32): void {
  st32(state + 4 * index, value);
}

/** Prepares a session after a reset of the card: numbers 0, IFSD at its default. */
export function t1Reset(
  state: i32,
  ifsc: i32,
  ifsdWanted: i32,
  edc: i32,
  crcVariant: i32,
  flags: i32,
  wtxMax: i32,
): void {
  for (let index: i32 = 0; index <= T1_W_WTX_MAX; index++) set(state, index, 0);
  set(state, T1_W_IFSC, ifsc);
  set(state, T1_W_IFSC_ATR, ifsc);
  set(state, T1_W_IFSD, IFS_DEFAULT);
  set(state, T1_W_IFSD_WANTED, ifsdWanted);
  set(state, T1_W_EDC, edc);
  set(state, T1_W_CRC_VARIANT, crcVariant < 0 ? 0 : crcVariant);
  set(
    state,
    T1_W_CRC_CANDIDATES,
    crcVariant < 0 ? (1 << CRC_VARIANTS) - 1 : 1 << crcVariant,
  );
  set(state, T1_W_FLAGS, flags);
  set(state, T1_W_WTX_MAX, wtxMax);
}

/** Cuts the next I-block off the command. */
function nextInformation(state: i32): i32 {
  const left: i32 = word(state, T1_W_BYTES_TO_SEND);
  const ifsc: i32 = word(state, T1_W_IFSC);
  set(state, T1_W_INF_SENT, left > ifsc ? ifsc : left);
  set(state, T1_W_MORE_DATA, left > ifsc ? 1 : 0);
  set(state, T1_W_STATE, T1_I_BLOCK);
  set(state, T1_W_PHASE, PHASE_SENDING);
  return MACHINE_TRANSFER;
}

/** Puts the command at its first byte. */
function firstInformation(state: i32): i32 {
  set(state, T1_W_BYTES_TO_SEND, word(state, T1_W_COMMAND_LENGTH));
  set(state, T1_W_BYTES_SENT, 0);
  set(state, T1_W_BYTES_RECEIVED, 0);
  return nextInformation(state);
}

function request(state: i32, kind: i32): i32 {
  set(state, T1_W_STATE, kind);
  set(state, T1_W_RESEND, 0);
  return MACHINE_TRANSFER;
}

function announceIfsd(state: i32, ifsd: i32): i32 {
  set(state, T1_W_IFSD_ASKED, ifsd);
  return request(state, T1_IFS_REQUEST);
}

/** Ends the job. An unfinished one leaves numbers in doubt: the next begins with RESYNCH. */
function end(state: i32, event: i32, inStep: bool): i32 {
  set(state, T1_W_JOB, JOB_NONE);
  set(state, T1_W_PHASE, PHASE_IDLE);
  set(state, T1_W_MORE_DATA, 0);
  set(state, T1_W_RESEND, 0);
  if (inStep) set(state, T1_W_STATE, T1_START);
  else if (word(state, T1_W_ALIVE) == 0) set(state, T1_W_STATE, T1_INIT);
  else set(state, T1_W_STATE, T1_RESYNCH_REQUEST);
  return event;
}

/** Begins `job` on a session; `value` is a length or an IFSD. */
export function t1Start(state: i32, job: i32, value: i32): i32 {
  if (job == JOB_COMMAND && (value < 1 || value > MAX_COMMAND)) {
    return MACHINE_E_COMMAND_LENGTH;
  }
  if (job == JOB_IFS && (value < 1 || value > 254)) return MACHINE_E_STATE;
  if (job < JOB_COMMAND || job > JOB_ABORT) return MACHINE_E_STATE;
  // A job that the caller left in the middle.
  if (word(state, T1_W_JOB) != JOB_NONE) end(state, MACHINE_DONE, false);
  const before: i32 = word(state, T1_W_STATE);
  set(state, T1_W_JOB, job);
  set(state, T1_W_OUTCOME, 0);
  set(state, T1_W_RESEND, 0);
  set(state, T1_W_RESYNCH, 0);
  set(state, T1_W_WTX, 0);
  set(state, T1_W_WTX_COUNT, 0);
  set(state, T1_W_IFS_COUNT, 0);
  set(state, T1_W_EMPTY_COUNT, 0);
  set(state, T1_W_LAST_ERROR, 0);
  set(state, T1_W_BYTES_RECEIVED, 0);
  set(state, T1_W_PHASE, PHASE_IDLE);
  if (job == JOB_COMMAND) set(state, T1_W_COMMAND_LENGTH, value);
  if (job == JOB_IFS) set(state, T1_W_IFSD_ASKED, value);
  if (job == JOB_ABORT) return request(state, T1_ABORT_REQUEST);
  if (job == JOB_RESYNCH || before == T1_RESYNCH_REQUEST) {
    return request(state, T1_RESYNCH_REQUEST);
  }
  if (job == JOB_IFS) return request(state, T1_IFS_REQUEST);
  const wanted: i32 = word(state, T1_W_IFSD_WANTED);
  if (before == T1_INIT && wanted != 0) return announceIfsd(state, wanted);
  return firstInformation(state);
}

/** Writes the outstanding block at SEND + offset; returns its length, 0 if none is. */
export function t1Build(state: i32, offset: i32): i32 {
  if (word(state, T1_W_JOB) == JOB_NONE) return 0;
  const block: i32 = state + SEND + offset;
  const kind: i32 = word(state, T1_W_STATE);
  if (kind == T1_I_BLOCK) {
    const length: i32 = word(state, T1_W_INF_SENT);
    copy(block + 3, state + COMMAND + word(state, T1_W_BYTES_SENT), length);
    return frame(
      state,
      block,
      (word(state, T1_W_SSN) << 6) | (word(state, T1_W_MORE_DATA) << 5),
      length,
    );
  }
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

/** The row of the reaction table. */
function outstanding(state: i32): i32 {
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

function sendR(state: i32, error: i32): i32 {
  set(state, T1_W_STATE, T1_R_BLOCK);
  set(state, T1_W_R_NUMBER, word(state, T1_W_RSN));
  set(state, T1_W_R_ERROR, error);
  return MACHINE_TRANSFER;
}

function respond(state: i32, kind: i32, value: i32): i32 {
  set(state, T1_W_STATE, kind);
  set(state, T1_W_S_VALUE, value);
  return MACHINE_TRANSFER;
}

/** After the last repetition: RESYNCH (7.4.2), or a reset (6.4, 7.4.1). */
function escalate(state: i32, refusedIfs: bool): i32 {
  const kind: i32 = word(state, T1_W_STATE);
  if (
    refusedIfs &&
    (word(state, T1_W_FLAGS) & T1_F_IFS_REFUSAL_PROCEEDS) != 0 &&
    word(state, T1_W_JOB) == JOB_COMMAND
  ) {
    set(state, T1_W_ALIVE, 1);
    set(state, T1_W_IFSD_WANTED, 0);
    set(state, T1_W_RESEND, 0);
    return firstInformation(state);
  }
  if (kind == T1_RESYNCH_REQUEST || word(state, T1_W_ALIVE) == 0) {
    return end(state, MACHINE_E_RESET_CARD, false);
  }
  return request(state, T1_RESYNCH_REQUEST);
}

function take(state: i32, block: i32): i32 {
  const phase: i32 = word(state, T1_W_PHASE);
  if (phase == PHASE_SENDING) {
    const sent: i32 = word(state, T1_W_INF_SENT);
    set(state, T1_W_BYTES_SENT, word(state, T1_W_BYTES_SENT) + sent);
    set(state, T1_W_BYTES_TO_SEND, word(state, T1_W_BYTES_TO_SEND) - sent);
    set(state, T1_W_SSN, word(state, T1_W_SSN) ^ 1);
  }
  set(state, T1_W_PHASE, PHASE_RECEIVING);
  set(state, T1_W_RSN, word(state, T1_W_RSN) ^ 1);
  const length: i32 = ld8(block + 2);
  const received: i32 = word(state, T1_W_BYTES_RECEIVED);
  const more: bool = (ld8(block + 1) & 0x20) != 0;
  let outcome: i32 = MACHINE_DONE;
  if (received + length > MAX_RESPONSE) {
    outcome = MACHINE_E_RESPONSE_LENGTH;
  } else {
    copy(state + RESPONSE + received, block + 3, length);
    set(state, T1_W_BYTES_RECEIVED, received + length);
  }
  if (!more) return end(state, outcome, true);
  if (length == 0) {
    const empty: i32 = word(state, T1_W_EMPTY_COUNT) + 1;
    set(state, T1_W_EMPTY_COUNT, empty);
    if (empty > MAX_EMPTY_BLOCKS) outcome = MACHINE_E_RESPONSE_LENGTH;
  }
  if (outcome != MACHINE_DONE) {
    set(state, T1_W_OUTCOME, outcome);
    return request(state, T1_ABORT_REQUEST);
  }
  return sendR(state, 0);
}

function resynchronised(state: i32): i32 {
  const job: i32 = word(state, T1_W_JOB);
  const wasRunning: bool = word(state, T1_W_PHASE) != PHASE_IDLE;
  set(state, T1_W_SSN, 0);
  set(state, T1_W_RSN, 0);
  set(state, T1_W_IFSC, word(state, T1_W_IFSC_ATR));
  set(state, T1_W_IFSD, IFS_DEFAULT);
  set(state, T1_W_BYTES_RECEIVED, 0);
  set(state, T1_W_MORE_DATA, 0);
  set(state, T1_W_EMPTY_COUNT, 0);
  set(state, T1_W_PHASE, PHASE_IDLE);
  set(state, T1_W_STATE, T1_RESTART);
  if (word(state, T1_W_OUTCOME) != 0) {
    return end(state, word(state, T1_W_OUTCOME), true);
  }
  if (job == JOB_RESYNCH || job == JOB_ABORT) {
    return end(state, MACHINE_DONE, true);
  }
  if (wasRunning && (word(state, T1_W_FLAGS) & T1_F_REPORT_RESYNCH) != 0) {
    return end(state, MACHINE_E_OUTCOME_UNKNOWN, true);
  }
  const count: i32 = word(state, T1_W_RESYNCH) + 1;
  set(state, T1_W_RESYNCH, count);
  if (count > MAX_RESYNCHS) return end(state, MACHINE_E_RESET_CARD, false);
  if (job == JOB_IFS) return request(state, T1_IFS_REQUEST);
  const wanted: i32 = word(state, T1_W_IFSD_WANTED);
  if (wanted > IFS_DEFAULT) return announceIfsd(state, wanted);
  return firstInformation(state);
}

/** Carries out one reaction that is not a failure. */
function react(state: i32, action: i32, block: i32): i32 {
  switch (action) {
    case DO_TAKE:
      return take(state, block);
    case DO_I_NEXT: {
      const sent: i32 = word(state, T1_W_INF_SENT);
      set(state, T1_W_BYTES_SENT, word(state, T1_W_BYTES_SENT) + sent);
      set(state, T1_W_BYTES_TO_SEND, word(state, T1_W_BYTES_TO_SEND) - sent);
      set(state, T1_W_SSN, word(state, T1_W_SSN) ^ 1);
      return nextInformation(state);
    }
    case DO_IFS: {
      const count: i32 = word(state, T1_W_IFS_COUNT) + 1;
      set(state, T1_W_IFS_COUNT, count);
      if (count > MAX_IFS_REQUESTS) {
        return end(state, MACHINE_E_TOO_MANY_REQUESTS, false);
      }
      set(state, T1_W_IFSC, ld8(block + 3));
      return respond(state, T1_IFS_RESPONSE, ld8(block + 3));
    }
    case DO_WTX: {
      const count: i32 = word(state, T1_W_WTX_COUNT) + 1;
      set(state, T1_W_WTX_COUNT, count);
      if (count > word(state, T1_W_WTX_MAX)) {
        return end(state, MACHINE_E_TOO_MANY_REQUESTS, false);
      }
      set(state, T1_W_WTX, ld8(block + 3));
      return respond(state, T1_WTX_RESPONSE, ld8(block + 3));
    }
    case DO_ABORT: {
      const count: i32 = word(state, T1_W_IFS_COUNT) + 1;
      set(state, T1_W_IFS_COUNT, count);
      if (count > MAX_IFS_REQUESTS) {
        return end(state, MACHINE_E_TOO_MANY_REQUESTS, false);
      }
      // Who aborts our chain has received its block; an R-block will say so again.
      if (word(state, T1_W_PHASE) == PHASE_SENDING) {
        set(state, T1_W_SSN, word(state, T1_W_SSN) ^ 1);
      }
      set(state, T1_W_BYTES_RECEIVED, 0);
      set(state, T1_W_MORE_DATA, 0);
      set(state, T1_W_PHASE, PHASE_ABORTED);
      return respond(state, T1_ABORT_RESPONSE, 0);
    }
    case DO_IFS_DONE:
      set(state, T1_W_IFSD, word(state, T1_W_IFSD_ASKED));
      if (word(state, T1_W_JOB) == JOB_IFS) {
        return end(state, MACHINE_DONE, true);
      }
      return firstInformation(state);
    case DO_RESYNCH_DONE:
      return resynchronised(state);
    case DO_ABORT_DONE:
      return end(state, word(state, T1_W_OUTCOME), true);
    case DO_TURN:
      set(state, T1_W_SSN, (ld8(block + 1) >> 4) & 1);
      return end(state, MACHINE_E_ABORTED, true);
    default:
      return MACHINE_E_STATE;
  }
}

/** Takes the `length` bytes that came at RECEIVE + offset; 0 is silence, or a block the reader refused. */
export function t1Digest(state: i32, offset: i32, length: i32): i32 {
  if (offset < 0 || length < 0 || offset + length > BUFFER_BYTES) {
    return MACHINE_E_RECEIVE_LENGTH;
  }
  if (word(state, T1_W_JOB) == JOB_NONE) return MACHINE_E_STATE;
  set(state, T1_W_WTX, 0);
  const block: i32 = state + RECEIVE + offset;
  const variant: i32 = word(state, T1_W_CRC_VARIANT);
  let error: i32 = judge(state, block, length);
  const came: i32 = error == VALID ? kindOf(state, block) : CAME_NOTHING_VALID;
  if (came == CAME_NOTHING_VALID && error == VALID) error = ERROR_OTHER;
  set(state, T1_W_LAST_ERROR, error);
  if (error == VALID && word(state, T1_W_CRC_VARIANT) == variant) {
    reconsiderCrc(state, ld8(block + 1));
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
      error == VALID && (ld8(block + 1) & 0xef) == 0x82;
    return escalate(state, refusedIfs);
  }
  if (action == DO_R) {
    return sendR(state, error == VALID ? ERROR_OTHER : error);
  }
  if (action == DO_I_AGAIN) set(state, T1_W_STATE, T1_I_BLOCK);
  return MACHINE_TRANSFER;
}

/** No S(IFS request) from now on; IFSD stays what a card assumes when told nothing. */
export function t1SuppressIfs(state: i32): void {
  set(state, T1_W_IFSD_WANTED, 0);
}

/** Node address byte of the blocks from now on. */
export function t1SetNad(state: i32, nad: i32): void {
  set(state, T1_W_NAD, nad);
}
