/**
 * State of a T=1 session: how far it is, and access to its words.
 *
 * @module
 */

import {
  CRC_VARIANTS,
  T1_F_EMV,
  T1_F_IFS_REFUSAL_PROCEEDS,
  T1_F_NO_IFS,
  T1_F_REPORT_RESYNCH,
  T1_W_ANNOUNCED,
  T1_W_CRC_CANDIDATES,
  T1_W_CRC_VARIANT,
  T1_W_EDC,
  T1_W_FLAGS,
  T1_W_IFSC,
  T1_W_IFSC_ATR,
  T1_W_IFSD,
  T1_W_IFSD_WANTED,
  T1_W_NAD,
  T1_W_WTX_MAX,
} from "./abi.ts";
import { ld32, st32 } from "./mem.ts";

// How far a command is.
/** No I-block of the command has gone out. */
export const PHASE_IDLE = 0;
/** Our I-block is not acknowledged. */
export const PHASE_SENDING = 1;
/** The card's chain is being collected. */
export const PHASE_RECEIVING = 2;
/** The card has aborted. */
export const PHASE_ABORTED = 3;

/** Flags that a caller may set. */
const T1_F_OPTIONS: i32 = T1_F_IFS_REFUSAL_PROCEEDS | T1_F_REPORT_RESYNCH |
  T1_F_EMV;

/** Information field size until something else is agreed. */
export const IFS_DEFAULT = 32;

export function word(state: i32, index: i32): i32 {
  return ld32(state + 4 * index);
}

export function set(state: i32, index: i32, value: i32): void {
  st32(state + 4 * index, value);
}

/** Whether the rules are those of an EMV terminal. */
export function isEmv(state: i32): bool {
  return (word(state, T1_W_FLAGS) & T1_F_EMV) != 0;
}

/** Prepares a session after a reset of the card: numbers 0, IFSD at its default; what is out of range counts as not given. */
export function t1Reset(
  state: i32,
  ifsc: i32,
  ifsdWanted: i32,
  edc: i32,
  crcVariant: i32,
  flags: i32,
  wtxMax: i32,
): void {
  for (let index: i32 = 0; index <= T1_W_ANNOUNCED; index++) {
    set(state, index, 0);
  }
  const size: i32 = ifsc < 1 || ifsc > 254 ? IFS_DEFAULT : ifsc;
  const isAuto: bool = crcVariant < 0 || crcVariant >= CRC_VARIANTS;
  set(state, T1_W_IFSC, size);
  set(state, T1_W_IFSC_ATR, size);
  set(state, T1_W_IFSD, IFS_DEFAULT);
  set(
    state,
    T1_W_IFSD_WANTED,
    ifsdWanted < 0 || ifsdWanted > 254 ? 0 : ifsdWanted,
  );
  set(state, T1_W_EDC, edc);
  set(state, T1_W_CRC_VARIANT, isAuto ? 0 : crcVariant);
  set(
    state,
    T1_W_CRC_CANDIDATES,
    isAuto ? (1 << CRC_VARIANTS) - 1 : 1 << crcVariant,
  );
  set(state, T1_W_FLAGS, flags & T1_F_OPTIONS);
  set(state, T1_W_WTX_MAX, wtxMax);
}

/** No S(IFS request) from now on; IFSD stays what a card assumes when told nothing. EMV demands one. */
export function t1SuppressIfs(state: i32): void {
  if (isEmv(state)) return;
  set(state, T1_W_FLAGS, word(state, T1_W_FLAGS) | T1_F_NO_IFS);
  set(state, T1_W_IFSD_WANTED, 0);
}

/** Node address byte of the blocks from now on. */
export function t1SetNad(state: i32, nad: i32): void {
  set(state, T1_W_NAD, nad);
}
