/**
 * The readers of the service, as they were last seen, and who wants to know.
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import { PcscState } from "./codes.ts";
import type { PcscReaderState } from "./library.ts";

/** A reader came or went. */
export interface PcscReaderChange {
  /** What it did. */
  readonly kind: "arrived" | "left";
  /** Its name. */
  readonly reader: string;
}

/** Who wants to know about one reader. */
export interface PcscReaderListener {
  /** The reader was seen. @param round number of the look */
  seen(eventState: number, round: number): void;
  /** The reader has left, or the service has. */
  left(): void;
}

interface Entry {
  /** What was last seen of it, null before the first look. */
  eventState: number | null;
  listener: PcscReaderListener | null;
}

/** Knows all readers; told by the watcher. */
export class ReaderTable {
  readonly #readers = new Map<string, Entry>();
  readonly #listeners = new Set<(change: PcscReaderChange | null) => void>();

  /** Names of the readers that are there. */
  get readers(): string[] {
    return [...this.#readers].filter(([, { eventState }]) =>
      eventState !== null
    ).map(([name]) => name);
  }

  /** Whether every reader of the last list has been seen. */
  get isComplete(): boolean {
    return [...this.#readers.values()].every(({ eventState }) =>
      eventState !== null
    );
  }

  /** What the next look is to compare with. */
  get states(): PcscReaderState[] {
    return [...this.#readers].map(([reader, { eventState }]) =>
      stateOf(reader, eventState ?? PcscState.UNAWARE)
    );
  }

  /**
   * Tells `listener` about one reader from now on, and at once what is known.
   *
   * @param round number of the last look
   * @returns a function that ends it; null when there is no such reader
   */
  attach(
    reader: string,
    listener: PcscReaderListener,
    round: number,
  ): (() => void) | null {
    const entry = this.#readers.get(reader);
    if (entry === undefined || entry.eventState === null) return null;
    entry.listener = listener;
    listener.seen(entry.eventState, round);
    return () => {
      if (entry.listener === listener) entry.listener = null;
    };
  }

  /** Tells `listener` about readers that come and go, and null at the end; returns a function that ends it. */
  subscribe(
    listener: (change: PcscReaderChange | null) => void,
  ): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes note of who has left, and of who is to be looked at. @returns whether anybody has come or gone */
  reconcile(names: readonly string[]): boolean {
    let hasChanged = false;
    for (const reader of this.#readers.keys()) {
      if (names.includes(reader)) continue;
      this.#leave(reader);
      hasChanged = true;
    }
    for (const reader of names) {
      if (this.#readers.has(reader)) continue;
      this.#readers.set(reader, { eventState: null, listener: null });
      hasChanged = true;
    }
    return hasChanged;
  }

  /** Takes note of a look, and tells of it. @returns whether it has shown anything new */
  apply(states: readonly PcscReaderState[], round: number): boolean {
    let hasChanged = false;
    for (const { reader, eventState } of states) {
      const entry = this.#readers.get(reader);
      if (entry === undefined) continue;
      if ((eventState & PcscState.UNKNOWN) !== 0) {
        this.#leave(reader);
        hasChanged = true;
        continue;
      }
      const before = entry.eventState;
      entry.eventState = (eventState & ~PcscState.CHANGED) >>> 0;
      hasChanged ||= before !== entry.eventState;
      if (before === null) this.#tell({ kind: "arrived", reader });
      entry.listener?.seen(eventState, round);
    }
    return hasChanged;
  }

  #leave(reader: string): void {
    const entry = this.#readers.get(reader);
    this.#readers.delete(reader);
    if (entry === undefined || entry.eventState === null) return;
    entry.listener?.left();
    this.#tell({ kind: "left", reader });
  }

  /** Nobody is watched any more: all readers leave. */
  end(): void {
    for (const reader of [...this.#readers.keys()]) this.#leave(reader);
    this.#tell(null);
    this.#listeners.clear();
  }

  #tell(change: PcscReaderChange | null): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

/** A look at one reader. */
export function stateOf(reader: string, currentState: number): PcscReaderState {
  return { reader, currentState, eventState: 0, atr: NO_BYTES };
}
