/**
 * One application's connection to the resource manager (SCARDCONTEXT).
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { withSignals } from "./abort.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { disconnect } from "./connection_end.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { Listeners } from "./listeners.ts";
import type { ResourceManager } from "./manager.ts";
import type { AbandonedDispositions } from "./profiles.ts";
import {
  type ReaderStateAnswer,
  type ReaderStateRequest,
  StatusWatch,
} from "./status_change.ts";
import { atMost } from "./timers.ts";

/** Options of {@linkcode ResourceContext.getStatusChange}. */
export interface StatusChangeOptions {
  /** Milliseconds; 0 does not wait; left out: no limit. */
  timeoutMs?: number;
  /** Ends the wait with its reason. */
  signal?: AbortSignal;
}

/** Made by `ResourceManager.establishContext`. */
export class ResourceContext {
  /** Unique within the manager. */
  readonly id: number;
  /** Where the context comes from. */
  readonly manager: ResourceManager;
  /** Connections that are open. */
  readonly connections: Set<Handle> = new Set();
  #waits = new Set<AbortController>();
  #ends = new Listeners<void>();
  #released = false;
  #ending: Promise<void> | null = null;

  /** Made by `ResourceManager.establishContext`. */
  constructor(id: number, manager: ResourceManager) {
    this.id = id;
    this.manager = manager;
  }

  /** Whether the context has been released. */
  get released(): boolean {
    return this.#released;
  }

  /**
   * The context is open.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE, or SCARD_E_SERVICE_STOPPED after the manager was closed.
   */
  assertOpen(attempt: string): void {
    if (!this.released) return;
    const stopped = this.manager.closed;
    throw new ResourceManagerError(
      stopped ? "SCARD_E_SERVICE_STOPPED" : "SCARD_E_INVALID_HANDLE",
      `Cannot ${attempt}: ${
        stopped ? "the resource manager was closed" : "the context was released"
      }, expected an open one`,
    );
  }

  /** Names of the readers that are there; an empty list when there are none. */
  listReaders(): string[] {
    this.assertOpen("list readers");
    return this.manager.readers.map((reader) => reader.name);
  }

  /**
   * Connects to a reader.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER, SCARD_E_SHARING_VIOLATION,
   * SCARD_E_NO_SMARTCARD, SCARD_E_PROTO_MISMATCH, SCARD_W_UNRESPONSIVE_CARD, ...
   */
  async connect(
    readerName: string,
    options: ConnectOptions = {},
  ): Promise<Connection> {
    const attempt = `connect to ${JSON.stringify(readerName)}`;
    this.assertOpen(attempt);
    const reader = this.manager.findReader(readerName);
    if (reader === undefined) {
      throw new ResourceManagerError(
        "SCARD_E_UNKNOWN_READER",
        `Cannot ${attempt}: no reader has this name, expected one of ${
          JSON.stringify(this.listReaders())
        }`,
      );
    }
    return await openConnection(
      this,
      reader,
      options,
      () => this.manager.nextId(),
    );
  }

  /**
   * Waits until a reader differs from what the caller believes.
   *
   * @param requests copied before this returns
   * @throws {ResourceManagerError} SCARD_E_TIMEOUT, SCARD_E_CANCELLED, SCARD_E_UNKNOWN_READER
   */
  async getStatusChange(
    requests: readonly ReaderStateRequest[],
    options: StatusChangeOptions = {},
  ): Promise<ReaderStateAnswer[]> {
    this.assertOpen("wait for a change of readers");
    options.signal?.throwIfAborted();
    const copies = requests.map((request) => ({ ...request }));
    this.manager.assertKnown(copies);
    const watch = new StatusWatch(this.manager, copies);
    const cancel = new AbortController();
    this.#waits.add(cancel);
    try {
      return await withSignals(
        [cancel.signal, options.signal],
        (signal) => watch.wait(options.timeoutMs, signal),
      );
    } finally {
      this.#waits.delete(cancel);
    }
  }

  /** What {@linkcode getStatusChange} would tell now, changed or not. */
  readerStates(requests: readonly ReaderStateRequest[]): ReaderStateAnswer[] {
    this.assertOpen("read reader states");
    return new StatusWatch(this.manager, requests).look();
  }

  /** Ends every {@linkcode getStatusChange} of this context with SCARD_E_CANCELLED. */
  cancel(): void {
    const reason = new ResourceManagerError(
      "SCARD_E_CANCELLED",
      "Cannot wait longer: the wait was cancelled, expected a result",
    );
    for (const wait of [...this.#waits]) wait.abort(reason);
  }

  /**
   * Calls `listener` in the step in which the context ends, by {@linkcode release},
   * {@linkcode abandon} or the manager's close, unless the returned function was called before.
   */
  onReleased(listener: () => void): () => void {
    return this.#ends.add(listener);
  }

  /**
   * Ends the context: waits are cancelled, transactions end with a reset, connections
   * are given back. Never fails, and takes the manager's `graceMs` at most: a reset
   * that a busy reader has not answered by then still comes before anybody else's use
   * of the card.
   */
  release(): Promise<void> {
    return this.#end(this.manager.profile.onRelease);
  }

  /** The client has died: as {@linkcode release}, with what the profile does to the cards of the dead. */
  abandon(): Promise<void> {
    return this.#end(this.manager.profile.onClientDeath);
  }

  /** Same as {@linkcode release}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #end(dispositions: AbandonedDispositions): Promise<void> {
    this.#released = true;
    this.#ending ??= this.#giveBack(dispositions);
    return this.#ending;
  }

  async #giveBack(dispositions: AbandonedDispositions): Promise<void> {
    this.manager.forgetContext(this);
    this.#ends.tell();
    this.#ends.clear();
    this.cancel();
    const reason = new ResourceManagerError(
      "SCARD_E_CANCELLED",
      "Cannot connect: the context was released while waiting, expected an open one",
    );
    for (const { lock } of this.manager.readers) lock.cancel(this, reason);
    const busy = new Map<Handle, Promise<void>>();
    for (const connection of [...this.connections]) {
      const ending = giveBack(connection, dispositions);
      if (ending instanceof Promise) busy.set(connection, ending);
    }
    if (busy.size === 0) return;
    const { timers, graceMs } = this.manager;
    try {
      await atMost(Promise.all(busy.values()), timers, graceMs);
    } finally {
      for (const connection of busy.keys()) connection.close();
    }
  }
}

/** Disposes of the card of a connection, and closes it. */
function giveBack(
  connection: Handle,
  dispositions: AbandonedDispositions,
): MaybePromise<void> {
  // A disconnect under way goes on by itself, with the disposition it was given.
  if (connection.closing || connection.closed) return;
  const owner = connection.reader.lock.owner === connection;
  const kind = owner ? "transaction" : connection.shareMode;
  // What the connection itself still waits for ends before the card is disposed of.
  connection.cancelWaits();
  return disconnect(connection, dispositions[kind]);
}
