/**
 * Guard and waiting times in microseconds (ISO/IEC 7816-3 7.2, 8.3, 10.2, 11.4.3).
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
  TIMING_A_F,
  TIMING_A_FI,
  TIMING_A_HAS_T15,
  TIMING_A_N,
  TIMING_A_PROTOCOL,
  TIMING_A_WI,
  TIMING_W_BGT,
  TIMING_W_BWT,
  TIMING_W_CWT,
  TIMING_W_ETU,
  TIMING_W_GT,
  TIMING_W_WT,
} from "./abi.ts";
import { ld32, st32 } from "./mem.ts";

const MAXIMUM: i32 = 0x7fffffff;

function argument(word: i32): i32 {
  return ld32(ARGUMENTS + 4 * word);
}

/** Rounds up once, exactly: both operands are integers below 2^53. */
function roundUp(numerator: f64, denominator: f64): i32 {
  let quotient: f64 = Math.floor(numerator / denominator);
  while (quotient * denominator < numerator) quotient += 1;
  return quotient >= (MAXIMUM as f64) ? MAXIMUM : quotient as i32;
}

/** Computes all times from the words at ARGUMENTS to those at RESULT. */
export function timing(): void {
  const f: f64 = argument(TIMING_A_F) as f64;
  const d: f64 = argument(TIMING_A_D) as f64;
  const fi: f64 = argument(TIMING_A_FI) as f64;
  const di: f64 = argument(TIMING_A_DI) as f64;
  const clock: f64 = argument(TIMING_A_CLOCK_KHZ) as f64;
  const n: i32 = argument(TIMING_A_N);
  // One etu is f * 1000 / (d * clock) microseconds.
  const etu: f64 = f * 1000;
  const perEtu: f64 = d * clock;
  let gt: i32;
  if (n == 255) {
    gt = roundUp((argument(TIMING_A_PROTOCOL) == 1 ? 11 : 12) * etu, perEtu);
  } else if (argument(TIMING_A_HAS_T15) != 0) {
    // With T=15 in the ATR the integer N counts in Fi/Di, not in the etu in force.
    gt = roundUp(
      12 * etu * di + (n as f64) * fi * 1000 * d,
      perEtu * di,
    );
  } else {
    gt = roundUp(((12 + n) as f64) * etu, perEtu);
  }
  st32(RESULT + 4 * TIMING_W_ETU, roundUp(etu, perEtu));
  st32(RESULT + 4 * TIMING_W_GT, gt);
  st32(
    RESULT + 4 * TIMING_W_WT,
    roundUp((argument(TIMING_A_WI) as f64) * 960 * fi * 1000, clock),
  );
  const cwtEtu: i32 = 11 + (1 << argument(TIMING_A_CWI));
  st32(RESULT + 4 * TIMING_W_CWT, roundUp((cwtEtu as f64) * etu, perEtu));
  // The 372 of BWT is fixed: it does not become Fi.
  const bwtUnits: i32 = (1 << argument(TIMING_A_BWI)) * 960;
  st32(
    RESULT + 4 * TIMING_W_BWT,
    roundUp(11 * etu + (bwtUnits as f64) * 372 * 1000 * d, perEtu),
  );
  st32(RESULT + 4 * TIMING_W_BGT, roundUp(22 * etu, perEtu));
}
