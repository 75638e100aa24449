/**
 * State of a T=1 session: how far it is, and access to its words.
 *
 * @module
 */

import {
  CRC_VARIANTS,
  T1_F_EMV,
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
  for (let index: i32 = 0; index <= T1_W_ANNOUNCED; index++) {
    set(state, index, 0);
  }
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

/** No S(IFS request) from now on; IFSD stays what a card assumes when told nothing. */
export function t1SuppressIfs(state: i32): void {
  set(state, T1_W_IFSD_WANTED, 0);
}

/** Node address byte of the blocks from now on. */
export function t1SetNad(state: i32, nad: i32): void {
  set(state, T1_W_NAD, nad);
}
