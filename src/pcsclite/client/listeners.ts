/**
 * A set of listeners.
 *
 * @module
 */

/** Listeners that cannot harm each other, nor whoever tells them. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Tells `listener` from now on, until the returned function is called. */
  add(listener: (value: T) => void): () => void {
    // Wrapped: the same function may listen twice.
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Calls everybody who listened before this; what one throws is reported as an uncaught exception. */
  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
