/**
 * Command APDUs over T=0 (ISO/IEC 7816-3 12.2): the layer above the TPDU. It corrects
 * Le after 6Cxx, fetches by GET RESPONSE, and wraps into ENVELOPE what is too long.
 *
 * `t0ApduStart` begins with the APDU at COMMAND, `t0ApduBuild` writes the TPDU to
 * exchange, T0A_W_LE tells how many bytes it asks for, `t0ApduDigest` takes data and
 * SW1 SW2. Which machine or reader exchanges the TPDU is the caller's affair.
 *
 * @module
 */

import {
  APDU_2E,
  APDU_4E,
  APDU_4S,
  APDU_MALFORMED,
  APDU_W_DATA,
  APDU_W_NC,
  APDU_W_NE,
  BUFFER_BYTES,
  COMMAND,
  MACHINE_DONE,
  MACHINE_E_APDU,
  MACHINE_E_COMMAND_LENGTH,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TPDU_RESPONSE,
  MACHINE_TRANSFER,
  MAX_COMMAND,
  RECEIVE,
  RESPONSE,
  RESULT,
  SEND,
  T0_APDU_STATE,
  T0A_F_UICC,
  T0A_W_CASE,
  T0A_W_COLLECTED,
  T0A_W_CORRECTED,
  T0A_W_FLAGS,
  T0A_W_FROM,
  T0A_W_LC,
  T0A_W_LE,
  T0A_W_LENGTH,
  T0A_W_NE,
  T0A_W_P3,
  T0A_W_RESPONSE_LENGTH,
  T0A_W_SENT,
  T0A_W_STATE,
  T0A_W_WARNING,
} from "./abi.ts";
import { parseApdu } from "./apdu.ts";
import { copy } from "./kernels.ts";
import { ld32, ld8, st32, st8 } from "./mem.ts";
import { refusedHeader } from "./t0.ts";

const IDLE = 0;
/** The command's own TPDU is outstanding. */
const OWN = 1;
/** A part of the command in ENVELOPE is outstanding. */
const ENVELOPE = 2;
/** GET RESPONSE is outstanding. */
const GET_RESPONSE = 3;

const HEADER = 5;
const MAX_P3 = 255;
const INS_ENVELOPE = 0xc2;
const INS_GET_RESPONSE = 0xc0;
const SW_OK = 0x9000;

function word(slot: i32, index: i32): i32 {
  return ld32(slot + T0_APDU_STATE + 4 * index);
}

function set(slot: i32, index: i32, value: i32): void {
  st32(slot + T0_APDU_STATE + 4 * index, value);
}

function end(slot: i32, event: i32): i32 {
  set(slot, T0A_W_STATE, IDLE);
  return event;
}

/** 0 in one byte means 256. */
function longest(coded: i32): i32 {
  return coded == 0 ? 256 : coded;
}

/** The next TPDU carries `length` bytes of the APDU from `from` on. */
function carry(slot: i32, state: i32, from: i32, length: i32): i32 {
  set(slot, T0A_W_STATE, state);
  set(slot, T0A_W_FROM, from);
  set(slot, T0A_W_LC, length);
  set(slot, T0A_W_LE, 0);
  set(slot, T0A_W_P3, length);
  set(slot, T0A_W_CORRECTED, 0);
  return MACHINE_TRANSFER;
}

/** The next TPDU asks for `le` bytes, 1 to 256. */
function ask(slot: i32, state: i32, le: i32): i32 {
  set(slot, T0A_W_STATE, state);
  set(slot, T0A_W_LC, 0);
  set(slot, T0A_W_LE, le);
  set(slot, T0A_W_P3, le & 0xff);
  return MACHINE_TRANSFER;
}

function fetch(slot: i32, le: i32): i32 {
  set(slot, T0A_W_CORRECTED, 0);
  return ask(slot, GET_RESPONSE, le > 256 ? 256 : le);
}

/** The next part of the whole command, header and length fields included (12.2.7). */
function nextEnvelope(slot: i32): i32 {
  const sent: i32 = word(slot, T0A_W_SENT);
  const left: i32 = word(slot, T0A_W_LENGTH) - sent;
  const length: i32 = left > MAX_P3 ? MAX_P3 : left;
  set(slot, T0A_W_SENT, sent + length);
  return carry(slot, ENVELOPE, sent, length);
}

/** Begins the APDU of `length` bytes at COMMAND. */
export function t0ApduStart(slot: i32, length: i32, flags: i32): i32 {
  const command: i32 = slot + COMMAND;
  set(slot, T0A_W_STATE, IDLE);
  set(slot, T0A_W_RESPONSE_LENGTH, 0);
  if (length < 1 || length > MAX_COMMAND) return MACHINE_E_COMMAND_LENGTH;
  const kind: i32 = parseApdu(command, length);
  if (kind == APDU_MALFORMED) return MACHINE_E_APDU;
  const refusal: i32 = refusedHeader(command);
  if (refusal != 0) return refusal;
  const nc: i32 = ld32(RESULT + 4 * APDU_W_NC);
  const ne: i32 = ld32(RESULT + 4 * APDU_W_NE);
  set(slot, T0A_W_CASE, kind);
  set(slot, T0A_W_LENGTH, length);
  set(slot, T0A_W_NE, ne);
  set(slot, T0A_W_FLAGS, flags);
  set(slot, T0A_W_COLLECTED, 0);
  set(slot, T0A_W_SENT, 0);
  set(slot, T0A_W_WARNING, 0);
  set(slot, T0A_W_CORRECTED, 0);
  if (nc > MAX_P3) return nextEnvelope(slot);
  if (nc > 0 || ne == 0) {
    return carry(slot, OWN, ld32(RESULT + 4 * APDU_W_DATA), nc);
  }
  return ask(slot, OWN, ne > 256 ? 256 : ne);
}

