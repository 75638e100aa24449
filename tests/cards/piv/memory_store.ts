/** Stores for tests: in memory, and failing or late on demand. */
import type { PivStore } from "../../../src/cards/mod.ts";

/** Keeps the last state, and does as told. */
export class MemoryStore implements PivStore {
  /** What was saved last. */
  saved: Uint8Array | null = null;
  /** Saves so far, failed ones not counted. */
  saves = 0;
  /** What the next saves do: keep at once, keep later, or fail in one of two ways. */
  mode: "now" | "later" | "throw" | "reject" = "now";

  load(): Uint8Array | null {
    return this.saved;
  }

  save(state: Uint8Array): void | Promise<void> {
    if (this.mode === "throw") throw new Error("worn out");
    if (this.mode === "reject") return Promise.reject(new Error("worn out"));
    if (this.mode === "later") {
      return Promise.resolve().then(() => this.#keep(state));
    }
    this.#keep(state);
  }

  #keep(state: Uint8Array): void {
    this.saved = state.slice();
    this.saves++;
  }
}
