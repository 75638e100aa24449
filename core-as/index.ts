/**
 * Entry of the core: what the module exports. Handles are small integers; one out
 * of range is wrapped into it.
 *
 * @module
 */

import {
  ATR_BATCH,
  BUFFER_BYTES,
  CRC_VARIANTS,
  MACHINE_E_STATE,
  MAX_BUILD,
  RESULT,
  SCRATCH,
  SCRATCH_2,
  SLOT_BYTES,
  SLOT_COUNT,
  SLOTS,
} from "./abi.ts";
import { parseApdu } from "./apdu.ts";
import { parseAtr, parseAtrs } from "./atr.ts";
import { emvProblems } from "./atr_emv.ts";
import { crc, lrc } from "./edc.ts";
import { initFactors } from "./factors.ts";
import { buildPps, checkPps, ppsLength } from "./pps.ts";
import { select } from "./select.ts";
import { t0Build, t0Digest, t0Reset, t0Start } from "./t0.ts";
import { t0ApduBuild, t0ApduDigest, t0ApduStart } from "./t0_apdu.ts";
import { t1Build, t1Digest } from "./t1.ts";
import { t1Start } from "./t1_job.ts";
import { t1Step } from "./t1_step.ts";
import { t1Reset, t1SetNad, t1SuppressIfs } from "./t1_state.ts";
import { initT1Table } from "./t1_table.ts";
import { timing } from "./timing.ts";

/** Fills the tables. Call once, before anything else. */
export function init(): void {
  initFactors();
  initT1Table();
}

/** Address of slot `handle`. A handle out of range is brought into it: no call can leave the slots. */
export function slot(handle: i32): i32 {
  return SLOTS + (handle & (SLOT_COUNT - 1)) * SLOT_BYTES;
}

/** Whether the longest thing to build fits behind `offset`. */
function hasRoom(offset: i32): bool {
  return offset >= 0 && offset <= BUFFER_BYTES - MAX_BUILD;
}

/** ATR of `length` bytes at SCRATCH -> RESULT. */
export function atr_parse(length: i32): i32 {
  return parseAtr(SCRATCH, length, RESULT);
}

/** Packed ATRs in `length` bytes at SCRATCH -> rows from SCRATCH_2 on, at most ATR_BATCH. See `parseAtrs`. */
export function atr_batch(length: i32): i32 {
  return parseAtrs(SCRATCH, length, SCRATCH_2, ATR_BATCH);
}

/** What an EMV terminal rejects in the ATR that `atr_parse` read last; after a warm reset where `isWarm` is not 0. */
export function atr_emv(isWarm: i32): i32 {
  return emvProblems(RESULT, isWarm != 0);
}

/** APDU of `length` bytes at SCRATCH -> RESULT. */
export function apdu_parse(length: i32): i32 {
  return parseApdu(SCRATCH, length);
}

/** ARGUMENTS -> RESULT. */
export function timing_compute(): void {
  timing();
}

/** ARGUMENTS, rates at SCRATCH -> RESULT. */
export function select_protocol(): i32 {
  return select();
}

/** Request to SCRATCH; returns its length. */
export function pps_build(
  protocol: i32,
  pps1: i32,
  pps2: i32,
  pps3: i32,
): i32 {
  return buildPps(SCRATCH, protocol, pps1, pps2, pps3);
}

/** Whole length of the response that begins at SCRATCH_2. */
export function pps_length(length: i32): i32 {
  return ppsLength(SCRATCH_2, length);
}

/** Request at SCRATCH, response of `length` bytes at SCRATCH_2. */
export function pps_check(length: i32): i32 {
  return checkPps(SCRATCH, SCRATCH_2, length);
}

/** Whether so many bytes fit at SCRATCH. */
function fits(length: i32): bool {
  return length >= 0 && length <= BUFFER_BYTES;
}

/** LRC of `length` bytes at SCRATCH; -1 for more than fit there. */
export function edc_lrc(length: i32): i32 {
  return fits(length) ? lrc(SCRATCH, length) : -1;
}

/** CRC of `length` bytes at SCRATCH, first byte of the wire in the high half; -1 for an unknown variant, or more than fit there. */
export function edc_crc(variant: i32, length: i32): i32 {
  if (variant < 0 || variant >= CRC_VARIANTS || !fits(length)) return -1;
  return crc(variant, SCRATCH, length);
}

/** See `t1Reset`. A negative `crcVariant` is "auto". */
export function t1_reset(
  handle: i32,
  ifsc: i32,
  ifsdWanted: i32,
  edc: i32,
  crcVariant: i32,
  flags: i32,
  wtxMax: i32,
): void {
  t1Reset(slot(handle), ifsc, ifsdWanted, edc, crcVariant, flags, wtxMax);
}

/** See `t1Start`. */
export function t1_start(handle: i32, job: i32, value: i32): i32 {
  return t1Start(slot(handle), job, value);
}

/** See `t1Build`; MACHINE_E_STATE where there is no room. */
export function t1_build(handle: i32, offset: i32): i32 {
  return hasRoom(offset) ? t1Build(slot(handle), offset) : MACHINE_E_STATE;
}

/** See `t1Digest`. */
export function t1_digest(handle: i32, offset: i32, length: i32): i32 {
  return t1Digest(slot(handle), offset, length);
}

/** See `t1Step`. */
export function t1_step(handle: i32, length: i32): i32 {
  return t1Step(slot(handle), length);
}

/** No S(IFS request) until the next reset. */
export function t1_suppress_ifs(handle: i32): void {
  t1SuppressIfs(slot(handle));
}

/** See `t1SetNad`. */
export function t1_set_nad(handle: i32, nad: i32): void {
  t1SetNad(slot(handle), nad);
}

/** See `t0Reset`. */
export function t0_reset(handle: i32): void {
  t0Reset(slot(handle));
}

/** See `t0Start`. */
export function t0_start(
  handle: i32,
  length: i32,
  le: i32,
  maxNulls: i32,
): i32 {
  return t0Start(slot(handle), length, le, maxNulls);
}

/** See `t0Build`; MACHINE_E_STATE where there is no room. */
export function t0_build(handle: i32, offset: i32): i32 {
  return hasRoom(offset) ? t0Build(slot(handle), offset) : MACHINE_E_STATE;
}

/** See `t0Digest`. */
export function t0_digest(handle: i32, offset: i32, length: i32): i32 {
  return t0Digest(slot(handle), offset, length);
}

/** See `t0ApduStart`. */
export function t0_apdu_start(handle: i32, length: i32, flags: i32): i32 {
  return t0ApduStart(slot(handle), length, flags);
}

/** See `t0ApduBuild`; MACHINE_E_STATE where there is no room. */
export function t0_apdu_build(handle: i32, offset: i32): i32 {
  return hasRoom(offset) ? t0ApduBuild(slot(handle), offset) : MACHINE_E_STATE;
}

/** See `t0ApduDigest`. */
export function t0_apdu_digest(handle: i32, offset: i32, length: i32): i32 {
  return t0ApduDigest(slot(handle), offset, length);
}
