/**
 * The reader's side of T=0 at character level (ISO/IEC 7816-3 10): one TPDU, its
 * procedure bytes, its status.
 *
 * `t0Start` begins, `t0Build` writes the characters to send now, `t0Digest` takes
 * what came; T0_W_WANTED tells how many characters must come at least.
 *
 * @module
 */

import {
  BUFFER_BYTES,
  COMMAND,
  MACHINE_DONE,
  MACHINE_E_CLA,
  MACHINE_E_INS,
  MACHINE_E_OVERRUN,
  MACHINE_E_PROCEDURE_BYTE,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TIMEOUT,
  MACHINE_E_TOO_MANY_NULLS,
  MACHINE_E_TPDU,
  MACHINE_TRANSFER,
  RECEIVE,
  RESPONSE,
  SEND,
  T0_STATE,
  T0_W_INS,
  T0_W_LC,
  T0_W_LE,
  T0_W_MAX_NULLS,
  T0_W_NULLS,
  T0_W_RECEIVED,
  T0_W_RESPONSE_LENGTH,
  T0_W_SEND_COUNT,
  T0_W_SEND_FROM,
  T0_W_SENT,
  T0_W_STATE,
  T0_W_SW1,
  T0_W_TAKE,
  T0_W_WANTED,
} from "./abi.ts";
import { copy } from "./kernels.ts";
import { ld32, ld8, st32, st8 } from "./mem.ts";

const IDLE = 0;
/** A procedure byte is due. */
const PROCEDURE = 1;
/** Data of the card are due. */
const DATA = 2;
/** SW2 is due. */
const SW2 = 3;

const HEADER = 5;
const NULL_BYTE = 0x60;

function word(slot: i32, index: i32): i32 {
  return ld32(slot + T0_STATE + 4 * index);
}

function set(slot: i32, index: i32, value: i32): void {
  st32(slot + T0_STATE + 4 * index, value);
}

function end(slot: i32, event: i32): i32 {
  set(slot, T0_W_STATE, IDLE);
  set(slot, T0_W_SEND_COUNT, 0);
  set(slot, T0_W_WANTED, 0);
  return event;
}

/** How many characters the card must still send before it can be the reader's turn. */
function updateWanted(slot: i32): void {
  const state: i32 = word(slot, T0_W_STATE);
  if (state == SW2) set(slot, T0_W_WANTED, 1);
  else if (state == DATA) set(slot, T0_W_WANTED, word(slot, T0_W_TAKE) + 2);
  else if (word(slot, T0_W_SENT) < word(slot, T0_W_LC)) {
    set(slot, T0_W_WANTED, 1);
  } else set(slot, T0_W_WANTED, 2);
}

/** Nothing is under way, whatever was before. */
export function t0Reset(slot: i32): void {
  end(slot, MACHINE_DONE);
  set(slot, T0_W_RESPONSE_LENGTH, 0);
}

/** Why the header at `command` cannot be sent over T=0, 0 if it can. */
export function refusedHeader(command: i32): i32 {
  if (ld8(command) == 0xff) return MACHINE_E_CLA;
  const high: i32 = ld8(command + 1) & 0xf0;
  // Such an INS could not be told from SW1 among the procedure bytes.
  return high == 0x60 || high == 0x90 ? MACHINE_E_INS : 0;
}

/**
 * Begins the TPDU of `length` bytes at COMMAND: a header of 5 bytes, then P3 bytes
 * of data or none. `le` is the number of bytes the card is to send, 0 to 256.
 */
export function t0Start(
  slot: i32,
  length: i32,
  le: i32,
  maxNulls: i32,
): i32 {
  const command: i32 = slot + COMMAND;
  set(slot, T0_W_STATE, IDLE);
  if (length < HEADER) return MACHINE_E_TPDU;
  const lc: i32 = length - HEADER;
  const p3: i32 = ld8(command + 4);
  if (lc != 0 && (lc != p3 || le != 0)) return MACHINE_E_TPDU;
  if (lc == 0 && (le < 0 || le > 256 || (le & 0xff) != p3)) {
    return MACHINE_E_TPDU;
  }
  const refusal: i32 = refusedHeader(command);
  if (refusal != 0) return refusal;
  set(slot, T0_W_STATE, PROCEDURE);
  set(slot, T0_W_LC, lc);
  set(slot, T0_W_LE, le);
  set(slot, T0_W_SENT, 0);
  set(slot, T0_W_RECEIVED, 0);
  set(slot, T0_W_INS, ld8(command + 1));
  set(slot, T0_W_SEND_FROM, 0);
  set(slot, T0_W_SEND_COUNT, HEADER);
  set(slot, T0_W_TAKE, 0);
  set(slot, T0_W_NULLS, 0);
  set(slot, T0_W_MAX_NULLS, maxNulls);
  set(slot, T0_W_RESPONSE_LENGTH, 0);
  updateWanted(slot);
  return MACHINE_TRANSFER;
}

