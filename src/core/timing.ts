/**
 * Guard and waiting times (ISO/IEC 7816-3 7.2, 8.3, 10.2, 11.4.3).
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
} from "../../core-as/abi.ts";
import { type Core, sharedCore } from "./instance.ts";

/** What the times depend on. */
export interface TimingParameters {
  /** F in force, 372 to 2048. */
  f: number;
  /** D in force, 1 to 64. */
  d: number;
  /** Fi of the ATR, 372 without TA1. */
  fi: number;
  /** Di of the ATR, 1 without TA1. */
  di: number;
  /** Clock that the card gets, in kHz. */
  clockKhz: number;
  /** Extra guard time integer N (TC1), 0 to 255. */
  n: number;
  /** Waiting time integer WI (TC2), 0 to 255; the reserved 0 counts as 10. */
  wi: number;
  /** Block waiting time integer, 0 to 9. */
  bwi: number;
  /** Character waiting time integer, 0 to 15. */
  cwi: number;
  /** Whether the ATR has a T=15, which changes the meaning of N. */
  hasT15: boolean;
  /** Protocol in use, or null when none is: then N = 255 means the longer of its two guard times. */
  protocol: 0 | 1 | null;
  /** Default "iso". "emv": what an EMV terminal waits, its tolerances included. */
  profile?: "iso" | "emv";
}

/** The times of ISO/IEC 7816-3 for one card. */
export interface Times {
  /** Elementary time unit. */
  etu: number;
  /** Guard time, extra guard time included. */
  gt: number;
  /** T=0: work waiting time. */
  wt: number;
  /** T=1: character waiting time. */
  cwt: number;
  /** T=1: block waiting time. */
  bwt: number;
  /** T=1: block guard time. */
  bgt: number;
}

/** Times in microseconds, rounded up once; 0x7FFFFFFF where they are longer. */
export interface Timing extends Times {
  /** The same times in elementary time units, exact as far as a double goes. */
  inEtu: Times;
}

function check(name: string, value: number, low: number, high: number) {
  if (!(Number.isInteger(value) && value >= low && value <= high)) {
    throw new RangeError(
      `Cannot compute times: ${name} is ${value}, expected ${low} to ${high}`,
    );
  }
}

function times(from: Int32Array | Float64Array, at: number): Times {
  return {
    etu: from[at + TIMING_W_ETU],
    gt: from[at + TIMING_W_GT],
    wt: from[at + TIMING_W_WT],
    cwt: from[at + TIMING_W_CWT],
    bwt: from[at + TIMING_W_BWT],
    bgt: from[at + TIMING_W_BGT],
  };
}

/** Computes the times of a card. @throws {RangeError} when a parameter is out of range */
export function cardTiming(
  parameters: TimingParameters,
  core: Core = sharedCore(),
): Timing {
  const { f, d, fi, di, clockKhz, n, wi, bwi, cwi, protocol } = parameters;
  check("f", f, 1, 4096);
  check("d", d, 1, 64);
  check("fi", fi, 1, 4096);
  check("di", di, 1, 64);
  check("clockKhz", clockKhz, 1, 1_000_000);
  check("n", n, 0, 255);
  check("wi", wi, 0, 255);
  check("bwi", bwi, 0, 9);
  check("cwi", cwi, 0, 15);
  const { words } = core;
  const argument = ARGUMENTS >> 2;
  words[argument + TIMING_A_F] = f;
  words[argument + TIMING_A_D] = d;
  words[argument + TIMING_A_FI] = fi;
  words[argument + TIMING_A_DI] = di;
  words[argument + TIMING_A_CLOCK_KHZ] = clockKhz;
  words[argument + TIMING_A_N] = n;
  words[argument + TIMING_A_WI] = wi || 10;
  words[argument + TIMING_A_BWI] = bwi;
  words[argument + TIMING_A_CWI] = cwi;
  words[argument + TIMING_A_HAS_T15] = parameters.hasT15 ? 1 : 0;
  words[argument + TIMING_A_PROTOCOL] = protocol ?? -1;
  words[argument + TIMING_A_EMV] = parameters.profile === "emv" ? 1 : 0;
  core.exports.timing_compute();
  return {
    ...times(words, RESULT >> 2),
    inEtu: times(core.doubles, TIMING_ETU >> 3),
  };
}
