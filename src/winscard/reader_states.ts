/**
 * SCARD_READERSTATE: what a caller believes about a reader, and what is so.
 *
 * @module
 */

import {
  PNP_NOTIFICATION,
  type ReaderStateAnswer,
  type ReaderStateRequest,
  SCARD_STATE_IGNORE,
} from "../resource_manager/mod.ts";
import { checkDword, checkObjects, checkText } from "./checks.ts";
import type { ContextEntry } from "./handle_table.ts";
import type { ReaderNames } from "./reader_names.ts";

/** A reader and what is believed of it (SCARD_READERSTATE on input). */
export interface ScardReaderState {
  /** Name of the reader (szReader). */
  readonly reader: string;
  /**
   * SCARD_STATE_* bits, and in bits 16 to 31 the count that is known (dwCurrentState);
   * default SCARD_STATE_UNAWARE.
   */
  readonly currentState?: number;
  /** Comes back as it is (pvUserData). */
  readonly userData?: unknown;
}

/** The same with what is so (SCARD_READERSTATE on output). */
export interface ScardReaderEvent extends ScardReaderState {
  /** As given, SCARD_STATE_UNAWARE where nothing was. */
  readonly currentState: number;
  /** As given. */
  readonly userData: unknown;
  /**
   * SCARD_STATE_* bits, and in bits 16 to 31 insertions and removals so far; for the
   * list of readers how many there are (dwEventState).
   */
  readonly eventState: number;
  /** Answer to reset; empty when there is none (rgbAtr). */
  readonly atr: Uint8Array<ArrayBuffer>;
}

/** Outputs of the functions about the states of readers. */
export interface ReaderStatesOutput {
  /** One for each that was asked for. */
  readonly readerStates: ScardReaderEvent[];
}

/**
 * What the resource manager is asked.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function toRequests(
  readerStates: readonly ScardReaderState[],
  names: ReaderNames,
  { toldZero }: ContextEntry,
  attempt: string,
): ReaderStateRequest[] {
  return checkObjects(readerStates, "reader state", attempt).map((state) => {
    const reader = checkText(state.reader, "reader name", attempt);
    const current = checkDword(
      state.currentState ?? 0,
      "current state",
      attempt,
    );
    const count = current >>> 16;
    // Of whoever was told another count, 0 means that it does not count.
    const counts = count !== 0 ||
      (toldZero.has(reader.toLowerCase()) && (current !== 0 || isList(reader)));
    return {
      readerName: names.toAskFor(reader),
      currentState: current & 0xFFFF,
      currentCount: counts ? count : undefined,
    };
  });
}

/** What the caller is told. */
export function toOutput(
  readerStates: readonly ScardReaderState[],
  answers: readonly ReaderStateAnswer[],
  { toldZero }: ContextEntry,
): ScardReaderEvent[] {
  return answers.map(({ eventState, eventCount, atr }, i) => {
    const { reader, currentState = 0, userData = undefined } = readerStates[i];
    // Of an ignored or unknown reader nothing was told.
    if ((eventState & SCARD_STATE_IGNORE) === 0) {
      if (eventCount === 0) toldZero.add(reader.toLowerCase());
      else toldZero.delete(reader.toLowerCase());
    }
    return {
      reader,
      userData,
      currentState,
      eventState: (eventState | eventCount << 16) >>> 0,
      atr: atr ?? new Uint8Array(0),
    };
  });
}

function isList(reader: string): boolean {
  return reader.toLowerCase() === PNP_NOTIFICATION.toLowerCase();
}
