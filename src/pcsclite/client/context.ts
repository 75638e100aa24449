/**
 * A context of the service (SCARDCONTEXT), with a socket of its own.
 *
 * @module
 */

import type {
  ConnectOptions,
  ContextBackend,
  ReaderStateAnswer,
  ReaderStateRequest,
  ResourceManagerError,
  StatusChangeOptions,
} from "../../resource_manager/mod.ts";
import { COMMANDS, encodeRequest, RELEASE } from "../wire/mod.ts";
import type { PcscLiteClient } from "./client.ts";
import { connectCard } from "./connect.ts";
import { PcscLiteConnection } from "./connection.ts";
import { failure } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import type { ServiceContext } from "./open_service.ts";
import type { ServiceAccess } from "./options.ts";
import { PcscLiteReader } from "./reader_mirror.ts";
import { RequestLine } from "./request_line.ts";
import { StatusComparison } from "./status_change.ts";
import { waitForChange } from "./wait_for_change.ts";
import type { StatesSource } from "./watch_round.ts";

/** What a context begins with. */
export interface ContextParts {
  /** Unique within the client. */
  readonly id: number;
  /** Where it comes from. */
  readonly manager: PcscLiteClient;
  /** Who it is for; empty when nobody said. */
  readonly name: string;
  /** Socket, version and number. */
  readonly service: ServiceContext;
  /** Times and clock. */
  readonly access: ServiceAccess;
  /** Asked where WAIT brings no states. */
  readonly states: StatesSource;
}

/**
 * Made by `PcscLiteClient.establishContext`. Requests go one at a time, in order. When the
 * service goes, all that follows fails with SCARD_E_NO_SERVICE.
 */
export class PcscLiteContext implements ContextBackend {
  /** Unique within the client. */
  readonly id: number;
  /** Where the context comes from. */
  readonly manager: PcscLiteClient;
  /** Who it is for; empty when nobody said. */
  readonly name: string;
  /** The service's number of the context, which others need to cancel its waits. */
  readonly hContext: number;
  /** Connections that are open. */
  readonly connections: Set<PcscLiteConnection> = new Set();
  readonly #service: ServiceContext;
  readonly #access: ServiceAccess;
  readonly #line: RequestLine;
  readonly #ends = new Listeners<void>();
  #waits = new AbortController();
  #released = false;
  #lost: unknown = null;
  #ending: Promise<void> | null = null;

  /** Made by `PcscLiteClient.establishContext`. */
  constructor(parts: ContextParts) {
    const { service, access, states } = parts;
    this.id = parts.id;
    this.manager = parts.manager;
    this.name = parts.name;
    this.hContext = service.hContext;
    this.#service = service;
    this.#access = access;
    this.#line = new RequestLine(service, access.answerTimeoutMs, states);
    service.socket.ended.then((reason) => this.#lose(reason));
  }

  /** Minor version of the protocol that the context speaks. */
  get minor(): number {
    return this.#service.dialect.minor;
  }

  /** Whether the context has been released. */
  get released(): boolean {
    return this.#released;
  }

  /**
   * The context is open.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE when it was released, SCARD_E_SERVICE_STOPPED
   * after the client was closed, or why the service was lost
   */
  assertOpen(attempt: string): void {
    if (this.#released) {
      const isClosed = this.manager.closed;
      throw failure(
        isClosed ? "SCARD_E_SERVICE_STOPPED" : "SCARD_E_INVALID_HANDLE",
        attempt,
        isClosed ? "the client was closed" : "the context was released",
        "an open one",
      );
    }
    if (this.#lost !== null) throw this.#lost;
  }

  /** Names of the readers that are there; an empty list when there are none. */
  async listReaders(): Promise<string[]> {
    this.assertOpen("list readers");
    const entries = await this.#line.readers();
    return entries.map(({ readerName }) => readerName);
  }

  /**
   * Connects to a reader; the service waits for others' transactions. The signal ends the
   * wait here: a connection that comes later is given back.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER, SCARD_E_SHARING_VIOLATION,
   * SCARD_E_NO_SMARTCARD, SCARD_E_PROTO_MISMATCH, SCARD_W_UNPOWERED_CARD, ...
   */
  async connect(
    readerName: string,
    options: ConnectOptions = {},
  ): Promise<PcscLiteConnection> {
    this.assertOpen("connect");
    const connected = await connectCard(
      this.#line,
      this.#access,
      this.hContext,
      readerName,
      options,
    );
    const unknown = new PcscLiteReader(readerName);
    const connection = new PcscLiteConnection({
      ...connected,
      id: this.manager.nextId(),
      readerName,
      reader: () => this.manager.findReader(readerName) ?? unknown,
      onClosed: (closed) => this.connections.delete(closed),
    });
    this.connections.add(connection);
    return connection;
  }

  /**
   * Waits until a reader differs from what the caller believes, by the rules of libpcsclite.
   * Other requests of the context go on meanwhile.
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
    const comparison = comparisonOf(requests);
    if (comparison.isIdle) return comparison.look(NO_READERS).answers;
    return await waitForChange(
      this.#line,
      comparison,
      this.#access.timers,
      options,
      this.#waits.signal,
    );
  }

  /** What {@linkcode getStatusChange} would tell now, changed or not. */
  async readerStates(
    requests: readonly ReaderStateRequest[],
  ): Promise<ReaderStateAnswer[]> {
    this.assertOpen("read reader states");
    const comparison = comparisonOf(requests);
    const view = await this.#line.view(comparison.wantsEvents);
    return comparison.look(view).answers;
  }

  /** Ends every {@linkcode getStatusChange} of this context with SCARD_E_CANCELLED. */
  cancel(): void {
    const waits = this.#waits;
    this.#waits = new AbortController();
    waits.abort(cancelled("wait longer", "the wait was cancelled"));
  }

  /** Calls `listener` when the context is released or its service goes, unless the returned function was called before. */
  onReleased(listener: () => void): () => void {
    return this.#ends.add(listener);
  }

  /**
   * Ends the context: waits and requests are cancelled, the service gives back what it held.
   * Never fails, and takes the client's `graceMs` at most.
   */
  release(): Promise<void> {
    this.#released = true;
    this.#ending ??= this.#release();
    return this.#ending;
  }

  /** Same as {@linkcode release}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #release(): Promise<void> {
    for (const connection of [...this.connections]) connection.end();
    this.#tellEnd();
    this.cancel();
    const reason = cancelled("go on", "the context was released meanwhile");
    const body = RELEASE.encode({ hContext: this.hContext });
    const request = encodeRequest(COMMANDS.RELEASE_CONTEXT, body);
    const { graceMs } = this.#access;
    await this.#line.end(
      reason,
      (socket) => socket.exchange(request, RELEASE, graceMs),
      graceMs,
    );
  }

  #lose(reason: unknown): void {
    if (this.#released) return;
    this.#lost = reason;
    this.#tellEnd();
  }

  #tellEnd(): void {
    this.manager.forgetContext(this);
    this.#ends.tell();
    this.#ends.clear();
  }
}

const NO_READERS = { entries: [], events: 0 };

function comparisonOf(
  requests: readonly ReaderStateRequest[],
): StatusComparison {
  return new StatusComparison(requests.map((request) => ({ ...request })));
}

function cancelled(attempt: string, found: string): ResourceManagerError {
  return failure("SCARD_E_CANCELLED", attempt, found, "an end");
}
