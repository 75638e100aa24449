/**
 * The first-in-first-out gate of a reader: where Windows has a mutex around the driver.
 *
 * @module
 */

/** Somebody who waits at a gate. */
export interface GateWaiter {
  /** The gate is the waiter's now. It must not throw, and has to see to {@linkcode Gate.leave}. */
  enter(): void;
  /** The waiter will never get in, and ends with this NTSTATUS. */
  dismiss(status: number): void;
}

/** Admits one at a time; free of promises, so that nobody waits at a free gate. */
export class Gate {
  #held = false;
  #occupied = false;
  // Insertion order of a Set is the queue, and withdrawing is cheap.
  readonly #queue = new Set<GateWaiter>();

  /** Whether a newcomer would have to queue. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** Whether somebody is inside; false while the next one is on the way in. */
  get isOccupied(): boolean {
    return this.#occupied;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Takes the gate if it is free; nobody overtakes the queue. */
  tryEnter(): boolean {
    if (this.#held) return false;
    this.#held = true;
    this.#occupied = true;
    return true;
  }

  /** Waits for a held gate. */
  queue(waiter: GateWaiter): void {
    this.#queue.add(waiter);
  }

  /** Stops waiting. @returns false when the waiter was not in the queue (any more) */
  withdraw(waiter: GateWaiter): boolean {
    return this.#queue.delete(waiter);
  }

  /** Opens the gate; the first in the queue enters in a microtask, so that a long queue needs no deep stack. */
  leave(): void {
    this.#occupied = false;
    if (this.#queue.size === 0) this.#held = false;
    else queueMicrotask(this.#admit);
  }

  /** Sends everybody in the queue away. */
  dismissAll(status: number): void {
    const waiters = [...this.#queue];
    this.#queue.clear();
    for (const waiter of waiters) waiter.dismiss(status);
  }

  readonly #admit = (): void => {
    for (const waiter of this.#queue) {
      this.#queue.delete(waiter);
      this.#occupied = true;
      waiter.enter();
      return;
    }
    this.#held = false;
  };
}
