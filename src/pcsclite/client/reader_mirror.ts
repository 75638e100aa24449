/**
 * The readers of the service as they are known here, kept up to date by a wait that
 * never ends.
 *
 * @module
 */

import { equalBytes } from "../../bytes.ts";
import {
  type ReaderBackend,
  type ReaderChangeBackend,
  type ReaderState,
  SCARD_STATE_UNAVAILABLE,
} from "../../resource_manager/mod.ts";
import type { ReaderStateEntry } from "../wire/mod.ts";
import type { ReadersView } from "./ask_readers.ts";
import { Listeners } from "./listeners.ts";
import type { ReadersWatcher } from "./request_line.ts";
import { atrOf, flagsOf } from "./state_words.ts";

/** A reader of the service. */
export class PcscLiteReader implements ReaderBackend {
  /** The name that applications use; the service has no other. */
  readonly name: string;
  #counter = 0;
  #state: ReaderState = {
    flags: SCARD_STATE_UNAVAILABLE,
    eventCount: 0,
    atr: null,
  };

  /** A reader that nothing is known of yet. */
  constructor(name: string) {
    this.name = name;
  }

  /** The name of the device. */
  get systemName(): string {
    return this.name;
  }

  /** Whether the reader works. */
  get available(): boolean {
    return (this.#state.flags & SCARD_STATE_UNAVAILABLE) === 0;
  }

  /** What is known of reader and card; the count goes on where that of the service begins anew. */
  get state(): ReaderState {
    return this.#state;
  }

  /**
   * Takes in what the service says now.
   *
   * @internal
   * @returns whether it is new
   */
  update(entry: ReaderStateEntry): boolean {
    const before = this.#state;
    const moved = (entry.eventCounter - this.#counter) & 0xFFFF;
    const flags = flagsOf(entry);
    const atr = atrOf(entry);
    if (moved === 0 && flags === before.flags && isSame(atr, before.atr)) {
      return false;
    }
    this.#counter = entry.eventCounter;
    this.#state = { flags, eventCount: before.eventCount + moved, atr };
    return true;
  }

  /** Nothing is known of it any more. */
  leave(): void {
    const { eventCount } = this.#state;
    this.#state = { flags: SCARD_STATE_UNAVAILABLE, eventCount, atr: null };
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}

/** Readers by name, in the order of their arrival. */
export class ReaderMirror implements ReadersWatcher {
  /** Nobody asks the mirror for the service's count of readers. */
  readonly wantsEvents = false;
  readonly #readers = new Map<string, PcscLiteReader>();
  readonly #listeners = new Listeners<ReaderChangeBackend>();
  #first = Promise.withResolvers<void>();

  /** The readers. */
  get readers(): PcscLiteReader[] {
    return [...this.#readers.values()];
  }

  /** The reader of that name. */
  find(name: string): PcscLiteReader | undefined {
    return this.#readers.get(name);
  }

  /** Settles when the readers are known, or cannot be. */
  get known(): Promise<void> {
    return this.#first.promise;
  }

  /** Tells `listener` about every change, until the returned function is called. */
  subscribe(listener: (change: ReaderChangeBackend) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** What is there now. */
  see({ entries }: ReadersView): void {
    const names = new Set(entries.map(({ readerName }) => readerName));
    for (const reader of this.readers) {
      if (!names.has(reader.name)) this.#remove(reader);
    }
    for (const entry of entries) {
      const known = this.#readers.get(entry.readerName);
      const reader = known ?? new PcscLiteReader(entry.readerName);
      const isNew = reader.update(entry);
      this.#readers.set(reader.name, reader);
      if (known === undefined) this.#tell("added", reader);
      else if (isNew) this.#tell("changed", reader);
    }
    this.#first.resolve();
  }

  /** The service has gone, and its readers with it; they may come back. */
  fail(reason: unknown): void {
    for (const reader of this.readers) this.#remove(reader);
    this.#first.reject(reason);
    // Nobody may be waiting.
    this.#first.promise.catch(() => {});
    this.#first = Promise.withResolvers();
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#listeners.clear();
  }

  #remove(reader: PcscLiteReader): void {
    this.#readers.delete(reader.name);
    reader.leave();
    this.#tell("removed", reader);
  }

  #tell(kind: ReaderChangeBackend["kind"], reader: PcscLiteReader): void {
    this.#listeners.tell({ kind, reader });
  }
}
