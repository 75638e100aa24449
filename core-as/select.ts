/**
 * Choice of protocol and parameters after an ATR (ISO/IEC 7816-3 6.3).
 *
 * @module
 */

import {
  ARGUMENTS,
  RESULT,
  SCRATCH,
  SELECT_A_ALLOWED,
  SELECT_A_CLOCK_KHZ,
  SELECT_A_FIRST,
  SELECT_A_KNOWS_IMPLICIT,
  SELECT_A_MAX_RATE,
  SELECT_A_OFFERED,
  SELECT_A_RATE_COUNT,
  SELECT_A_TA1,
  SELECT_A_TA2,
  SELECT_DIRECT,
  SELECT_E_PARAMETERS,
  SELECT_E_PROTOCOL,
  SELECT_MAX_RATES,
  SELECT_PPS,
  SELECT_W_DI_INDEX,
  SELECT_W_FI_INDEX,
  SELECT_W_PROTOCOL,
} from "./abi.ts";
import { diOf, fiOf } from "./factors.ts";
import { ld32, st32 } from "./mem.ts";

const DEFAULT_INDEX: i32 = 1;

function argument(word: i32): i32 {
  return ld32(ARGUMENTS + 4 * word);
}

function found(code: i32, protocol: i32, fiIndex: i32, diIndex: i32): i32 {
  st32(RESULT + 4 * SELECT_W_PROTOCOL, protocol);
  st32(RESULT + 4 * SELECT_W_FI_INDEX, fiIndex);
  st32(RESULT + 4 * SELECT_W_DI_INDEX, diIndex);
  return code;
}

/** Whether the reader can work at `f`/`d`: below its limit, and in its list of rates if it has one. */
function isUsable(f: i32, d: i32): bool {
  const rate: f64 = Math.floor(
    ((argument(SELECT_A_CLOCK_KHZ) as f64) * 1000 * (d as f64)) / (f as f64),
  );
  if (rate > (argument(SELECT_A_MAX_RATE) as f64)) return false;
  const count: i32 = argument(SELECT_A_RATE_COUNT);
  if (count == 0) return true;
  for (let i: i32 = 0; i < count && i < SELECT_MAX_RATES; i++) {
    const listed: f64 = ld32(SCRATCH + 4 * i) as f64;
    if (Math.abs(listed - rate) <= 1) return true;
  }
  return false;
}

/** The index of the largest usable D that is at most `d`, -1 if there is none. */
function fastestIndex(f: i32, d: i32): i32 {
  let best: i32 = -1;
  for (let index: i32 = 1; index < 16; index++) {
    const candidate: i32 = diOf(index);
    if (candidate == 0 || candidate > d) continue;
    if (best >= 0 && diOf(best) >= candidate) continue;
    if (isUsable(f, candidate)) best = index;
  }
  return best;
}

function selectSpecific(allowed: i32, ta1: i32, ta2: i32): i32 {
  const protocol: i32 = ta2 & 0x0f;
  if ((allowed & (1 << protocol)) == 0) {
    return found(SELECT_E_PROTOCOL, protocol, DEFAULT_INDEX, DEFAULT_INDEX);
  }
  if ((ta2 & 0x10) != 0) {
    const code: i32 = argument(SELECT_A_KNOWS_IMPLICIT) != 0
      ? SELECT_DIRECT
      : SELECT_E_PARAMETERS;
    return found(code, protocol, DEFAULT_INDEX, DEFAULT_INDEX);
  }
  const fiIndex: i32 = ta1 < 0 ? DEFAULT_INDEX : ta1 >> 4;
  const diIndex: i32 = ta1 < 0 ? DEFAULT_INDEX : ta1 & 0x0f;
  const f: i32 = fiOf(fiIndex);
  const d: i32 = diOf(diIndex);
  // The card has answered its reset at 372/1.
  const isDefault: bool = f == 372 && d == 1;
  const works: bool = isDefault || (f != 0 && d != 0 && isUsable(f, d));
  return found(
    works ? SELECT_DIRECT : SELECT_E_PARAMETERS,
    protocol,
    fiIndex,
    diIndex,
  );
}

/** Decides from the words at ARGUMENTS, rates at SCRATCH; the choice goes to RESULT. */
export function select(): i32 {
  const allowed: i32 = argument(SELECT_A_ALLOWED);
  const ta1: i32 = argument(SELECT_A_TA1);
  const ta2: i32 = argument(SELECT_A_TA2);
  if (ta2 >= 0) return selectSpecific(allowed, ta1, ta2);
  const common: i32 = allowed & argument(SELECT_A_OFFERED) & 3;
  if (common == 0) {
    return found(SELECT_E_PROTOCOL, 0, DEFAULT_INDEX, DEFAULT_INDEX);
  }
  // T=1 where both would do.
  const protocol: i32 = (common & 2) != 0 ? 1 : 0;
  let fiIndex: i32 = DEFAULT_INDEX;
  let diIndex: i32 = DEFAULT_INDEX;
  if (ta1 >= 0) {
    const f: i32 = fiOf(ta1 >> 4);
    const d: i32 = diOf(ta1);
    // A reserved factor leaves 372/1 (8.3); a card that is too fast is asked to be slower.
    const best: i32 = f != 0 && d != 0 ? fastestIndex(f, d) : -1;
    if (best >= 0 && diOf(best) * 372 > f) {
      fiIndex = ta1 >> 4;
      diIndex = best;
    }
  }
  const isDefault: bool = fiIndex == DEFAULT_INDEX &&
    diIndex == DEFAULT_INDEX && protocol == argument(SELECT_A_FIRST);
  return found(
    isDefault ? SELECT_DIRECT : SELECT_PPS,
    protocol,
    fiIndex,
    diIndex,
  );
}