/** Writes the characters to send now at SEND + offset; returns how many, possibly none. */
export function t0Build(slot: i32, offset: i32): i32 {
  const count: i32 = word(slot, T0_W_SEND_COUNT);
  copy(
    slot + SEND + offset,
    slot + COMMAND + word(slot, T0_W_SEND_FROM),
    count,
  );
  return count;
}

/** Serves ACK (`all`) or its complement: one direction, the remaining bytes or one. */
function transfer(slot: i32, all: bool): i32 {
  const toSend: i32 = word(slot, T0_W_LC) - word(slot, T0_W_SENT);
  const toTake: i32 = word(slot, T0_W_LE) - word(slot, T0_W_RECEIVED);
  if (toSend > 0) {
    const count: i32 = all ? toSend : 1;
    set(slot, T0_W_SEND_FROM, HEADER + word(slot, T0_W_SENT));
    set(slot, T0_W_SEND_COUNT, count);
    set(slot, T0_W_SENT, word(slot, T0_W_SENT) + count);
    return MACHINE_TRANSFER;
  }
  // Nothing is left to transfer: the card may only wait or end.
  if (toTake <= 0) return MACHINE_E_OVERRUN;
  set(slot, T0_W_TAKE, all ? toTake : 1);
  set(slot, T0_W_STATE, DATA);
  return MACHINE_TRANSFER;
}

/** ISO/IEC 7816-3 10.3.3, in this order: NULL, ACK, its complement, SW1. */
function procedureByte(slot: i32, value: i32): i32 {
  if (value == NULL_BYTE) {
    const nulls: i32 = word(slot, T0_W_NULLS) + 1;
    set(slot, T0_W_NULLS, nulls);
    return nulls > word(slot, T0_W_MAX_NULLS)
      ? MACHINE_E_TOO_MANY_NULLS
      : MACHINE_TRANSFER;
  }
  const ins: i32 = word(slot, T0_W_INS);
  if (value == ins) return transfer(slot, true);
  if (value == (ins ^ 0xff)) return transfer(slot, false);
  if ((value & 0xf0) == 0x60 || (value & 0xf0) == 0x90) {
    set(slot, T0_W_SW1, value);
    set(slot, T0_W_STATE, SW2);
    return MACHINE_TRANSFER;
  }
  return MACHINE_E_PROCEDURE_BYTE;
}

/** Takes the `length` characters that came at RECEIVE + offset; 0 is silence. */
export function t0Digest(slot: i32, offset: i32, length: i32): i32 {
  if (
    offset < 0 || length < 0 || offset > BUFFER_BYTES ||
    length > BUFFER_BYTES - offset
  ) {
    return MACHINE_E_RECEIVE_LENGTH;
  }
  if (word(slot, T0_W_STATE) == IDLE) return MACHINE_E_STATE;
  if (length == 0) return end(slot, MACHINE_E_TIMEOUT);
  set(slot, T0_W_SEND_COUNT, 0);
  const response: i32 = slot + RESPONSE;
  let at: i32 = slot + RECEIVE + offset;
  const last: i32 = at + length;
  while (at < last) {
    // The reader's turn, and the card goes on.
    if (word(slot, T0_W_SEND_COUNT) != 0) return end(slot, MACHINE_E_OVERRUN);
    const state: i32 = word(slot, T0_W_STATE);
    if (state == DATA) {
      const take: i32 = word(slot, T0_W_TAKE);
      const here: i32 = last - at < take ? last - at : take;
      const received: i32 = word(slot, T0_W_RECEIVED);
      copy(response + received, at, here);
      at += here;
      set(slot, T0_W_RECEIVED, received + here);
      set(slot, T0_W_TAKE, take - here);
      if (take == here) set(slot, T0_W_STATE, PROCEDURE);
    } else if (state == SW2) {
      if (at + 1 != last) return end(slot, MACHINE_E_OVERRUN);
      const received: i32 = word(slot, T0_W_RECEIVED);
      st8(response + received, word(slot, T0_W_SW1));
      st8(response + received + 1, ld8(at));
      set(slot, T0_W_RESPONSE_LENGTH, received + 2);
      return end(slot, MACHINE_DONE);
    } else {
      const event: i32 = procedureByte(slot, ld8(at));
      if (event < 0) return end(slot, event);
      at++;
    }
  }
  updateWanted(slot);
  return MACHINE_TRANSFER;
}
