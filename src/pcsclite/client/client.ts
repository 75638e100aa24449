/**
 * The resource manager of another process, by pcsc-lite's socket.
 *
 * @module
 */

import type {
  ReaderChangeBackend,
  ResourceManagerBackend,
  Timers,
} from "../../resource_manager/mod.ts";
import { abortable } from "./abort.ts";
import { cancelContext } from "./cancel_context.ts";
import { PcscLiteContext } from "./context.ts";
import { failure } from "./errors.ts";
import { openContext, type ServiceContext } from "./open_service.ts";
import {
  type PcscLiteClientOptions,
  type ServiceAccess,
  serviceAccess,
} from "./options.ts";
import { type PcscLiteReader, ReaderMirror } from "./reader_mirror.ts";
import { RequestLine } from "./request_line.ts";

/**
 * A running pcscd, or another service that speaks its protocol, as a resource manager.
 *
 * The client has a socket of its own by which it knows the readers, and one for each
 * context, as libpcsclite has. When the service goes, readers are told to have left and
 * contexts fail; the next {@linkcode PcscLiteClient.establishContext} looks for it again.
 * Needs permission to read and write the socket's path, and keeps the program running
 * until it is closed.
 */
export class PcscLiteClient implements ResourceManagerBackend {
  readonly #access: ServiceAccess;
  readonly #mirror = new ReaderMirror();
  readonly #contexts = new Set<PcscLiteContext>();
  readonly #closing = new AbortController();
  #minor: number;
  #lastId = 0;
  #watching: Promise<RequestLine> | null = null;
  #asking: Promise<RequestLine> | null = null;
  #ending: Promise<void> | null = null;

  private constructor(access: ServiceAccess) {
    this.#access = access;
    this.#minor = access.minor;
  }

  /**
   * Reaches the service; its readers are known when the promise resolves.
   *
   * @throws {ResourceManagerError} SCARD_E_NO_SERVICE when nobody listens, SCARD_E_SERVICE_STOPPED when the
   * service speaks no version from 4:3 to 4:6, SCARD_F_COMM_ERROR when it speaks something else
   */
  static async connect(
    options: PcscLiteClientOptions = {},
  ): Promise<PcscLiteClient> {
    const client = new PcscLiteClient(serviceAccess(options));
    try {
      await abortable(client.#watch(), options.signal);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Path of the socket. */
  get socketPath(): string {
    return this.#access.socketPath;
  }

  /** Minor version of the protocol that the service was found to speak. */
  get minor(): number {
    return this.#minor;
  }

  /** Clock. */
  get timers(): Timers {
    return this.#access.timers;
  }

  /** Whether {@linkcode close} was called. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** The readers that are known to be there, in order of arrival. */
  get readers(): readonly PcscLiteReader[] {
    return this.#mirror.readers;
  }

  /** The contexts that are open. */
  get contexts(): readonly PcscLiteContext[] {
    return [...this.#contexts];
  }

  /** The reader of that name. */
  findReader(name: string): PcscLiteReader | undefined {
    return this.#mirror.find(name);
  }

  /** Tells `listener` about every change of readers, until the returned function is called. */
  subscribe(listener: (change: ReaderChangeBackend) => void): () => void {
    return this.#mirror.subscribe(listener);
  }

  /**
   * A new context.
   *
   * @param options `name`: who it is for, kept here
   * @throws {ResourceManagerError} as {@linkcode connect}; SCARD_E_NO_SERVICE after {@linkcode close}
   */
  async establishContext(
    options: { name?: string; signal?: AbortSignal } = {},
  ): Promise<PcscLiteContext> {
    const { name = "", signal } = options;
    await abortable(this.#watch(), signal);
    const context = new PcscLiteContext({
      id: this.nextId(),
      manager: this,
      name,
      service: await this.#open(signal),
      access: this.#access,
      states: async () => await (await this.#ask()).readers(),
    });
    this.#contexts.add(context);
    return context;
  }

  /**
   * Ends the waits of any context of the service, of this process or another, as SCardCancel
   * does: on a socket of its own.
   *
   * @param hContext the service's number of the context
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE when there is no such context, or when it does not
   * wait (pcscd before 2.0.1)
   */
  async cancelContext(
    hContext: number,
    options: { signal?: AbortSignal } = {},
  ): Promise<void> {
    await cancelContext(this.#access, hContext, options.signal);
  }

  /** A number that no context or connection of this client had before. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** A released context; called by itself. */
  forgetContext(context: PcscLiteContext): void {
    this.#contexts.delete(context);
  }

  /** Releases all contexts and closes all sockets; never fails. */
  close(): Promise<void> {
    this.#ending ??= this.#close();
    return this.#ending;
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const reason = closedError("go on");
    this.#closing.abort(reason);
    const lines = [this.#watching, this.#asking];
    await Promise.all([
      ...this.contexts.map((context) => context.release()),
      ...lines.map(async (opening) => {
        try {
          const line = await opening;
          await line?.end(reason, () => Promise.resolve(), 0);
        } catch {
          // It was not opened: there is nothing to close.
        }
      }),
    ]);
    this.#mirror.fail(reason);
    this.#mirror.clear();
  }

  async #open(signal?: AbortSignal): Promise<ServiceContext> {
    if (this.closed) throw closedError("establish a context");
    const either = new AbortController();
    const { signal: closing } = this.#closing;
    const onAbort = (event: Event) =>
      either.abort((event.target as AbortSignal).reason);
    closing.addEventListener("abort", onAbort, { once: true });
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) either.abort(signal.reason);
    try {
      const service = await openContext(
        this.#access,
        this.#minor,
        either.signal,
      );
      this.#minor = service.dialect.minor;
      return service;
    } finally {
      closing.removeEventListener("abort", onAbort);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #openLine(): Promise<RequestLine> {
    const service = await this.#open();
    const { answerTimeoutMs } = this.#access;
    const states = async () => await (await this.#ask()).readers();
    return new RequestLine(service, answerTimeoutMs, states);
  }

  /** The mirror follows the service from now on, if it does not already. */
  async #watch(): Promise<void> {
    const forget = () => this.#watching = null;
    this.#watching ??= this.#openLine().then((line) => {
      line.ended.then(forget);
      line.watch(this.#mirror);
      return line;
    }, (error) => {
      forget();
      throw error;
    });
    const { known } = this.#mirror;
    await this.#watching;
    await known;
  }

  /** The line for states where WAIT brings none: nobody waits on it. */
  #ask(): Promise<RequestLine> {
    const forget = () => this.#asking = null;
    this.#asking ??= this.#openLine().then((line) => {
      line.ended.then(forget);
      return line;
    }, (error) => {
      forget();
      throw error;
    });
    return this.#asking;
  }
}

function closedError(attempt: string): Error {
  const found = "the client was closed";
  return failure("SCARD_E_NO_SERVICE", attempt, found, "an open one");
}
