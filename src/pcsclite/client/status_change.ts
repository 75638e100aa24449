/**
 * SCardGetStatusChange, which the client computes: what a caller believes against what
 * the state array says, as libpcsclite compares them.
 *
 * @module
 */

import {
  PNP_NOTIFICATION,
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
} from "../../resource_manager/mod.ts";
import type { ReaderStateEntry } from "../wire/mod.ts";
import type { ReadersView } from "./ask_readers.ts";
import { failure } from "./errors.ts";
import { atrOf, flagsOf } from "./state_words.ts";

/** Event counters are the high words of states. */
const COUNT_MASK = 0xFFFF;
const PNP_NAME = PNP_NOTIFICATION.toLowerCase();

/** What a look at the readers tells. */
export interface StatusLook {
  /** In the order of the requests. */
  readonly answers: ReaderStateAnswer[];
  /** Whether an answer tells the caller something new. */
  readonly isChanged: boolean;
}

/** One call of SCardGetStatusChange: as many looks as it takes. */
export class StatusComparison {
  readonly #requests: readonly ReaderStateRequest[];
  #namesAtFirst: string | null = null;

  /**
   * For the first look.
   *
   * @param requests taken as they are: the caller must not change them
   */
  constructor(requests: readonly ReaderStateRequest[]) {
    this.#requests = requests;
  }

  /** Whether there is nothing to wait for: no entries, or all of them are ignored. */
  get isIdle(): boolean {
    return this.#requests.every(isIgnored);
  }

  /** Whether the list of readers is one of the entries. */
  get wantsEvents(): boolean {
    return this.#requests.some((request) =>
      isList(request) && !isIgnored(request)
    );
  }

  /**
   * Every reader is known, which only the first look demands.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER
   */
  assertKnown({ entries }: ReadersView): void {
    for (const request of this.#requests) {
      if (isIgnored(request) || isList(request)) continue;
      const { readerName } = request;
      if (entries.some((entry) => entry.readerName === readerName)) continue;
      throw failure(
        "SCARD_E_UNKNOWN_READER",
        `wait for ${JSON.stringify(readerName)}`,
        "no reader has this name",
        "a known one",
      );
    }
  }

  /** The answers for what is there. */
  look({ entries, events }: ReadersView): StatusLook {
    const names = JSON.stringify(entries.map((entry) => entry.readerName));
    this.#namesAtFirst ??= names;
    const isListNew = this.#namesAtFirst !== names;
    const answers = this.#requests.map((request) => {
      if (isIgnored(request)) return answerOf(request, SCARD_STATE_UNAWARE);
      if (isList(request)) return lookAtList(request, events, isListNew);
      const { readerName } = request;
      const entry = entries.find((one) => one.readerName === readerName);
      return entry === undefined
        ? lookAtNobody(request)
        : lookAtReader(request, entry);
    });
    const isChanged = answers.some(({ eventState }) =>
      (eventState & SCARD_STATE_CHANGED) !== 0
    );
    return { answers, isChanged };
  }
}

function isIgnored({ currentState }: ReaderStateRequest): boolean {
  return (currentState & SCARD_STATE_IGNORE) !== 0;
}

function isList({ readerName }: ReaderStateRequest): boolean {
  return readerName.toLowerCase() === PNP_NAME;
}

function answerOf(
  { readerName }: ReaderStateRequest,
  eventState: number,
  eventCount = 0,
  atr: Uint8Array<ArrayBuffer> | null = null,
): ReaderStateAnswer {
  return { readerName, eventState, eventCount, atr };
}

/** A count of 0 is one that the caller does not know. */
function isOtherCount(
  { currentCount = 0 }: ReaderStateRequest,
  count: number,
): boolean {
  return currentCount !== 0 && currentCount !== count;
}

function lookAtList(
  request: ReaderStateRequest,
  events: number,
  isListNew: boolean,
): ReaderStateAnswer {
  const count = events & COUNT_MASK;
  const isChanged = isListNew || isOtherCount(request, count);
  const state = isChanged ? SCARD_STATE_CHANGED : SCARD_STATE_UNAWARE;
  return answerOf(request, state, count);
}

/** The reader has left. Unlike Windows, pcsc-lite does not set IGNORE. */
function lookAtNobody(request: ReaderStateRequest): ReaderStateAnswer {
  const isKnown = (request.currentState & SCARD_STATE_UNKNOWN) !== 0;
  const state = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;
  return answerOf(request, state | (isKnown ? 0 : SCARD_STATE_CHANGED));
}

/** Whether the flags contradict what the caller believes. That a reader comes into use does not, that others leave it does. */
function isWrong(believed: number, now: number): boolean {
  const had = (bit: number) => (believed & bit) !== 0;
  const has = (bit: number) => (now & bit) !== 0;
  if (had(SCARD_STATE_UNKNOWN)) return true;
  if (had(SCARD_STATE_UNAVAILABLE) !== has(SCARD_STATE_UNAVAILABLE)) {
    return true;
  }
  if (has(SCARD_STATE_EMPTY) && had(SCARD_STATE_PRESENT)) return true;
  if (has(SCARD_STATE_PRESENT)) {
    if (had(SCARD_STATE_EMPTY)) return true;
    if (had(SCARD_STATE_MUTE) !== has(SCARD_STATE_MUTE)) return true;
  }
  if (has(SCARD_STATE_EXCLUSIVE)) return had(SCARD_STATE_INUSE);
  if (has(SCARD_STATE_INUSE)) return had(SCARD_STATE_EXCLUSIVE);
  return had(SCARD_STATE_INUSE) || had(SCARD_STATE_EXCLUSIVE);
}

function lookAtReader(
  request: ReaderStateRequest,
  entry: ReaderStateEntry,
): ReaderStateAnswer {
  const believed = request.currentState & COUNT_MASK;
  const count = entry.eventCounter & COUNT_MASK;
  const now = flagsOf(entry);
  const isUnaware = believed === SCARD_STATE_UNAWARE &&
    (request.currentCount ?? 0) === 0;
  const isChanged = isUnaware || isOtherCount(request, count) ||
    isWrong(believed, now);
  const state = now | (isChanged ? SCARD_STATE_CHANGED : 0);
  return answerOf(request, state, count, atrOf(entry));
}
