/**
 * Carries out the reactions of the T=1 machine.
 *
 * @module
 */

import {
  MACHINE_DONE,
  MACHINE_E_ABORTED,
  MACHINE_E_OUTCOME_UNKNOWN,
  MACHINE_E_RESET_CARD,
  MACHINE_E_RESPONSE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TOO_MANY_REQUESTS,
  MACHINE_TRANSFER,
  MAX_RESPONSE,
  RESPONSE,
  T1_ABORT_REQUEST,
  T1_ABORT_RESPONSE,
  T1_F_NO_IFS,
  T1_F_REPORT_RESYNCH,
  T1_IFS_REQUEST,
  T1_IFS_RESPONSE,
  T1_JOB_ABORT,
  T1_JOB_IFS,
  T1_JOB_RESYNCH,
  T1_R_BLOCK,
  T1_RESTART,
  T1_W_ANNOUNCED,
  T1_W_BYTES_RECEIVED,
  T1_W_BYTES_SENT,
  T1_W_BYTES_TO_SEND,
  T1_W_CHANGE_COUNT,
  T1_W_EMPTY_COUNT,
  T1_W_FLAGS,
  T1_W_IFSC,
  T1_W_IFSC_ATR,
  T1_W_IFSD,
  T1_W_IFSD_ASKED,
  T1_W_IFSD_WANTED,
  T1_W_INF_SENT,
  T1_W_JOB,
  T1_W_MORE_DATA,
  T1_W_OUTCOME,
  T1_W_PHASE,
  T1_W_R_ERROR,
  T1_W_R_NUMBER,
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
import { copy } from "./kernels.ts";
import { ld8 } from "./mem.ts";
import {
  end,
  firstInformation,
  giveUp,
  nextInformation,
  openCommand,
  request,
} from "./t1_job.ts";
import {
  IFS_DEFAULT,
  isEmv,
  PHASE_ABORTED,
  PHASE_IDLE,
  PHASE_RECEIVING,
  PHASE_SENDING,
  set,
  word,
} from "./t1_state.ts";
import {
  DO_ABORT,
  DO_ABORT_DONE,
  DO_I_NEXT,
  DO_IFS,
  DO_IFS_DONE,
  DO_RESYNCH_DONE,
  DO_TAKE,
  DO_TURN,
  DO_WTX,
} from "./t1_table.ts";

/** ISO sets no limits to these; a card could go on for ever. */
const MAX_RESYNCHS = 3;
/** S(IFS request) and S(ABORT request) together. */
const MAX_CHANGES = 64;
const MAX_EMPTY_BLOCKS = 256;

/** Answers with an R-block that asks for the block expected next; `error` is its bits 1 and 2. */
export function sendR(state: i32, error: i32): i32 {
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

/** Our I-block has arrived. */
export function acknowledge(state: i32): void {
  const sent: i32 = word(state, T1_W_INF_SENT);
  set(state, T1_W_BYTES_SENT, word(state, T1_W_BYTES_SENT) + sent);
  set(state, T1_W_BYTES_TO_SEND, word(state, T1_W_BYTES_TO_SEND) - sent);
  set(state, T1_W_SSN, word(state, T1_W_SSN) ^ 1);
}

/** Counts a request or an empty block of the card; whether it is one too many for this command. */
function isTooMany(state: i32, counter: i32, most: i32): bool {
  const count: i32 = word(state, counter) + 1;
  set(state, counter, count);
  return count > most;
}

/** The last block of the answer has come. An EMV terminal takes no answer without SW1 SW2. */
export function finish(state: i32): i32 {
  const isShort: bool = isEmv(state) && word(state, T1_W_BYTES_RECEIVED) < 2;
  return end(state, isShort ? MACHINE_E_RESPONSE_LENGTH : MACHINE_DONE, true);
}

function take(state: i32, block: i32): i32 {
  if (word(state, T1_W_PHASE) == PHASE_SENDING) acknowledge(state);
  set(state, T1_W_PHASE, PHASE_RECEIVING);
  set(state, T1_W_RSN, word(state, T1_W_RSN) ^ 1);
  // A card that answers after an abortion has begun another answer.
  set(state, T1_W_OUTCOME, MACHINE_DONE);
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
  if (!more) {
    return outcome == MACHINE_DONE ? finish(state) : end(state, outcome, true);
  }
  if (
    length == 0 && isTooMany(state, T1_W_EMPTY_COUNT, MAX_EMPTY_BLOCKS)
  ) {
    outcome = MACHINE_E_RESPONSE_LENGTH;
  }
  if (outcome != MACHINE_DONE) {
    if (isEmv(state)) return giveUp(state, outcome);
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
  if (job == T1_JOB_RESYNCH || job == T1_JOB_ABORT) {
    return end(state, MACHINE_DONE, true);
  }
  if (wasRunning && (word(state, T1_W_FLAGS) & T1_F_REPORT_RESYNCH) != 0) {
    return end(state, MACHINE_E_OUTCOME_UNKNOWN, true);
  }
  const count: i32 = word(state, T1_W_RESYNCH) + 1;
  set(state, T1_W_RESYNCH, count);
  if (count > MAX_RESYNCHS) return giveUp(state, MACHINE_E_RESET_CARD);
  if (job == T1_JOB_IFS) return request(state, T1_IFS_REQUEST);
  return openCommand(state);
}

/** Carries out one reaction that is not a failure. */
export function react(state: i32, action: i32, block: i32): i32 {
  switch (action) {
    case DO_TAKE:
      return take(state, block);
    case DO_I_NEXT:
      acknowledge(state);
      return nextInformation(state);
    case DO_IFS:
      if (isTooMany(state, T1_W_CHANGE_COUNT, MAX_CHANGES)) {
        return giveUp(state, MACHINE_E_TOO_MANY_REQUESTS);
      }
      set(state, T1_W_IFSC, ld8(block + 3));
      return respond(state, T1_IFS_RESPONSE, ld8(block + 3));
    case DO_WTX:
      if (isTooMany(state, T1_W_WTX_COUNT, word(state, T1_W_WTX_MAX))) {
        return giveUp(state, MACHINE_E_TOO_MANY_REQUESTS);
      }
      set(state, T1_W_WTX, ld8(block + 3));
      return respond(state, T1_WTX_RESPONSE, ld8(block + 3));
    case DO_ABORT:
      if (isTooMany(state, T1_W_CHANGE_COUNT, MAX_CHANGES)) {
        return giveUp(state, MACHINE_E_TOO_MANY_REQUESTS);
      }
      // A card that aborts our chain has received its block; its R-block will confirm that.
      if (word(state, T1_W_PHASE) == PHASE_SENDING) {
        set(state, T1_W_SSN, word(state, T1_W_SSN) ^ 1);
      }
      set(state, T1_W_BYTES_RECEIVED, 0);
      set(state, T1_W_MORE_DATA, 0);
      set(state, T1_W_PHASE, PHASE_ABORTED);
      // A RESYNCH that follows does not run the command again.
      set(state, T1_W_OUTCOME, MACHINE_E_ABORTED);
      return respond(state, T1_ABORT_RESPONSE, 0);
    case DO_IFS_DONE:
      set(state, T1_W_IFSD, word(state, T1_W_IFSD_ASKED));
      set(state, T1_W_ANNOUNCED, 1);
      if (word(state, T1_W_JOB) == T1_JOB_IFS) {
        // From now on this is what is wanted, after a RESYNCH too.
        if ((word(state, T1_W_FLAGS) & T1_F_NO_IFS) == 0) {
          set(state, T1_W_IFSD_WANTED, word(state, T1_W_IFSD_ASKED));
        }
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
