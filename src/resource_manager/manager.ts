/**
 * The resource manager: readers, contexts, and who is told what.
 *
 * @module
 */

import type { ReaderDevice } from "../smclib/mod.ts";
import { PNP_NOTIFICATION } from "./constants.ts";
import { ResourceContext } from "./context.ts";
import { ResourceManagerError } from "./errors.ts";
import { type Profile, WEB_PROFILE } from "./profiles.ts";
import { Reader } from "./reader.ts";
import { ReaderIo } from "./reader_io.ts";
import { readIdentity, windowsReaderName } from "./reader_names.ts";
import type { ReaderState } from "./reader_view.ts";
import type { ReaderDirectory, ReaderStateRequest } from "./status_change.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** Options of {@linkcode ResourceManager}. */
export interface ResourceManagerOptions {
  /** Behaviour; default {@linkcode WEB_PROFILE}. */
  profile?: Profile;
  /** Clock; default the runtime's. */
  timers?: Timers;
}

/** What {@linkcode ResourceManager.subscribe} tells. */
export interface ReaderChange {
  /** What happened to the reader. */
  readonly kind: "added" | "removed" | "changed";
  /** Which one. */
  readonly reader: Reader;
}

/** Readers, contexts, connections, sharing, transactions and events, in one process. */
export class ResourceManager implements ReaderDirectory {
  /** Behaviour. */
  readonly profile: Profile;
  /** Clock. */
  readonly timers: Timers;
  #readers = new Map<string, Reader>();
  #names = new Set<string>();
  #systemNames = new Set<string>();
  #contexts = new Set<ResourceContext>();
  #listeners = new Set<(change: ReaderChange) => void>();
  #arrivals = 0;
  #lastId = 0;
  #closed = false;
  #closing: Promise<void> | null = null;

  /**
   * A manager without readers.
   *
   * @param options behaviour and clock
   */
  constructor(options: ResourceManagerOptions = {}) {
    this.profile = options.profile ?? WEB_PROFILE;
    this.timers = options.timers ?? SYSTEM_TIMERS;
  }

  /** Whether the manager was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The readers that are there, in order of arrival. */
  get readers(): Reader[] {
    return [...this.#readers.values()];
  }

  /** How many readers are there. */
  get readerCount(): number {
    return this.#readers.size;
  }

  /** How many readers have come or gone so far. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /**
   * Takes a reader in: asks for its name and state, powers a card that is in, and
   * watches it from now on. The reader is listed when the promise resolves.
   *
   * @param options `name`: instead of vendor, type and number as the reader states them
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when another reader has this name
   */
  async addReader(
    device: ReaderDevice,
    options: { name?: string } = {},
  ): Promise<Reader> {
    this.#assertOpen("add a reader");
    const io = new ReaderIo(device);
    let name = options.name;
    if (name === undefined) {
      const identity = await io.run(() => readIdentity(io));
      this.#assertOpen("add a reader");
      name = windowsReaderName(identity, (taken) => this.#names.has(taken));
    } else if (this.#names.has(name)) {
      throw new ResourceManagerError(
        "SCARD_E_DUPLICATE_READER",
        `Cannot add reader "${name}": another one has this name, expected a new one`,
      );
    }
    const reader = new Reader(device, io, name, this.#freeSystemName(), this);
    this.#names.add(name);
    this.#systemNames.add(reader.systemName);
    await reader.start();
    if (this.closed) {
      reader.remove();
      this.#assertOpen("add a reader");
    }
    this.#readers.set(name, reader);
    this.#arrivals++;
    this.#tell({ kind: "added", reader });
    return reader;
  }

  /** Lets a reader go: its connections fail with SCARD_E_READER_UNAVAILABLE, waits on it end. */
  removeReader(reader: Reader): void {
    if (this.#readers.get(reader.name) !== reader) return;
    this.#readers.delete(reader.name);
    this.#names.delete(reader.name);
    this.#systemNames.delete(reader.systemName);
    reader.remove();
    this.#arrivals++;
    this.#tell({ kind: "removed", reader });
  }

  /** The reader of that name. */
  findReader(name: string): Reader | undefined {
    return this.#readers.get(name);
  }

  /** What is seen of the reader of that name. */
  stateOf(readerName: string): ReaderState | undefined {
    return this.#readers.get(readerName)?.state;
  }

  /**
   * Unknown names are allowed.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER where the profile wants that for unknown names.
   */
  assertKnown(requests: readonly ReaderStateRequest[]): void {
    if (this.profile.unknownReader === "flag") return;
    for (const { readerName } of requests) {
      if (this.#readers.has(readerName)) continue;
      if (readerName.toLowerCase() === PNP_NOTIFICATION.toLowerCase()) continue;
      throw new ResourceManagerError(
        "SCARD_E_UNKNOWN_READER",
        `Cannot wait for ${
          JSON.stringify(readerName)
        }: no reader has this name, expected a known one`,
      );
    }
  }

  /**
   * A new context.
   *
   * @throws {ResourceManagerError} SCARD_E_NO_SERVICE after {@linkcode close}
   */
  establishContext(): ResourceContext {
    this.#assertOpen("establish a context");
    const context = new ResourceContext(this.nextId(), this);
    this.#contexts.add(context);
    return context;
  }

  /** The contexts that are open. */
  get contexts(): ResourceContext[] {
    return [...this.#contexts];
  }

  /** A released context; called by itself. */
  forgetContext(context: ResourceContext): void {
    this.#contexts.delete(context);
  }

  /** A number that no context or connection of this manager had before. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Tells `listener` about every change, in the step in which it happens, until the returned function is called. */
  subscribe(listener: (change: ReaderChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Like {@linkcode subscribe}, without saying what changed. */
  onChange(listener: () => void): () => void {
    return this.subscribe(() => listener());
  }

  /** Called by a reader. */
  readerChanged(reader: Reader): void {
    if (this.#readers.get(reader.name) !== reader) return;
    this.#tell({ kind: "changed", reader });
  }

  /** Releases all contexts and lets all readers go. Never fails. */
  close(): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.release()));
    for (const reader of this.readers) this.removeReader(reader);
    this.#listeners.clear();
  }

  #tell(change: ReaderChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #freeSystemName(): string {
    let unit = 0;
    while (this.#systemNames.has(`SCReader${unit}`)) unit++;
    return `SCReader${unit}`;
  }

  #assertOpen(attempt: string): void {
    if (!this.closed) return;
    throw new ResourceManagerError(
      "SCARD_E_NO_SERVICE",
      `Cannot ${attempt}: the resource manager was closed, expected a running one`,
    );
  }
}
