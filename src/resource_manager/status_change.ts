/**
 * Waiting for readers and cards to come and go.
 *
 * @module
 */

import {
  PNP_NOTIFICATION,
  SCARD_STATE_ATRMATCH,
  SCARD_STATE_CHANGED,
  SCARD_STATE_IGNORE,
  SCARD_STATE_UNAWARE,
  SCARD_STATE_UNKNOWN,
} from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Profile } from "./profiles.ts";
import type { ReaderState } from "./reader_view.ts";
import { MAX_TIMER_MS, type Timers } from "./timers.ts";

/** What a caller believes about a reader. */
export interface ReaderStateRequest {
  /** Reader name, or {@linkcode PNP_NOTIFICATION} in any case. */
  readonly readerName: string;
  /** SCARD_STATE_* bits; SCARD_STATE_UNAWARE (0) asks for an answer at once. */
  readonly currentState: number;
  /** Event count the caller knows, 0 to 65 535; left out it is not compared. */
  readonly currentCount?: number;
}

/** What the resource manager knows about it. */
export interface ReaderStateAnswer {
  /** As asked. */
  readonly readerName: string;
  /** SCARD_STATE_* bits. */
  readonly eventState: number;
  /** Insertions and removals modulo 65 536; for the pseudo reader see `Profile.pnpCount`. */
  readonly eventCount: number;
  /** ATR of the card, when there is one that answers. */
  readonly atr: Uint8Array<ArrayBuffer> | null;
}

/** What {@linkcode StatusWatch} looks at. */
export interface ReaderDirectory {
  /** Behaviour. */
  readonly profile: Profile;
  /** Clock. */
  readonly timers: Timers;
  /** How many readers are there. */
  readonly readerCount: number;
  /** How many readers have come or gone so far. */
  readonly arrivals: number;
  /** What is seen of the reader of that name. */
  stateOf(readerName: string): ReaderState | undefined;
  /**
   * Calls `listener` after every change of the readers of these names, until the returned
   * function is called. {@linkcode PNP_NOTIFICATION} stands for the list of readers.
   */
  watch(readerNames: ReadonlySet<string>, listener: () => void): () => void;
}

/**
 * Unknown names are allowed.
 *
 * @param directory the readers that the caller sees
 * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER where the profile wants that for unknown names.
 */
export function assertKnown(
  directory: ReaderDirectory,
  requests: readonly ReaderStateRequest[],
): void {
  if (directory.profile.unknownReader === "flag") return;
  for (const { readerName } of requests) {
    if (directory.stateOf(readerName) !== undefined) continue;
    if (readerName.toLowerCase() === PNP_NAME) continue;
    throw new ResourceManagerError(
      "SCARD_E_UNKNOWN_READER",
      `Cannot wait for ${
        JSON.stringify(readerName)
      }: no reader has this name, expected a known one`,
    );
  }
}

// A caller may copy eventState into currentState: these bits say nothing about the reader.
const NOT_COMPARED = SCARD_STATE_CHANGED | SCARD_STATE_IGNORE |
  SCARD_STATE_ATRMATCH;
const PNP_NAME = PNP_NOTIFICATION.toLowerCase();

/** One request for reader states. */
export class StatusWatch {
  #directory: ReaderDirectory;
  #requests: readonly ReaderStateRequest[];
  #arrivals: number;

  /**
   * Remembers which readers are there now.
   *
   * @param requests taken as they are: the caller must not change them
   */
  constructor(
    directory: ReaderDirectory,
    requests: readonly ReaderStateRequest[],
  ) {
    this.#directory = directory;
    this.#requests = requests;
    this.#arrivals = directory.arrivals;
  }

  /** The answers as of now. */
  look(): ReaderStateAnswer[] {
    return this.#requests.map((request) => this.#lookAt(request));
  }

