/**
 * The versions of the protocol, as data: who waits how, and which commands there are.
 *
 * @module
 */

import { WAIT } from "./messages.ts";

/** The only major version. */
export const PROTOCOL_MAJOR = 4;
/** Oldest minor version that is spoken, pcsc-lite 1.8.9. */
export const OLDEST_MINOR = 3;
/** Newest minor version that is spoken, pcsc-lite 2.5. */
export const NEWEST_MINOR = 6;
/** What a connection speaks that never said, and what refusals propose: most of what is in use. */
export const DEFAULT_MINOR = 4;

/** How one minor version differs from the others. */
export interface Dialect {
  /** Minor version. */
  readonly minor: number;
  /** Bytes of the body of WAIT and STOP. */
  readonly waitBodyBytes: number;
  /** Whether WAIT is answered, with the state array of fixed length. */
  readonly waitAnswers: boolean;
  /** Whether GET_READER_EVENTS exists. */
  readonly readerEvents: boolean;
  /** Whether the state array has as many entries as needed: GET_READERS_STATE_SIZE and _ARRAY. */
  readonly variableStates: boolean;
}

/** Every version that is spoken, oldest first. */
export const DIALECTS: readonly Dialect[] = [
  {
    minor: 3,
    waitBodyBytes: WAIT.bytes,
    waitAnswers: false,
    readerEvents: false,
    variableStates: false,
  },
  {
    minor: 4,
    waitBodyBytes: 0,
    waitAnswers: true,
    readerEvents: false,
    variableStates: false,
  },
  {
    minor: 5,
    waitBodyBytes: 0,
    waitAnswers: true,
    readerEvents: true,
    variableStates: false,
  },
  {
    minor: 6,
    waitBodyBytes: 0,
    waitAnswers: false,
    readerEvents: true,
    variableStates: true,
  },
];

/** The dialect of a version, or null when it is not spoken. */
export function dialectOf(major: number, minor: number): Dialect | null {
  if (major !== PROTOCOL_MAJOR) return null;
  return DIALECTS.find((dialect) => dialect.minor === minor) ?? null;
}
