/**
 * A set of listeners.
 *
 * @module
 */

/** Runs code of others; what it throws is reported as an uncaught exception, in a microtask. */
export function runGuarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Listeners that cannot harm each other, nor whoever tells them. */
export class Listeners<T> {
  #listeners = new Set<(value: T) => void>();

  /**
   * Tells `listener` from now on.
   *
   * @returns a function that ends this
   */
  add(listener: (value: T) => void): () => void {
    // Wrapped: the same function may listen twice.
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Calls everybody who listened before this; what one throws is reported as an uncaught exception, in a microtask. */
  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      runGuarded(() => listener(value));
    }
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
