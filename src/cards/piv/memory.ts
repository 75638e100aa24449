/**
 * The state of the card in memory, and its way to the store.
 *
 * @module
 */
import type { MaybePromise } from "../../bytes.ts";
import { fail } from "../file_system/status_words.ts";
import type { PivState, PivStore } from "./state.ts";
import { encodeState } from "./state_codec.ts";
import { SW } from "./status_words.ts";

/** The state, and its way to the store. */
export class PivMemory {
  readonly #store: PivStore | null;
  #state: PivState;

  /** Begins with a state that counts as saved. */
  constructor(state: PivState, store: PivStore | null) {
    this.#state = state;
    this.#store = store;
  }

  /** The state now. */
  get state(): PivState {
    return this.#state;
  }

  /** Changes the state and saves it. When that fails the old one is back, and the command ends with 6581. */
  commit(change: Partial<PivState>): MaybePromise<void> {
    const previous = this.#state;
    return this.#save(change, () => {
      this.#state = previous;
    });
  }

  /** As `commit`, but the change stays even when it could not be saved: for counters on their way down. */
  commitForGood(change: Partial<PivState>): MaybePromise<void> {
    return this.#save(change, () => {});
  }

  #save(
    change: Partial<PivState>,
    undo: () => void,
  ): MaybePromise<void> {
    const failed = (): never => {
      undo();
      return fail(SW.MEMORY_FAILURE);
    };
    this.#state = { ...this.#state, ...change };
    let saving: MaybePromise<void>;
    try {
      saving = this.#store?.save(encodeState(this.#state));
    } catch {
      return failed();
    }
    return saving instanceof Promise ? saving.catch(failed) : saving;
  }
}
