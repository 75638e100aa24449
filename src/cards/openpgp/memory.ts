/**
 * The card's state, and when it goes to the store.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import {
  newState,
  type OpenPgpCardSettings,
  type OpenPgpState,
} from "./state.ts";
import { decodeState, encodeState } from "./state_codec.ts";
import type { OpenPgpStore } from "./store.ts";

/** State with a store behind it; one save at a time, in order. */
export class OpenPgpMemory {
  readonly #store: OpenPgpStore;
  readonly #settings: OpenPgpCardSettings;
  #state: OpenPgpState;
  #isChanged = false;
  #saving: Promise<boolean> | null = null;

  /**
   * Loads what the store has, or begins a new card.
   *
   * @throws {RangeError} when the stored state or a setting is impossible
   */
  constructor(store: OpenPgpStore, settings: OpenPgpCardSettings) {
    this.#store = store;
    this.#settings = settings;
    const stored = store.load();
    this.#state = newState(settings);
    if (stored !== null) this.#state = decodeState(stored);
  }

  /** The state, to read. */
  get state(): Readonly<OpenPgpState> {
    return this.#state;
  }

  /** The state, to change. */
  edit(): OpenPgpState {
    this.#isChanged = true;
    return this.#state;
  }

  /** All as it left the factory; the serial number stays. */
  renew(): void {
    const { serialNumber } = this.#state;
    this.#state = newState({ ...this.#settings, serialNumber });
    this.#isChanged = true;
  }

  /** Saves what has changed. @returns whether the store has it all; what it has not is tried again by the next save */
  save(): MaybePromise<boolean> {
    if (this.#saving !== null) return this.#saving.then(() => this.save());
    if (!this.#isChanged) return true;
    try {
      this.#isChanged = false;
      const saved = this.#store.save(encodeState(this.#state));
      if (!(saved instanceof Promise)) return true;
      return this.#saving = saved.then(
        () => this.#end(true),
        () => this.#end(false),
      );
    } catch {
      return this.#end(false);
    }
  }

  #end(isSaved: boolean): boolean {
    this.#saving = null;
    if (!isSaved) this.#isChanged = true;
    return isSaved;
  }
}
