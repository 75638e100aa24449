/**
 * What a T=1 session is asked to do: beginning and end.
 *
 * @module
 */

import {
  MACHINE_DONE,
  MACHINE_E_COMMAND_LENGTH,
  MACHINE_E_DEACTIVATE,
  MACHINE_E_STATE,
  MACHINE_TRANSFER,
  MAX_COMMAND,
  T1_ABORT_REQUEST,
  T1_F_DEACTIVATE,
  T1_I_BLOCK,
  T1_IFS_REQUEST,
  T1_INIT,
  T1_JOB_ABORT,
  T1_JOB_COMMAND,
  T1_JOB_IFS,
  T1_JOB_NONE,
  T1_JOB_RESYNCH,
  T1_RESYNCH_REQUEST,
  T1_START,
  T1_W_ALIVE,
  T1_W_ANNOUNCED,
  T1_W_BYTES_RECEIVED,
  T1_W_BYTES_SENT,
  T1_W_BYTES_TO_SEND,
  T1_W_CHANGE_COUNT,
  T1_W_COMMAND_LENGTH,
  T1_W_EMPTY_COUNT,
  T1_W_FLAGS,
  T1_W_IFSC,
  T1_W_IFSD,
  T1_W_IFSD_ASKED,
  T1_W_IFSD_WANTED,
  T1_W_INF_SENT,
  T1_W_JOB,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_OUTCOME,
  T1_W_PHASE,
  T1_W_RESEND,
  T1_W_RESYNCH,
  T1_W_STATE,
  T1_W_WTX,
  T1_W_WTX_COUNT,
} from "./abi.ts";
import { isEmv, PHASE_IDLE, PHASE_SENDING, set, word } from "./t1_state.ts";

/** Cuts the next I-block off the command. */
export function nextInformation(state: i32): i32 {
  const left: i32 = word(state, T1_W_BYTES_TO_SEND);
  const ifsc: i32 = word(state, T1_W_IFSC);
  set(state, T1_W_INF_SENT, left > ifsc ? ifsc : left);
  set(state, T1_W_MORE_DATA, left > ifsc ? 1 : 0);
  set(state, T1_W_STATE, T1_I_BLOCK);
  set(state, T1_W_PHASE, PHASE_SENDING);
  return MACHINE_TRANSFER;
}

/** Puts the command at its first byte. */
export function firstInformation(state: i32): i32 {
  set(state, T1_W_BYTES_TO_SEND, word(state, T1_W_COMMAND_LENGTH));
  set(state, T1_W_BYTES_SENT, 0);
  set(state, T1_W_BYTES_RECEIVED, 0);
  return nextInformation(state);
}

/** Makes an S(request) the outstanding block. */
export function request(state: i32, kind: i32): i32 {
  set(state, T1_W_STATE, kind);
  set(state, T1_W_RESEND, 0);
  return MACHINE_TRANSFER;
}

/** Begins the command proper: with S(IFS request) if the card has not been told the size wanted. */
export function openCommand(state: i32): i32 {
  const wanted: i32 = word(state, T1_W_IFSD_WANTED);
  // Told once in a session, even where it is the default.
  const isKnown: bool = word(state, T1_W_ANNOUNCED) != 0 &&
    word(state, T1_W_IFSD) == wanted;
  if (wanted == 0 || isKnown) return firstInformation(state);
  set(state, T1_W_IFSD_ASKED, wanted);
  return request(state, T1_IFS_REQUEST);
}

/** Gives the card up. An EMV terminal deactivates it, whatever the reason. */
export function giveUp(state: i32, event: i32): i32 {
  if (!isEmv(state)) return end(state, event, false);
  set(state, T1_W_FLAGS, word(state, T1_W_FLAGS) | T1_F_DEACTIVATE);
  return end(state, MACHINE_E_DEACTIVATE, false);
}

/** Ends the job. An unfinished one leaves numbers in doubt: the next begins with RESYNCH. */
export function end(state: i32, event: i32, inStep: bool): i32 {
  set(state, T1_W_JOB, T1_JOB_NONE);
  set(state, T1_W_PHASE, PHASE_IDLE);
  set(state, T1_W_MORE_DATA, 0);
  set(state, T1_W_RESEND, 0);
  if (event < 0) set(state, T1_W_BYTES_RECEIVED, 0);
  if (inStep) set(state, T1_W_STATE, T1_START);
  else if (word(state, T1_W_ALIVE) == 0) set(state, T1_W_STATE, T1_INIT);
  else set(state, T1_W_STATE, T1_RESYNCH_REQUEST);
  return event;
}

/** Begins `job` on a session; `value` is a length or an IFSD. */
export function t1Start(state: i32, job: i32, value: i32): i32 {
  if (job == T1_JOB_COMMAND && (value < 1 || value > MAX_COMMAND)) {
    return MACHINE_E_COMMAND_LENGTH;
  }
  if (job == T1_JOB_IFS && (value < 1 || value > 254)) return MACHINE_E_STATE;
  if (job < T1_JOB_COMMAND || job > T1_JOB_ABORT) return MACHINE_E_STATE;
  // An EMV terminal never aborts, and announces no size but its own.
  if ((job == T1_JOB_ABORT || job == T1_JOB_IFS) && isEmv(state)) {
    return MACHINE_E_STATE;
  }
  // A job that the caller left in the middle.
  if (word(state, T1_W_JOB) != T1_JOB_NONE) giveUp(state, MACHINE_DONE);
  if ((word(state, T1_W_FLAGS) & T1_F_DEACTIVATE) != 0) {
    return MACHINE_E_DEACTIVATE;
  }
  const before: i32 = word(state, T1_W_STATE);
  set(state, T1_W_JOB, job);
  set(state, T1_W_OUTCOME, 0);
  set(state, T1_W_RESEND, 0);
  set(state, T1_W_RESYNCH, 0);
  set(state, T1_W_WTX, 0);
  set(state, T1_W_WTX_COUNT, 0);
  set(state, T1_W_CHANGE_COUNT, 0);
  set(state, T1_W_EMPTY_COUNT, 0);
  set(state, T1_W_LAST_ERROR, 0);
  set(state, T1_W_BYTES_RECEIVED, 0);
  set(state, T1_W_PHASE, PHASE_IDLE);
  if (job == T1_JOB_COMMAND) set(state, T1_W_COMMAND_LENGTH, value);
  if (job == T1_JOB_IFS) set(state, T1_W_IFSD_ASKED, value);
  if (job == T1_JOB_RESYNCH || before == T1_RESYNCH_REQUEST) {
    return request(state, T1_RESYNCH_REQUEST);
  }
  if (job == T1_JOB_ABORT) return request(state, T1_ABORT_REQUEST);
  if (job == T1_JOB_IFS) return request(state, T1_IFS_REQUEST);
  return openCommand(state);
}
