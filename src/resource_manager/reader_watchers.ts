/**
 * Who waits for changes of which readers, so that a change costs what those who
 * asked for it cost, however many others wait.
 *
 * @module
 */

import { runGuarded } from "./listeners.ts";

/** Watchers by reader name, which need not be there. */
export class ReaderWatchers {
  readonly #byName = new Map<string, Set<() => void>>();

  /**
   * Calls `listener` after every change of one of these readers, until the returned
   * function is called.
   */
  add(readerNames: ReadonlySet<string>, listener: () => void): () => void {
    // Wrapped: the same function may watch twice.
    const own = () => listener();
    for (const name of readerNames) {
      const watchers = this.#byName.get(name);
      if (watchers === undefined) this.#byName.set(name, new Set([own]));
      else watchers.add(own);
    }
    return () => {
      for (const name of readerNames) {
        const watchers = this.#byName.get(name);
        if (watchers?.delete(own) && watchers.size === 0) {
          this.#byName.delete(name);
        }
      }
    };
  }

  /** Calls everybody who watched this reader before; what one throws is reported as an uncaught exception, in a microtask. */
  tell(readerName: string): void {
    const watchers = this.#byName.get(readerName);
    if (watchers === undefined) return;
    for (const watcher of [...watchers]) runGuarded(watcher);
  }

  /** Nobody watches any more. */
  clear(): void {
    this.#byName.clear();
  }
}
