/**
 * Guard and waiting times in microseconds and in etu (ISO/IEC 7816-3 7.2, 8.3, 10.2, 11.4.3).
 *
 * @module
 */

import {
  ARGUMENTS,
  RESULT,
  TIMING_A_BWI,
  TIMING_A_CLOCK_KHZ,
  TIMING_A_CWI,
  TIMING_A_D,
  TIMING_A_DI,
  TIMING_A_EMV,
  TIMING_A_F,
  TIMING_A_FI,
  TIMING_A_HAS_T15,
  TIMING_A_N,
  TIMING_A_PROTOCOL,
  TIMING_A_WI,
  TIMING_ETU,
  TIMING_W_BGT,
  TIMING_W_BWT,
  TIMING_W_CWT,
  TIMING_W_ETU,
  TIMING_W_GT,
  TIMING_W_WT,
} from "./abi.ts";
import { ld32, st32, st64f } from "./mem.ts";

const MAXIMUM: i32 = 0x7fffffff;

function argument(word: i32): i32 {
  return ld32(ARGUMENTS + 4 * word);
}

/** Rounds up once, exactly: both operands are integers below 2^53. */
function roundUp(numerator: f64, denominator: f64): i32 {
  let quotient: f64 = Math.floor(numerator / denominator);
  if (quotient * denominator < numerator) quotient += 1;
  return quotient >= (MAXIMUM as f64) ? MAXIMUM : quotient as i32;
}

/** Files one time: its value in etu, and `numerator / denominator` microseconds. */
function file(word: i32, inEtu: f64, numerator: f64, denominator: f64): void {
  st64f(TIMING_ETU + 8 * word, inEtu);
  st32(RESULT + 4 * word, roundUp(numerator, denominator));
}

/** Computes all times from the words at ARGUMENTS to those at RESULT and the doubles at TIMING_ETU. */
export function timing(): void {
  const f: f64 = argument(TIMING_A_F) as f64;
  const d: f64 = argument(TIMING_A_D) as f64;
  const fi: f64 = argument(TIMING_A_FI) as f64;
  const di: f64 = argument(TIMING_A_DI) as f64;
  const n: i32 = argument(TIMING_A_N);
  const wi: f64 = argument(TIMING_A_WI) as f64;
  const isEmv: bool = argument(TIMING_A_EMV) != 0;
  // One etu is f * 1000 / (d * clock) microseconds.
  const etu: f64 = f * 1000;
  const clock: f64 = argument(TIMING_A_CLOCK_KHZ) as f64;
  const perEtu: f64 = d * clock;
  file(TIMING_W_ETU, 1, etu, perEtu);
  if (n == 255) {
    const gt: f64 = (argument(TIMING_A_PROTOCOL) == 1 ? 11 : 12) as f64;
    file(TIMING_W_GT, gt, gt * etu, perEtu);
  } else if (argument(TIMING_A_HAS_T15) != 0) {
    // With T=15 in the ATR the integer N counts in Fi/Di, not in the etu in force.
    const extra: f64 = (n as f64) * fi * d;
    file(
      TIMING_W_GT,
      12 + extra / (f * di),
      (12 * f * di + extra) * 1000,
      perEtu * di,
    );
  } else {
    const gt: f64 = (12 + n) as f64;
    file(TIMING_W_GT, gt, gt * etu, perEtu);
  }
  if (isEmv) {
    // EMV counts in D, and a terminal waits half a unit longer than the card may take.
    const wt: f64 = (960 * wi + 480) * d;
    file(TIMING_W_WT, wt, wt * etu, perEtu);
  } else {
    const unit: f64 = wi * 960 * fi;
    file(TIMING_W_WT, unit * d / f, unit * 1000, clock);
  }
  const cwtEtu: i32 = 11 + (1 << argument(TIMING_A_CWI));
  const cwt: f64 = (isEmv ? cwtEtu + 4 : cwtEtu) as f64;
  file(TIMING_W_CWT, cwt, cwt * etu, perEtu);
  // The 372 of BWT is fixed: it does not become Fi.
  const fixed: f64 = ((1 << argument(TIMING_A_BWI)) * 960) as f64 * 372 * d;
  const plain: f64 = isEmv ? 11 + 960 * d : 11;
  file(
    TIMING_W_BWT,
    plain + fixed / f,
    plain * etu + fixed * 1000,
    perEtu,
  );
  file(TIMING_W_BGT, 22, 22 * etu, perEtu);
}
