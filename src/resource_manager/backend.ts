/**
 * What the faces need of a resource manager, whether it runs in this process or behind a
 * socket. Where the engine answers at once and a service of another process cannot, the
 * answer is one or a promise of one; readers are those known at the moment.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ConnectOptions } from "./connect.ts";
import type {
  ReconnectOptions,
  TransmitOptions,
  WaitOptions,
} from "./connection.ts";
import type { StatusChangeOptions } from "./context.ts";
import type { ContextOptions } from "./manager_options.ts";
import type { ConnectionStatus } from "./reader_controls.ts";
import type { ReaderState } from "./reader_view.ts";
import type { ShareMode } from "./sharing.ts";
import type { ReaderStateAnswer, ReaderStateRequest } from "./status_change.ts";
import type { Timers } from "./timers.ts";

/** A reader as applications see it. */
export interface ReaderBackend {
  /** The name that applications use. */
  readonly name: string;
  /** The name of the device. */
  readonly systemName: string;
  /** Whether the reader works. */
  readonly available: boolean;
  /** What is known of reader and card. */
  readonly state: ReaderState;
}

/** What {@linkcode ResourceManagerBackend.subscribe} tells. */
export interface ReaderChangeBackend {
  /** What happened to the reader. */
  readonly kind: "added" | "removed" | "changed";
  /** Which one. */
  readonly reader: ReaderBackend;
}

/** A resource manager: readers, and contexts of those who use them. */
export interface ResourceManagerBackend {
  /** Clock. */
  readonly timers: Timers;
  /** Whether it was closed; then no context can be established. */
  readonly closed: boolean;
  /** The readers that are known to be there, in order of arrival. */
  readonly readers: readonly ReaderBackend[];
  /** The reader of that name. */
  findReader(name: string): ReaderBackend | undefined;
  /** Tells `listener` about every change, until the returned function is called. */
  subscribe(listener: (change: ReaderChangeBackend) => void): () => void;
  /**
   * A new context.
   *
   * @throws {ResourceManagerError} SCARD_E_NO_SERVICE when there is no service, or no longer
   */
  establishContext(
    options?: Pick<ContextOptions, "name">,
  ): MaybePromise<ContextBackend>;
  /** Releases all contexts and ends; never fails. */
  close(): Promise<void>;
}

/** A context (SCARDCONTEXT). Failures are of the class `ResourceManagerError`. */
export interface ContextBackend {
  /** Unique within its manager. */
  readonly id: number;
  /** Where it comes from. */
  readonly manager: ResourceManagerBackend;
  /** Whether it has ended. */
  readonly released: boolean;
  /**
   * The context is open.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE when it was released, another code when its service ended
   */
  assertOpen(attempt: string): void;
  /** Whether the context may know of the reader of that name; absent: of all. */
  sees?(readerName: string): boolean;
  /** Names of the readers that are there. */
  listReaders(): MaybePromise<string[]>;
  /** Connects to a reader. */
  connect(
    readerName: string,
    options?: ConnectOptions,
  ): Promise<ConnectionBackend>;
  /** Waits until a reader differs from what the caller believes. */
  getStatusChange(
    requests: readonly ReaderStateRequest[],
    options?: StatusChangeOptions,
  ): Promise<ReaderStateAnswer[]>;
  /** What {@linkcode getStatusChange} would tell now, changed or not. */
  readerStates(
    requests: readonly ReaderStateRequest[],
  ): MaybePromise<ReaderStateAnswer[]>;
  /** Ends every {@linkcode getStatusChange} of this context with SCARD_E_CANCELLED. */
  cancel(): void;
  /** Calls `listener` when the context ends, unless the returned function was called before. */
  onReleased(listener: () => void): () => void;
  /** Ends the context; never fails. */
  release(): Promise<void>;
}

/** A connection (SCARDHANDLE). Failures are of the class `ResourceManagerError`. */
export interface ConnectionBackend {
  /** Unique within its manager; grows in the order in which connections are made. */
  readonly id: number;
  /** Where to. */
  readonly reader: ReaderBackend;
  /** SCARD_PROTOCOL_* bit, 0 when none was negotiated. */
  readonly activeProtocol: number;
  /** How the reader is shared. */
  readonly shareMode: ShareMode;
  /** Whether the connection has ended. */
  readonly closed: boolean;
  /** Sends one APDU; the bytes are copied before this returns. */
  transmit(
    apdu: Uint8Array,
    options?: TransmitOptions,
  ): MaybePromise<Uint8Array<ArrayBuffer>>;
  /** Begins a transaction, or one more; waits its turn. */
  beginTransaction(options?: WaitOptions): MaybePromise<void>;
  /** Ends the transaction begun last. */
  endTransaction(disposition?: number): MaybePromise<void>;
  /** State of the card, as the reader sees it now. */
  status(options?: WaitOptions): MaybePromise<ConnectionStatus>;
  /** Sends a control request to the reader; the input is copied before this returns. */
  control(
    code: number,
    input: Uint8Array,
    options?: WaitOptions & { outputLength?: number },
  ): MaybePromise<Uint8Array<ArrayBuffer>>;
  /** Reads an attribute of reader or card. */
  getAttribute(
    tag: number,
    options?: WaitOptions,
  ): MaybePromise<Uint8Array<ArrayBuffer>>;
  /** Sets an attribute of reader or card; the value is copied before this returns. */
  setAttribute(
    tag: number,
    value: Uint8Array,
    options?: WaitOptions,
  ): MaybePromise<void>;
  /** Binds the connection to the card as it is now; tells the protocol in force, 0 for none. */
  reconnect(options: ReconnectOptions): Promise<number>;
  /** Ends the connection. */
  disconnect(disposition?: number, options?: WaitOptions): MaybePromise<void>;
  /** Gives the reader back and leaves the card as it is; never fails. */
  close(): void;
}