/** Writes the TPDU to exchange at SEND + offset; returns its length, 0 if none is outstanding. */
export function t0ApduBuild(slot: i32, offset: i32): i32 {
  const state: i32 = word(slot, T0A_W_STATE);
  if (state == IDLE) return 0;
  const tpdu: i32 = slot + SEND + offset;
  const command: i32 = slot + COMMAND;
  copy(tpdu, command, 4);
  if (state != OWN) {
    // CLA stays the command's: it carries the logical channel.
    st8(tpdu + 1, state == ENVELOPE ? INS_ENVELOPE : INS_GET_RESPONSE);
    st8(tpdu + 2, 0);
    st8(tpdu + 3, 0);
  }
  st8(tpdu + 4, word(slot, T0A_W_P3));
  const lc: i32 = word(slot, T0A_W_LC);
  copy(tpdu + HEADER, command + word(slot, T0A_W_FROM), lc);
  return HEADER + lc;
}

/** The response is complete: what was collected, and the status. */
function finish(slot: i32, sw: i32): i32 {
  const warning: i32 = word(slot, T0A_W_WARNING);
  const status: i32 = warning != 0 && sw == SW_OK ? warning : sw;
  const collected: i32 = word(slot, T0A_W_COLLECTED);
  st8(slot + RESPONSE + collected, status >> 8);
  st8(slot + RESPONSE + collected + 1, status);
  set(slot, T0A_W_RESPONSE_LENGTH, collected + 2);
  return end(slot, MACHINE_DONE);
}

/** What a status says about data that wait in the card: GET RESPONSE, or the end. */
function follow(slot: i32, sw: i32, length: i32): i32 {
  const state: i32 = word(slot, T0A_W_STATE);
  const kind: i32 = word(slot, T0A_W_CASE);
  const ne: i32 = word(slot, T0A_W_NE);
  const left: i32 = ne - word(slot, T0A_W_COLLECTED);
  const sendsAndAsks: bool = kind == APDU_4S || kind == APDU_4E;
  // A short Le has one TPDU; only what does not fit into it goes on.
  if (left <= 0 || (!sendsAndAsks && !(kind == APDU_2E && ne > 256))) {
    return finish(slot, sw);
  }
  const sw1: i32 = sw >> 8;
  if (sw1 == 0x61) {
    // A card that announces data and hands out none would be asked for ever.
    if (state == GET_RESPONSE && length == 0) return finish(slot, sw);
    const announced: i32 = longest(sw & 0xff);
    return fetch(slot, announced < left ? announced : left);
  }
  if (state == GET_RESPONSE || !sendsAndAsks) return finish(slot, sw);
  if (sw == SW_OK) return fetch(slot, left);
  if (
    (sw1 == 0x62 || sw1 == 0x63) &&
    (word(slot, T0A_W_FLAGS) & T0A_F_UICC) != 0
  ) {
    set(slot, T0A_W_WARNING, sw);
    return fetch(slot, 256);
  }
  return finish(slot, sw);
}

/** Takes the answer to the TPDU, `length` bytes at RECEIVE + offset. */
export function t0ApduDigest(slot: i32, offset: i32, length: i32): i32 {
  if (
    offset < 0 || length < 0 || offset > BUFFER_BYTES ||
    length > BUFFER_BYTES - offset
  ) {
    return MACHINE_E_RECEIVE_LENGTH;
  }
  const state: i32 = word(slot, T0A_W_STATE);
  if (state == IDLE) return MACHINE_E_STATE;
  const le: i32 = word(slot, T0A_W_LE);
  const count: i32 = length - 2;
  if (count < 0 || count > le) return end(slot, MACHINE_E_TPDU_RESPONSE);
  const answer: i32 = slot + RECEIVE + offset;
  const sw: i32 = (ld8(answer + count) << 8) | ld8(answer + count + 1);
  if (state == ENVELOPE && word(slot, T0A_W_SENT) < word(slot, T0A_W_LENGTH)) {
    return sw == SW_OK ? nextEnvelope(slot) : finish(slot, sw);
  }
  if (
    (sw >> 8) == 0x6c && le != 0 && count == 0 &&
    word(slot, T0A_W_CORRECTED) == 0
  ) {
    set(slot, T0A_W_CORRECTED, 1);
    return ask(slot, state, longest(sw & 0xff));
  }
  const collected: i32 = word(slot, T0A_W_COLLECTED);
  const left: i32 = word(slot, T0A_W_NE) - collected;
  const taken: i32 = count < left ? count : left;
  copy(slot + RESPONSE + collected, answer, taken);
  set(slot, T0A_W_COLLECTED, collected + taken);
  return follow(slot, sw, count);
}
