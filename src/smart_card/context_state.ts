/**
 * Internal slots of a context: one operation at a time, and who runs transactions.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ContextBackend } from "../resource_manager/mod.ts";
import { type CallLimits, NO_LIMITS, withLimits } from "./call_limits.ts";
import { invalidState, toWebError } from "./errors.ts";
import type { ConnectionState } from "./connection_state.ts";

/** The end of a transaction that waits for the operation in progress. */
interface PendingEnd {
  /** Connections are counted in the order in which they were made. */
  readonly ordinal: number;
  /** Ends it; operationInProgress is set. */
  readonly end: () => void;
}

/** Shared by a context and its connections. */
export class ContextState {
  /** The engine's context. */
  readonly engine: ContextBackend;
  /** Whether operations wait for their turn instead of being refused. */
  readonly queued: boolean;
  /** Whether the engine works for this context. */
  operationInProgress = false;
  /** Reader name to the connection that runs a transaction there. */
  readonly transactions: Map<string, ConnectionState> = new Map();
  #turns: (() => void)[] = [];
  #pendingEnds: PendingEnd[] = [];

  /**
   * Slots of a new context.
   *
   * @param queued whether operations wait for their turn
   */
  constructor(engine: ContextBackend, queued: boolean) {
    this.engine = engine;
    this.queued = queued;
  }

  /**
   * The first guard step.
   *
   * @throws {DOMException} InvalidStateError
   */
  assertIdle(attempt: string): void {
    if (!this.operationInProgress) return;
    throw invalidState(
      attempt,
      "another operation of this context is in progress",
      "one at a time",
    );
  }

  /**
   * The last guard step of a context.
   *
   * @throws {DOMException} InvalidStateError
   */
  assertOpen(attempt: string): void {
    if (!this.engine.released) return;
    throw invalidState(attempt, "the context was released", "an open one");
  }

  /**
   * Runs one operation of the engine: guards, then the operation, then *clear
   * operationInProgress*, and only then the promise settles.
   *
   * @param guard the guard steps after the first
   * @param operation is given what stands for both limits
   */
  run<T>(
    attempt: string,
    guard: () => void,
    operation: (signal?: AbortSignal) => MaybePromise<T>,
    limits: CallLimits = NO_LIMITS,
  ): Promise<T> {
    return this.limit(attempt, limits, async (signal) => {
      const waited = this.enter(attempt, signal);
      if (waited !== undefined) await waited;
      try {
        guard();
        signal?.throwIfAborted();
        return await operation(signal);
      } catch (error) {
        throw toWebError(error, signal);
      } finally {
        this.clear();
      }
    });
  }

  /**
   * Waits for something else than the card: like {@linkcode run}, but with `queued` it
   * takes no turn, so that nobody waits behind it.
   *
   * @param guard the guard steps after the first
   */
  async watch<T>(
    attempt: string,
    guard: () => void,
    operation: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (!this.queued) {
      return await this.run(attempt, guard, operation, { signal });
    }
    try {
      guard();
      signal?.throwIfAborted();
      return await operation();
    } catch (error) {
      throw toWebError(error, signal);
    }
  }

  /** Runs `work` with a signal for both limits, by the engine's clock; see {@linkcode withLimits}. */
  limit<T>(
    attempt: string,
    limits: CallLimits,
    work: (signal?: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return withLimits(this.engine.manager.timers, attempt, limits, work);
  }

  /**
   * Sets operationInProgress, at once or, with `queued`, in turn.
   *
   * @throws {DOMException} InvalidStateError when it is set already
   */
  enter(attempt: string, signal?: AbortSignal): Promise<void> | undefined {
    if (!this.queued) this.assertIdle(attempt);
    if (!this.operationInProgress) {
      this.operationInProgress = true;
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = () => {
        this.#turns.splice(this.#turns.indexOf(turn), 1);
        reject(signal!.reason);
      };
      const turn = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#turns.push(turn);
    });
  }

  /**
   * A transaction's pendingDisposition: `end` is called with operationInProgress set, before
   * any other operation, once the one in progress has ended.
   *
   * @param ordinal of the connection; the one made first goes first
   */
  endLater(ordinal: number, end: () => void): void {
    this.#pendingEnds.push({ ordinal, end });
    this.#pendingEnds.sort((a, b) => a.ordinal - b.ordinal);
  }

  /** *Clear operationInProgress*: a transaction that only waited for this is ended first. */
  clear(): void {
    const next = this.#pendingEnds.shift()?.end ?? this.#turns.shift();
    // If there is one it stays set: nobody gets in between.
    this.operationInProgress = next !== undefined;
    next?.();
  }

  /** Ends the context; never fails. */
  async release(): Promise<void> {
    await this.engine.release();
  }
}
