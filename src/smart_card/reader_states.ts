/**
 * Reader states: words outside, SCARD_STATE_* bits inside.
 *
 * @module
 */

import {
  type ReaderStateAnswer,
  type ReaderStateRequest,
  SCARD_STATE_CHANGED,
  SCARD_STATE_EMPTY,
  SCARD_STATE_EXCLUSIVE,
  SCARD_STATE_IGNORE,
  SCARD_STATE_INUSE,
  SCARD_STATE_MUTE,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNAVAILABLE,
  SCARD_STATE_UNAWARE,
  SCARD_STATE_UNKNOWN,
  SCARD_STATE_UNPOWERED,
} from "../resource_manager/mod.ts";
import type {
  SmartCardReaderStateFlagsIn,
  SmartCardReaderStateFlagsOut,
  SmartCardReaderStateIn,
  SmartCardReaderStateOut,
} from "./types.ts";

const FLAGS_IN: Readonly<Record<keyof SmartCardReaderStateFlagsIn, number>> = {
  unaware: SCARD_STATE_UNAWARE,
  ignore: SCARD_STATE_IGNORE,
  unavailable: SCARD_STATE_UNAVAILABLE,
  empty: SCARD_STATE_EMPTY,
  present: SCARD_STATE_PRESENT,
  exclusive: SCARD_STATE_EXCLUSIVE,
  inuse: SCARD_STATE_INUSE,
  mute: SCARD_STATE_MUTE,
  unpowered: SCARD_STATE_UNPOWERED,
};

/**
 * `currentState` and `currentCount` of the engine.
 *
 * @throws {TypeError} when a required member is missing
 */
export function toStateRequest(
  state: SmartCardReaderStateIn,
): ReaderStateRequest {
  for (const member of ["readerName", "currentState"] as const) {
    if (state?.[member] !== undefined) continue;
    throw new TypeError(
      `Cannot read a reader state: ${member} is missing, expected readerName and currentState`,
    );
  }
  const { readerName, currentCount } = state;
  let currentState = 0;
  for (const [name, bit] of Object.entries(FLAGS_IN)) {
    if (state.currentState?.[name as keyof SmartCardReaderStateFlagsIn]) {
      currentState |= bit;
    }
  }
  return currentCount === undefined
    ? { readerName: String(readerName), currentState }
    : {
      readerName: String(readerName),
      currentState,
      currentCount: Number(currentCount) & 0xFFFF,
    };
}

/** Flags, one by one. */
export function toFlags(bits: number): SmartCardReaderStateFlagsOut {
  return {
    ignore: (bits & SCARD_STATE_IGNORE) !== 0,
    changed: (bits & SCARD_STATE_CHANGED) !== 0,
    unavailable: (bits & SCARD_STATE_UNAVAILABLE) !== 0,
    unknown: (bits & SCARD_STATE_UNKNOWN) !== 0,
    empty: (bits & SCARD_STATE_EMPTY) !== 0,
    present: (bits & SCARD_STATE_PRESENT) !== 0,
    exclusive: (bits & SCARD_STATE_EXCLUSIVE) !== 0,
    inuse: (bits & SCARD_STATE_INUSE) !== 0,
    mute: (bits & SCARD_STATE_MUTE) !== 0,
    unpowered: (bits & SCARD_STATE_UNPOWERED) !== 0,
  };
}

/** An answer of the engine, as the API gives it out. */
export function toStateOut(answer: ReaderStateAnswer): SmartCardReaderStateOut {
  const { readerName, eventState, eventCount, atr } = answer;
  const out = { readerName, eventState: toFlags(eventState), eventCount };
  return atr === null ? out : { ...out, answerToReset: atr.buffer };
}
