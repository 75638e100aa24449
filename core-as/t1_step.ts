/**
 * Digest and build in one call, and the two turns that make up nearly all of a long
 * exchange on a shorter way: the acknowledgement of a block of the command's chain,
 * and a block of the card's chain. Whatever else comes takes the way over the table;
 * both ways leave the same state behind.
 *
 * @module
 */

import {
  BUFFER_BYTES,
  EDC_LRC,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_TRANSFER,
  MAX_RESPONSE,
  RECEIVE,
  RESPONSE,
  SEND,
  T1_I_BLOCK,
  T1_R_BLOCK,
  T1_W_ALIVE,
  T1_W_BYTES_RECEIVED,
  T1_W_EDC,
  T1_W_LAST_ERROR,
  T1_W_MORE_DATA,
  T1_W_PHASE,
  T1_W_RESEND,
  T1_W_RSN,
  T1_W_SSN,
  T1_W_STATE,
  T1_W_WTX,
} from "./abi.ts";
import { copyXor } from "./kernels.ts";
import { ld32, ld8 } from "./mem.ts";
import { t1Build, t1Digest } from "./t1.ts";
import { cardNad, frame, frameInformation } from "./t1_block.ts";
import { nextInformation } from "./t1_job.ts";
import { acknowledge, finish, sendR } from "./t1_react.ts";
import { PHASE_RECEIVING, PHASE_SENDING, set, word } from "./t1_state.ts";

const SHORTEST = 4;
/** No length of a block, no end and no error: the way over the table decides. */
const NOT_THIS: i32 = 1;

/** The card has been heard as expected. */
function heard(state: i32): void {
  set(state, T1_W_WTX, 0);
  set(state, T1_W_LAST_ERROR, 0);
  set(state, T1_W_ALIVE, 1);
  set(state, T1_W_RESEND, 0);
}

/** An error-free R-block that asks for the next block of our chain, or NOT_THIS. */
function takeAcknowledgement(state: i32): i32 {
  const nad: i32 = cardNad(state);
  const pcb: i32 = 0x80 | ((word(state, T1_W_SSN) ^ 1) << 4);
  const expected: i32 = nad | (pcb << 8) | ((nad ^ pcb) << 24);
  if (ld32(state + RECEIVE) != expected) return NOT_THIS;
  heard(state);
  acknowledge(state);
  nextInformation(state);
  return frameInformation(state, state + SEND);
}

/** The next block of the card's chain, valid and with the number expected, or NOT_THIS. */
function takeInformation(state: i32, length: i32): i32 {
  const block: i32 = state + RECEIVE;
  const nad: i32 = ld8(block);
  const pcb: i32 = ld8(block + 1);
  const len: i32 = ld8(block + 2);
  const received: i32 = word(state, T1_W_BYTES_RECEIVED);
  if (
    len == 0 || len == 255 || length != len + SHORTEST ||
    (pcb & 0xdf) != (word(state, T1_W_RSN) << 6) || nad != cardNad(state) ||
    received + len > MAX_RESPONSE
  ) return NOT_THIS;
  // The LRC is copied along; it lies behind the end of the response.
  const sum: i32 = copyXor(state + RESPONSE + received, block + 3, len + 1);
  if ((sum ^ nad ^ pcb ^ len) != 0) return NOT_THIS;
  heard(state);
  set(state, T1_W_RSN, word(state, T1_W_RSN) ^ 1);
  set(state, T1_W_BYTES_RECEIVED, received + len);
  if ((pcb & 0x20) == 0) return finish(state);
  sendR(state, 0);
  const wanted: i32 = word(state, T1_W_RSN);
  return frame(state, state + SEND, 0x80 | (wanted << 4), 0);
}

/**
 * Takes the `length` bytes at RECEIVE and writes the block to send next at SEND.
 * Returns its length, 0 when the exchange is over, or an error below 0.
 */
export function t1Step(state: i32, length: i32): i32 {
  if (length < 0 || length > BUFFER_BYTES) return MACHINE_E_RECEIVE_LENGTH;
  if (word(state, T1_W_EDC) == EDC_LRC && length >= SHORTEST) {
    const kind: i32 = word(state, T1_W_STATE);
    const phase: i32 = word(state, T1_W_PHASE);
    if (kind == T1_I_BLOCK && phase == PHASE_SENDING) {
      if (length == SHORTEST && word(state, T1_W_MORE_DATA) != 0) {
        const next: i32 = takeAcknowledgement(state);
        if (next != NOT_THIS) return next;
      }
    } else if (kind == T1_R_BLOCK && phase == PHASE_RECEIVING) {
      const next: i32 = takeInformation(state, length);
      if (next != NOT_THIS) return next;
    }
  }
  const event: i32 = t1Digest(state, 0, length);
  return event == MACHINE_TRANSFER ? t1Build(state, 0) : event;
}
