/**
 * The lock of one reader: who runs a transaction, and who waits for its end.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { Fifo } from "./fifo.ts";
import {
  LOCK_TABLE,
  type LockPhase,
  type LockPhaseEvent,
} from "./transaction_table.ts";

/** Something that waits: `run` does its work, `reject` gives it up. */
interface Waiter {
  run(): void;
  reject(reason: unknown): void;
}

/**
 * First come, first served. Waiting work starts synchronously when its turn comes,
 * so that it reaches the reader before the next in line does.
 */
export class TransactionLock<Holder extends object> {
  #phase: LockPhase = LOCK_TABLE.initial;
  #owner: Holder | null = null;
  #depth = 0;
  #endings = 0;
  /** Tells one ownership from the next of the same holder. */
  #tenure = 0;
  #queue = new Fifo<Waiter>();
  #waiting = new Map<object, Set<Waiter>>();
  #draining = false;

  /** Who runs a transaction, or null. */
  get owner(): Holder | null {
    return this.#owner;
  }

  /** Transactions that the owner has begun and not ended. */
  get depth(): number {
    return this.#depth;
  }

  /** Ends of transactions under way that dispose of the card. */
  get endings(): number {
    return this.#endings;
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
      const waiter: Waiter = {
        run: () => {
          leave();
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      const forget = this.#join(holder, waiter);
      const onAbort = () => waiter.reject(signal!.reason);
      const leave = () => {
        signal?.removeEventListener("abort", onAbort);
        forget();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Takes the end of the line; the returned function leaves it. */
  #join(holder: object | null, waiter: Waiter): () => void {
    const unqueue = this.#queue.push(waiter);
    if (holder === null) return unqueue;
    const own = this.#waiting.get(holder) ?? new Set();
    this.#waiting.set(holder, own.add(waiter));
    return () => {
      unqueue();
      own.delete(waiter);
      if (own.size === 0 && this.#waiting.get(holder) === own) {
        this.#waiting.delete(holder);
      }
    };
  }

  /** `holder` begins a transaction, or one more; only inside work of {@linkcode whenFree}. */
  take(holder: Holder): void {
    this.#step("begun");
    this.#owner = holder;
    this.#depth++;
  }

  /** `holder` ends one transaction, or with `all` every one of them. */
  release(holder: Holder, all = false): void {
    if (this.#owner !== holder) return;
    if (!all && this.#depth > 1) {
      this.#step("ended");
      this.#depth--;
    } else this.#free("released");
  }

  /** Nobody owns the lock any more: every waiter gets its turn, and sees for itself what happened. */
  clear(): void {
    this.#free("cleared");
  }

  /**
   * The owner ends a transaction with a disposition.
   *
   * @returns to be called when the card has been disposed of; whether the lock is still the owner's
   */
  dispose(): () => boolean {
    this.#step("disposing");
    this.#endings++;
    const tenure = this.#tenure;
    return () => {
      if (this.#tenure !== tenure) return false;
      this.#endings--;
      if (this.#endings === 0) this.#step("disposed");
      return true;
    };
  }

  /**
   * The owner has not used its transaction for too long.
   *
   * @returns to be called when the card has been reset: ends the transaction if it still runs
   */
  resetIdle(): () => void {
    this.#step("idle");
    const tenure = this.#tenure;
    return () => {
      if (this.#tenure === tenure) this.#free("released");
    };
  }

  #free(event: "released" | "cleared"): void {
    this.#step(event);
    if (this.#owner !== null) this.#tenure++;
    this.#owner = null;
    this.#depth = 0;
    this.#endings = 0;
    this.#drain();
  }

  #step(event: LockPhaseEvent): void {
    this.#phase = LOCK_TABLE.next(this.#phase, event);
  }

  /** Takes the waiters of `holder` out of the queue. */
  cancel(holder: object, reason: unknown): void {
    for (const waiter of [...this.#waiting.get(holder) ?? []]) {
      waiter.reject(reason);
    }
  }

  #drain(): void {
    // Work may end transactions itself: the outer loop serves whoever is next.
    if (this.#draining) return;
    this.#draining = true;
    try {
      while (true) {
        const waiter = this.#next();
        if (waiter === undefined) break;
        waiter.run();
      }
    } finally {
      this.#draining = false;
    }
  }

  /** Whose turn it is: what a new owner asked for while it waited does not wait for itself. */
  #next(): Waiter | undefined {
    if (this.#owner === null) return this.#queue.shift();
    const [own] = this.#waiting.get(this.#owner) ?? [];
    return own;
  }
}
