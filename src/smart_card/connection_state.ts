/**
 * Internal slots of a connection, and its transaction.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ConnectionBackend } from "../resource_manager/mod.ts";
import { type CallLimits, NO_LIMITS } from "./call_limits.ts";
import type { ContextState } from "./context_state.ts";
import { dispositionNumber } from "./convert.ts";
import { invalidState, toWebError } from "./errors.ts";
import type { SmartCardTransactionCallback } from "./types.ts";

/** A running transaction. */
interface TransactionState {
  /** What the promise of startTransaction rejects with. */
  pendingException: { readonly reason: unknown } | null;
  /** The promise of startTransaction. */
  readonly outcome: PromiseWithResolvers<undefined>;
}

const DEFAULT_DISPOSITION = "reset";

/** Shared by a connection and its context. */
export class ConnectionState {
  /** The context it belongs to. */
  readonly context: ContextState;
  /** Where to. */
  readonly readerName: string;
  /** Connections are counted in the order in which they were made. */
  readonly ordinal: number;
  #comm: ConnectionBackend | null;
  /** Operations under way or waiting for their turn; counted where they may wait. */
  #operations = 0;
  #drained: (() => void) | null = null;

  /** Made by `SmartCardContext.connect`. */
  constructor(context: ContextState, comm: ConnectionBackend) {
    this.context = context;
    this.#comm = comm;
    this.readerName = comm.reader.name;
    this.ordinal = comm.id;
  }

  /**
   * Guard steps after operationInProgress.
   *
   * @returns the engine's connection
   * @throws {DOMException} InvalidStateError
   */
  guard(attempt: string): ConnectionBackend {
    const active = this.context.transactions.get(this.readerName);
    if (active !== undefined && active !== this) {
      throw invalidState(
        attempt,
        "another connection of this context runs a transaction",
        "none",
      );
    }
    return this.open(attempt);
  }

  /** The engine's connection; null once disconnected, and when the context was released. */
  get comm(): ConnectionBackend | null {
    return this.context.engine.released ? null : this.#comm;
  }

  /**
   * The engine's connection.
   *
   * @throws {DOMException} InvalidStateError when disconnected
   */
  open(attempt: string): ConnectionBackend {
    const { comm } = this;
    if (comm !== null) return comm;
    throw invalidState(attempt, "the connection was closed", "an open one");
  }

  /** The engine's connection was closed. */
  disconnected(): void {
    this.#comm = null;
  }

  /**
   * Runs one operation of this connection after the connection guard; see `ContextState.run`.
   *
   * @param operation is given the engine's connection
   * @param guard guard steps after those of the connection
   */
  run<T>(
    attempt: string,
    operation: (
      comm: ConnectionBackend,
      signal?: AbortSignal,
    ) => MaybePromise<T>,
    limits: CallLimits = NO_LIMITS,
    guard?: (comm: ConnectionBackend) => void,
  ): Promise<T> {
    const { context } = this;
    const result = context.run(
      attempt,
      () => {
        const comm = this.guard(attempt);
        guard?.(comm);
      },
      (signal) => operation(this.open(attempt), signal),
      limits,
    );
    if (!context.queued) return result;
    this.#operations++;
    return result.finally(() => {
      if (--this.#operations === 0) this.#drained?.();
    });
  }

  /** Settles when no operation of this connection is under way or waits for its turn. */
  #drain(): Promise<void> | undefined {
    if (this.#operations === 0) return undefined;
    return new Promise((resolve) => this.#drained = resolve);
  }

  /**
   * Begins a transaction, runs `callback` in it, and ends it; see the draft's startTransaction.
   */
  async startTransaction(
    callback: SmartCardTransactionCallback,
    limits: CallLimits = NO_LIMITS,
  ): Promise<undefined> {
    const attempt = "start a transaction";
    const { outcome } = await this.context.limit(
      attempt,
      limits,
      (signal) => this.#begin(attempt, callback, signal),
    );
    return await outcome.promise;
  }

  async #begin(
    attempt: string,
    callback: SmartCardTransactionCallback,
    signal?: AbortSignal,
  ): Promise<TransactionState> {
    const { context } = this;
    const waited = context.enter(attempt, signal);
    if (waited !== undefined) await waited;
    try {
      if (context.transactions.has(this.readerName)) {
        const found = "this context runs one on the reader";
        throw invalidState(attempt, found, "none");
      }
      const comm = this.open(attempt);
      // The draft's fourth guard, transactionState, is set only while the map has the reader.
      signal?.throwIfAborted();
      await comm.beginTransaction({ signal });
    } catch (error) {
      throw toWebError(error, signal);
    } finally {
      context.clear();
    }
    // In the same step: nobody sees a context that is idle and without transaction.
    const transaction: TransactionState = {
      pendingException: null,
      outcome: Promise.withResolvers<undefined>(),
    };
    context.transactions.set(this.readerName, this);
    this.#runCallback(callback, transaction);
    return transaction;
  }

  async #runCallback(
    callback: SmartCardTransactionCallback,
    transaction: TransactionState,
  ): Promise<void> {
    const { context } = this;
    let disposition = dispositionNumber(DEFAULT_DISPOSITION);
    try {
      const result = await callback();
      disposition = dispositionNumber(result ?? DEFAULT_DISPOSITION);
    } catch (reason) {
      transaction.pendingException = { reason };
    }
    const end = (own: boolean) => this.#end(transaction, disposition, own);
    // What the callback has queued without waiting for it belongs to the transaction.
    if (context.queued) {
      const draining = this.#drain();
      if (draining !== undefined) await draining;
    }
    if (!context.operationInProgress) {
      context.operationInProgress = true;
      return await end(true);
    }
    // What is in progress may wait for ever: with a queue the end waits for nothing but the reader.
    if (context.queued) return await end(false);
    transaction.pendingException ??= {
      reason: invalidState(
        "end the transaction",
        "an operation is in progress",
        "its end to be awaited",
      ),
    };
    context.endLater(this.ordinal, () => void end(true));
  }

  /**
   * *End the transaction*.
   *
   * @param own whether operationInProgress is set for this
   */
  async #end(
    transaction: TransactionState,
    disposition: number,
    own: boolean,
  ): Promise<void> {
    const { context, comm } = this;
    let failure = transaction.pendingException;
    if (comm === null) {
      const found = "the connection was closed";
      const reason = invalidState("end the transaction", found, "an open one");
      failure = { reason };
    } else {
      try {
        await comm.endTransaction(disposition);
      } catch (error) {
        failure ??= { reason: toWebError(error) };
      }
    }
    this.#leaveTransaction();
    if (own) context.clear();
    if (failure === null) transaction.outcome.resolve(undefined);
    else transaction.outcome.reject(failure.reason);
  }

  /** Gives the reader back, whatever has become of it; never fails. */
  dispose(): void {
    this.#comm?.close();
    this.disconnected();
    this.#leaveTransaction();
  }

  #leaveTransaction(): void {
    const { context, readerName } = this;
    if (context.transactions.get(readerName) !== this) return;
    context.transactions.delete(readerName);
  }
}
