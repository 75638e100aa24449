/**
 * Where an OpenPGP card keeps its state.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";

/** Keeps one card's state. The card saves after each command that changed it, and before it answers. */
export interface OpenPgpStore {
  /** What was saved last; null when nothing was yet. */
  load(): Uint8Array | null;

  /** Keeps the state; whoever throws or rejects makes the card answer 6581 (memory failure). */
  save(state: Uint8Array): MaybePromise<void>;
}

/** Forgets with the process. */
export class MemoryOpenPgpStore implements OpenPgpStore {
  #state: Uint8Array | null;

  /** Begins with a state that another store had, or empty. */
  constructor(state: Uint8Array | null = null) {
    this.#state = state?.slice() ?? null;
  }

  /** A copy of the state. */
  load(): Uint8Array | null {
    return this.#state?.slice() ?? null;
  }

  /** Keeps a copy. */
  save(state: Uint8Array): void {
    this.#state = state.slice();
  }
}
