/**
 * The readers as a context with a policy sees them.
 *
 * @module
 */

import { PNP_NOTIFICATION } from "./constants.ts";
import type { ResourceManager } from "./manager.ts";
import type { PolicyGate } from "./policy_gate.ts";
import type { Profile } from "./profiles.ts";
import type { ReaderState } from "./reader_view.ts";
import type { ReaderDirectory } from "./status_change.ts";
import type { Timers } from "./timers.ts";

/** A manager's directory without the readers that a policy hides: they have never come, and never go. */
export class VisibleReaders implements ReaderDirectory {
  #manager: ResourceManager;
  #gate: PolicyGate;
  #arrivals: number;
  #list: string;

  /**
   * Watches the list of readers until the manager is closed or {@linkcode stop} is called.
   *
   * @param gate tells who is seen
   */
  constructor(manager: ResourceManager, gate: PolicyGate) {
    this.#manager = manager;
    this.#gate = gate;
    this.#arrivals = manager.arrivals;
    this.#list = JSON.stringify(this.names);
    // First in line: whoever waits for the list later finds the count up to date.
    this.stop = manager.watch(new Set([PNP_NOTIFICATION]), () => this.#note());
  }

  /** Ends the watch. */
  readonly stop: () => void;

  /** Behaviour. */
  get profile(): Profile {
    return this.#manager.profile;
  }

  /** Clock. */
  get timers(): Timers {
    return this.#manager.timers;
  }

  /** Names of the readers that are seen, in order of arrival. */
  get names(): string[] {
    return this.#manager.readers.map((reader) => reader.name)
      .filter((name) => this.#gate.sees(name));
  }

  /** How many readers are seen. */
  get readerCount(): number {
    return this.names.length;
  }

  /** Grows with each change of what is seen. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** What is seen of the reader of that name. */
  stateOf(readerName: string): ReaderState | undefined {
    return this.#gate.sees(readerName)
      ? this.#manager.stateOf(readerName)
      : undefined;
  }

  /** As that of the manager. */
  watch(readerNames: ReadonlySet<string>, listener: () => void): () => void {
    return this.#manager.watch(readerNames, listener);
  }

  #note(): void {
    const list = JSON.stringify(this.names);
    if (list === this.#list) return;
    this.#list = list;
    this.#arrivals++;
  }
}