  /** Whether an answer tells the caller something new, or nothing can ever do so. */
  isWorthReturning(answers: ReaderStateAnswer[]): boolean {
    let ignored = 0;
    for (let i = 0; i < answers.length; i++) {
      if ((this.#requests[i].currentState & SCARD_STATE_IGNORE) !== 0) {
        ignored++;
      } else if ((answers[i].eventState & SCARD_STATE_CHANGED) !== 0) {
        return true;
      }
    }
    return ignored === answers.length;
  }

  /**
   * Waits until there is something new.
   *
   * @param timeoutMs milliseconds, 0 = do not wait; left out or very long: no limit
   * @param signal ends the wait with its reason
   * @throws {ResourceManagerError} SCARD_E_TIMEOUT
   */
  wait(timeoutMs = Infinity, signal?: AbortSignal): Promise<
    ReaderStateAnswer[]
  > {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const first = this.look();
      if (this.isWorthReturning(first)) return resolve(first);
      if (timeoutMs <= 0) return reject(timeoutError(timeoutMs));
      const { timers } = this.#directory;
      let timer: unknown = null;
      const stop = this.#directory.watch(this.#watched(), () => {
        const answers = this.look();
        if (!this.isWorthReturning(answers)) return;
        finish();
        resolve(answers);
      });
      const onAbort = () => {
        finish();
        reject(signal!.reason);
      };
      const finish = () => {
        stop();
        if (timer !== null) timers.clear(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (timeoutMs > MAX_TIMER_MS) return;
      timer = timers.set(() => {
        finish();
        reject(timeoutError(timeoutMs));
      }, timeoutMs);
    });
  }

  #watched(): Set<string> {
    const names = new Set<string>();
    for (const { readerName, currentState } of this.#requests) {
      if ((currentState & SCARD_STATE_IGNORE) !== 0) continue;
      const isList = readerName.toLowerCase() === PNP_NAME;
      names.add(isList ? PNP_NOTIFICATION : readerName);
    }
    return names;
  }

  #lookAt(request: ReaderStateRequest): ReaderStateAnswer {
    const { readerName, currentState } = request;
    if ((currentState & SCARD_STATE_IGNORE) !== 0) {
      return {
        readerName,
        eventState: SCARD_STATE_IGNORE,
        eventCount: 0,
        atr: null,
      };
    }
    if (readerName.toLowerCase() === PNP_NAME) return this.#lookAtList(request);
    const state = this.#directory.stateOf(readerName);
    if (state === undefined) {
      const known = (currentState & SCARD_STATE_UNKNOWN) !== 0;
      const eventState = SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE |
        (known ? 0 : SCARD_STATE_CHANGED);
      return { readerName, eventState, eventCount: 0, atr: null };
    }
    const eventCount = state.eventCount & 0xFFFF;
    const believed = currentState & ~NOT_COMPARED;
    const changed = believed === SCARD_STATE_UNAWARE ||
      believed !== state.flags ||
      (request.currentCount !== undefined &&
        request.currentCount !== eventCount);
    return {
      readerName,
      eventState: state.flags | (changed ? SCARD_STATE_CHANGED : 0),
      eventCount,
      atr: state.atr?.slice() ?? null,
    };
  }

  #lookAtList(request: ReaderStateRequest): ReaderStateAnswer {
    const { arrivals, readerCount, profile } = this.#directory;
    const eventCount =
      (profile.pnpCount === "readers" ? readerCount : arrivals) & 0xFFFF;
    const { readerName, currentCount } = request;
    const changed = arrivals !== this.#arrivals ||
      (currentCount !== undefined && currentCount !== eventCount);
    const eventState = changed ? SCARD_STATE_CHANGED : SCARD_STATE_UNAWARE;
    return { readerName, eventState, eventCount, atr: null };
  }
}

function timeoutError(timeoutMs: number): ResourceManagerError {
  return new ResourceManagerError(
    "SCARD_E_TIMEOUT",
    `Cannot wait longer for a change of readers: ${timeoutMs} ms passed, expected a change`,
  );
}
