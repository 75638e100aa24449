/**
 * One application's connection to the resource manager (SCARDCONTEXT).
 *
 * @module
 */

import { withSignals } from "./abort.ts";
import type { ContextBackend } from "./backend.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { type EndCause, giveBackAll } from "./context_end.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { Listeners } from "./listeners.ts";
import type { ResourceManager } from "./manager.ts";
import type { Policy } from "./policy.ts";
import { PolicyGate } from "./policy_gate.ts";
import { VisibleReaders } from "./policy_readers.ts";
import {
  assertKnown,
  type ReaderStateAnswer,
  type ReaderStateRequest,
  StatusWatch,
} from "./status_change.ts";

const MAX_NAMES_SHOWN = 8;

/** Options of {@linkcode ResourceContext.getStatusChange}. */
export interface StatusChangeOptions {
  /** Milliseconds; 0 does not wait; left out: no limit. */
  timeoutMs?: number;
  /** Ends the wait with its reason. */
  signal?: AbortSignal;
}

/** Made by `ResourceManager.establishContext`. */
export class ResourceContext implements ContextBackend {
  /** Unique within the manager. */
  readonly id: number;
  /** Where the context comes from. */
  readonly manager: ResourceManager;
  /** Who it is for, as `establishContext` was told; empty when it was not. */
  readonly name: string;
  /** Asked before the context does something; null when it may do everything. */
  readonly gate: PolicyGate | null;
  /** Connections that are open. */
  readonly connections: Set<Handle> = new Set();
  #waits = new Set<AbortController>();
  #ends = new Listeners<void>();
  #released = false;
  #ending: Promise<void> | null = null;
  #seen: VisibleReaders | null = null;

  /** Made by `ResourceManager.establishContext`. */
  constructor(
    id: number,
    manager: ResourceManager,
    name = "",
    policy: Policy | null = null,
  ) {
    this.id = id;
    this.manager = manager;
    this.name = name;
    this.gate = policy === null ? null : new PolicyGate(policy, this);
    if (this.gate?.hidesReaders) {
      this.#seen = new VisibleReaders(manager, this.gate);
      this.onReleased(this.#seen.stop);
    }
  }

  /** The context in messages: `context 7 ("opensc")`. */
  get label(): string {
    const { id, name } = this;
    return `context ${id}${name === "" ? "" : ` (${JSON.stringify(name)})`}`;
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

  /**
   * The connection is one of this context's: nobody uses those of others. Whoever turns
   * numbers of a client into connections asks this.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE
   */
  assertOwns(connection: Handle, attempt: string): void {
    if (connection.context === this && !connection.closed) return;
    throw new ResourceManagerError(
      "SCARD_E_INVALID_HANDLE",
      `Cannot ${attempt}: the connection is not one of ${this.label}, expected one that it opened`,
    );
  }

  /** Whether the policy lets the context know of the reader of that name. */
  sees(readerName: string): boolean {
    return this.gate?.sees(readerName) ?? true;
  }

  /** Names of the readers that are there for this context; an empty list when there are none. */
  listReaders(): string[] {
    this.assertOpen("list readers");
    return this.#seen?.names ??
      this.manager.readers.map((reader) => reader.name);
  }

  /**
   * Connects to a reader.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER, SCARD_E_SHARING_VIOLATION,
   * SCARD_E_NO_SMARTCARD, SCARD_E_PROTO_MISMATCH, SCARD_W_UNRESPONSIVE_CARD, ...;
   * SCARD_W_SECURITY_VIOLATION when the policy refuses
   */
  async connect(
    readerName: string,
    options: ConnectOptions = {},
  ): Promise<Connection> {
    return await this.manager.counters.watch(() =>
      this.#connect(readerName, options)
    );
  }

  async #connect(
    readerName: string,
    options: ConnectOptions,
  ): Promise<Connection> {
    const attempt = `connect to ${JSON.stringify(readerName)}`;
    this.assertOpen(attempt);
    const reader = this.manager.findReader(readerName);
    if (reader === undefined || this.gate?.sees(readerName) === false) {
      throw new ResourceManagerError(
        "SCARD_E_UNKNOWN_READER",
        `Cannot ${attempt}: no reader has this name, expected ${
          oneOf(this.listReaders())
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
    return await this.manager.counters.watch(() =>
      this.#statusChange(requests, options)
    );
  }

  async #statusChange(
    requests: readonly ReaderStateRequest[],
    options: StatusChangeOptions,
  ): Promise<ReaderStateAnswer[]> {
    this.assertOpen("wait for a change of readers");
    options.signal?.throwIfAborted();
    const copies = requests.map((request) => ({ ...request }));
    const directory = this.#seen ?? this.manager;
    assertKnown(directory, copies);
    const watch = new StatusWatch(directory, copies);
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
    const directory = this.#seen ?? this.manager;
    return new StatusWatch(directory, requests).look();
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
    return this.#end("release");
  }

  /** The client has died: as {@linkcode release}, with what the profile does to the cards of the dead. */
  abandon(): Promise<void> {
    return this.#end("client-death");
  }

  /** Same as {@linkcode release}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #end(cause: EndCause): Promise<void> {
    this.#released = true;
    this.#ending ??= this.#giveBack(cause);
    return this.#ending;
  }

  async #giveBack(cause: EndCause): Promise<void> {
    this.manager.forgetContext(this);
    this.#ends.tell();
    this.#ends.clear();
    this.cancel();
    await giveBackAll(this, cause);
  }
}

/** Names for a message that does not grow with the number of readers. */
function oneOf(names: readonly string[]): string {
  const shown = JSON.stringify(names.slice(0, MAX_NAMES_SHOWN));
  const others = names.length - MAX_NAMES_SHOWN;
  return `one of ${shown}${others > 0 ? ` or ${others} others` : ""}`;
}
