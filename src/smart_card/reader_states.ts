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
  SmartCardReaderStateOut,
} from "./types.ts";
import {
  dictionary,
  domString,
  ownBuffer,
  required,
  unsignedLong,
} from "./web_idl.ts";

// Members stand in the order of their names, in which Web IDL reads and makes them.
const FLAGS_IN: Readonly<Record<keyof SmartCardReaderStateFlagsIn, number>> = {
  empty: SCARD_STATE_EMPTY,
  exclusive: SCARD_STATE_EXCLUSIVE,
  ignore: SCARD_STATE_IGNORE,
  inuse: SCARD_STATE_INUSE,
  mute: SCARD_STATE_MUTE,
  present: SCARD_STATE_PRESENT,
  unavailable: SCARD_STATE_UNAVAILABLE,
  unaware: SCARD_STATE_UNAWARE,
  unpowered: SCARD_STATE_UNPOWERED,
};

/** `eventCount` is the high word of a state. */
const COUNT_MASK = 0xFFFF;

/**
 * A SmartCardReaderStateIn as the engine wants it.
 *
 * @throws {TypeError} when a required member is missing, or is no such thing
 */
export function toStateRequest(value: unknown): ReaderStateRequest {
  const what = "a reader state";
  const members = dictionary(value, what);
  const count = members.currentCount;
  const currentCount = count === undefined
    ? undefined
    : unsignedLong(count) & COUNT_MASK;
  const flags = members.currentState;
  required(flags, "currentState", what);
  const currentState = toBits(flags);
  const name = members.readerName;
  required(name, "readerName", what);
  return { readerName: domString(name), currentState, currentCount };
}

function toBits(value: unknown): number {
  const members = dictionary(value, "currentState");
  let bits = 0;
  for (const [name, bit] of Object.entries(FLAGS_IN)) {
    if (members[name]) bits |= bit;
  }
  return bits;
}

/** Flags, one by one. */
export function toFlags(bits: number): SmartCardReaderStateFlagsOut {
  return {
    changed: (bits & SCARD_STATE_CHANGED) !== 0,
    empty: (bits & SCARD_STATE_EMPTY) !== 0,
    exclusive: (bits & SCARD_STATE_EXCLUSIVE) !== 0,
    ignore: (bits & SCARD_STATE_IGNORE) !== 0,
    inuse: (bits & SCARD_STATE_INUSE) !== 0,
    mute: (bits & SCARD_STATE_MUTE) !== 0,
    present: (bits & SCARD_STATE_PRESENT) !== 0,
    unavailable: (bits & SCARD_STATE_UNAVAILABLE) !== 0,
    unknown: (bits & SCARD_STATE_UNKNOWN) !== 0,
    unpowered: (bits & SCARD_STATE_UNPOWERED) !== 0,
  };
}

/** An answer of the engine, as the API gives it out. */
export function toStateOut(answer: ReaderStateAnswer): SmartCardReaderStateOut {
  const { readerName, eventCount, atr } = answer;
  const out = {
    eventCount,
    eventState: toFlags(answer.eventState),
    readerName,
  };
  return atr === null ? out : { answerToReset: ownBuffer(atr), ...out };
}
