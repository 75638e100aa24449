/**
 * The lock of one reader: who runs a transaction, and who waits for its end.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { Fifo } from "./fifo.ts";

/** Something that waits: `run` does its work, `reject` gives it up. */
interface Waiter {
  holder: object | null;
  run(): void;
  reject(reason: unknown): void;
}

/**
 * First come, first served. Waiting work starts synchronously when its turn comes,
 * so that it reaches the reader before the next in line does.
 */
export class TransactionLock<Holder extends object> {
  #owner: Holder | null = null;
  #depth = 0;
  #queue = new Fifo<Waiter>();
  #draining = false;

  /** Who runs a transaction, or null. */
  get owner(): Holder | null {
    return this.#owner;
  }

  /** Transactions that the owner has begun and not ended. */
  get depth(): number {
    return this.#depth;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether `holder` could work now without waiting for another. */
  isFreeFor(holder: object | null): boolean {
    return this.#owner === null
      ? this.#queue.length === 0
      : this.#owner === holder;
  }

  /**
   * Runs `work` when no other holder is in a transaction: at once if possible, else in turn.
   *
   * @param signal abort leaves the queue; work that has begun goes on
   */
  whenFree<T>(
    holder: object | null,
    work: () => MaybePromise<T>,
    signal?: AbortSignal,
  ): MaybePromise<T> {
    signal?.throwIfAborted();
    if (this.isFreeFor(holder)) return work();
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        leave();
        reject(signal!.reason);
      };
      const leave = this.#queue.push({
        holder,
        run: () => {
          signal?.removeEventListener("abort", onAbort);
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        },
        reject: (reason) => {
          signal?.removeEventListener("abort", onAbort);
          reject(reason);
        },
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** `holder` begins a transaction, or one more; only inside work of {@linkcode whenFree}. */
  take(holder: Holder): void {
    this.#owner = holder;
    this.#depth++;
  }

  /** `holder` ends one transaction, or with `all` every one of them. */
  release(holder: Holder, all = false): void {
    if (this.#owner !== holder) return;
    this.#depth = all ? 0 : this.#depth - 1;
    if (this.#depth > 0) return;
    this.#owner = null;
    this.#drain();
  }

  /** Nobody owns the lock any more: every waiter gets its turn, and sees for itself what happened. */
  clear(): void {
    this.#owner = null;
    this.#depth = 0;
    this.#drain();
  }

  /** Takes the waiters of `holder` out of the queue. */
  cancel(holder: object, reason: unknown): void {
    const cancelled = this.#queue.extract((waiter) => waiter.holder === holder);
    for (const waiter of cancelled) waiter.reject(reason);
  }

  #drain(): void {
    // Work may end transactions itself: the outer loop serves whoever is next.
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (this.#owner === null) {
        const waiter = this.#queue.shift();
        if (waiter === undefined) break;
        waiter.run();
      }
    } finally {
      this.#draining = false;
    }
  }
}
