/**
 * Readers and cards that come and go, as an async iterator.
 *
 * @module
 */

import {
  type ReaderBackend,
  type ReaderChangeBackend,
  SCARD_STATE_PRESENT,
} from "../resource_manager/mod.ts";
import type { ContextState } from "./context_state.ts";
import { EventBacklog } from "./event_backlog.ts";
import { toFlags } from "./reader_states.ts";
import type { SmartCardReaderStateFlagsOut } from "./types.ts";

/** What happened to a reader. */
export interface ReaderEvent {
  /** `state`: something else than presence changed, see {@linkcode ReaderEvent.state}. */
  type:
    | "reader-added"
    | "reader-removed"
    | "card-inserted"
    | "card-removed"
    | "state";
  /** Name of the reader. */
  reader: string;
  /** ATR of the card that came in, when it answers. */
  atr?: Uint8Array<ArrayBuffer>;
  /** Insertions and removals so far, this one included. */
  eventCount: number;
  /** State of the reader when the event was noted. */
  state: SmartCardReaderStateFlagsOut;
}

interface Seen {
  eventCount: number;
  present: boolean;
}

type Step = PromiseWithResolvers<IteratorResult<ReaderEvent, undefined>>;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Every change counts, however late it is asked for; successive `state` events of a
 * reader are one. When more than 1024 events wait, cards and readers that came and went
 * again are left out: `eventCount` tells how many insertions and removals were missed.
 */
export class ReaderEvents implements AsyncIterableIterator<ReaderEvent> {
  #signal: AbortSignal | undefined;
  #seen = new Map<ReaderBackend, Seen>();
  #events = new EventBacklog();
  #steps: Step[] = [];
  #failure: { readonly reason: unknown } | null = null;
  #ended = false;
  #unsubscribe: () => void;
  #forgetRelease: () => void;
  #abort = () => {
    this.#failure = { reason: this.#signal?.reason };
    this.#end();
  };

  /**
   * Begins with the readers that are there.
   *
   * @param signal ends the iteration with its reason
   */
  constructor(context: ContextState, signal?: AbortSignal) {
    this.#signal = signal;
    const { engine } = context;
    const { manager } = engine;
    const sees = (reader: ReaderBackend) => engine.sees?.(reader.name) ?? true;
    this.#unsubscribe = manager.subscribe((change) => {
      if (sees(change.reader)) this.#note(change);
    });
    this.#forgetRelease = engine.onReleased(() => this.#end());
    for (const reader of manager.readers) {
      if (sees(reader)) this.#note({ kind: "added", reader });
    }
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  /** The next event; waits for one. */
  next(): Promise<IteratorResult<ReaderEvent, undefined>> {
    const value = this.#events.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#failure !== null) {
      const { reason } = this.#failure;
      this.#failure = null;
      return Promise.reject(reason);
    }
    if (this.#ended) return Promise.resolve(DONE);
    const step: Step = Promise.withResolvers();
    this.#steps.push(step);
    return step.promise;
  }

  /** Ends the iteration, also for those who wait; nothing is told any more, no reason of an abort either. */
  return(): Promise<IteratorResult<ReaderEvent, undefined>> {
    this.#events.clear();
    this.#end();
    this.#failure = null;
    return Promise.resolve(DONE);
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Same as {@linkcode return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    this.#forgetRelease();
    this.#signal?.removeEventListener("abort", this.#abort);
    const waiting = this.#steps.splice(0);
    if (this.#failure !== null && waiting.length > 0) {
      waiting.shift()?.reject(this.#failure.reason);
      this.#failure = null;
    }
    for (const step of waiting) step.resolve(DONE);
  }

  #note({ kind, reader }: ReaderChangeBackend): void {
    if (kind === "removed") {
      this.#seen.delete(reader);
      return this.#push("reader-removed", reader, reader.state.eventCount);
    }
    if (kind === "added") {
      const { eventCount } = reader.state;
      this.#push("reader-added", reader, eventCount);
      this.#seen.set(reader, { eventCount, present: false });
      if (isPresent(reader)) this.#compare(reader);
      return;
    }
    this.#compare(reader);
  }

  /** One event per insertion and removal since the reader was last seen. */
  #compare(reader: ReaderBackend): void {
    const seen = this.#seen.get(reader);
    if (seen === undefined) return;
    const present = isPresent(reader);
    const { eventCount } = reader.state;
    let moved = false;
    while (seen.eventCount !== eventCount || seen.present !== present) {
      if (seen.eventCount !== eventCount) seen.eventCount++;
      seen.present = !seen.present;
      moved = true;
      const type = seen.present ? "card-inserted" : "card-removed";
      this.#push(type, reader, seen.eventCount);
    }
    if (!moved) this.#push("state", reader, eventCount);
  }

  #push(
    type: ReaderEvent["type"],
    reader: ReaderBackend,
    eventCount: number,
  ): void {
    const { flags, atr } = reader.state;
    const state = toFlags(flags);
    const event: ReaderEvent = { type, reader: reader.name, eventCount, state };
    const current = eventCount === reader.state.eventCount;
    if (type === "card-inserted" && current && atr !== null) {
      event.atr = atr.slice();
    }
    const step = this.#steps.shift();
    if (step !== undefined) {
      return step.resolve({ done: false, value: event });
    }
    this.#events.push(event);
  }
}

function isPresent(reader: ReaderBackend): boolean {
  return (reader.state.flags & SCARD_STATE_PRESENT) !== 0;
}
