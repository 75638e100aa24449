/**
 * The resource manager: readers, contexts, and who is told what.
 *
 * @module
 */

import type { ReaderDevice } from "../smclib/mod.ts";
import type { ResourceManagerBackend } from "./backend.ts";
import { PNP_NOTIFICATION } from "./constants.ts";
import { ResourceContext } from "./context.ts";
import { ResourceManagerError } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import {
  type ContextOptions,
  type ManagerDelays,
  managerDelays,
  type ResourceManagerOptions,
} from "./manager_options.ts";
import { metricsOf, type MetricsSnapshot } from "./metrics.ts";
import { ManagerCounters } from "./metrics_counters.ts";
import type { Policy } from "./policy.ts";
import { type Profile, WEB_PROFILE } from "./profiles.ts";
import type { Reader } from "./reader.ts";
import { type AddReaderOptions, ReaderList } from "./reader_list.ts";
import type { ReaderState } from "./reader_view.ts";
import type { ReaderDirectory } from "./status_change.ts";
import { ReaderWatchers } from "./reader_watchers.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** What {@linkcode ResourceManager.subscribe} tells. */
export interface ReaderChange {
  /** What happened to the reader. */
  readonly kind: "added" | "removed" | "changed";
  /** Which one. */
  readonly reader: Reader;
}

/** Readers, contexts, connections, sharing, transactions and events, in one process. */
export class ResourceManager
  implements ReaderDirectory, ResourceManagerBackend {
  /** Behaviour. */
  readonly profile: Profile;
  /** Clock. */
  readonly timers: Timers;
  /** What is counted while the manager works; see {@linkcode metrics}. */
  readonly counters: ManagerCounters = new ManagerCounters();
  #delays: ManagerDelays;
  #policy: Policy | null;
  #readers = new ReaderList();
  #contexts = new Set<ResourceContext>();
  #changes = new Listeners<ReaderChange>();
  #watchers = new ReaderWatchers();
  #lastId = 0;
  #closed = false;
  #closing: Promise<void> | null = null;

  /**
   * A manager without readers.
   *
   * @param options behaviour, clock, delays and policy
   * @throws {RangeError} when a delay is none
   */
  constructor(options: ResourceManagerOptions = {}) {
    this.#delays = managerDelays(options);
    this.#policy = options.policy ?? null;
    this.profile = options.profile ?? WEB_PROFILE;
    this.timers = options.timers ?? SYSTEM_TIMERS;
  }

  /** Whether the manager was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Milliseconds that a release or {@linkcode close} leaves to readers that are busy. */
  get graceMs(): number {
    return this.#delays.graceMs;
  }

  /** Milliseconds that a policy has for its verdict. */
  get policyTimeoutMs(): number {
    return this.#delays.policyTimeoutMs;
  }

  /** What the manager does, in numbers, as of now. */
  get metrics(): MetricsSnapshot {
    return metricsOf(this);
  }

  /** The readers that are there, in order of arrival. */
  get readers(): Reader[] {
    return this.#readers.all;
  }

  /** How many readers are there. */
  get readerCount(): number {
    return this.#readers.size;
  }

  /** How many readers have come or gone so far. */
  get arrivals(): number {
    return this.#readers.arrivals;
  }

  /**
   * Takes a reader in: asks for its name and state, powers a card that is in, and
   * watches it from now on. The reader is listed, with its card, when the promise
   * resolves. The wait ends when the device has answered, by `signal`, or by
   * {@linkcode close}.
   *
   * @param device from now on nobody else sends requests to it
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when another reader has this
   * name, SCARD_E_NO_SERVICE after {@linkcode close}
   * @throws {RangeError} when `idlePowerOffMs` is no delay
   */
  async addReader(
    device: ReaderDevice,
    options: AddReaderOptions = {},
  ): Promise<Reader> {
    const { idlePowerOffMs = this.#delays.idlePowerOffMs } = options;
    const assertOpen = () => this.#assertOpen("add a reader");
    assertOpen();
    const reader = await this.#readers.arrive(
      device,
      this,
      assertOpen,
      { ...options, idlePowerOffMs },
    );
    this.#tell("added", reader);
    return reader;
  }

  /** Lets a reader go: its connections fail with SCARD_E_READER_UNAVAILABLE, waits on it end. */
  removeReader(reader: Reader): void {
    if (!this.#readers.remove(reader)) return;
    this.#tell("removed", reader);
  }

  /** The reader of that name. */
  findReader(name: string): Reader | undefined {
    return this.#readers.find(name);
  }

  /** What is seen of the reader of that name. */
  stateOf(readerName: string): ReaderState | undefined {
    return this.#readers.find(readerName)?.state;
  }

  /**
   * A new context.
   *
   * @param options whose it is, and what it may do; default what the manager's policy allows
   * @throws {ResourceManagerError} SCARD_E_NO_SERVICE after {@linkcode close}
   */
  establishContext(options: ContextOptions = {}): ResourceContext {
    this.#assertOpen("establish a context");
    const { name, policy = this.#policy } = options;
    const context = new ResourceContext(this.nextId(), this, name, policy);
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

  /**
   * Tells `listener` about every change, in the step in which it happens, until the
   * returned function is called. What it throws is reported as an uncaught exception
   * and concerns nobody else.
   */
  subscribe(listener: (change: ReaderChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /**
   * Calls `listener` after every change of the readers of these names, there or not,
   * until the returned function is called. {@linkcode PNP_NOTIFICATION} stands for
   * the list of readers.
   */
  watch(readerNames: ReadonlySet<string>, listener: () => void): () => void {
    return this.#watchers.add(readerNames, listener);
  }

  /** Called by a reader. */
  readerChanged(reader: Reader): void {
    if (!this.#readers.has(reader)) return;
    this.#tell("changed", reader);
  }

  #tell(kind: ReaderChange["kind"], reader: Reader): void {
    this.#watchers.tell(reader.name);
    if (kind !== "changed") this.#watchers.tell(PNP_NOTIFICATION);
    this.#changes.tell({ kind, reader });
  }

  /**
   * Releases all contexts, then lets all readers go, those on their way at once. Never
   * fails, and takes {@linkcode graceMs} at most: requests that a reader has not
   * answered by then end with SCARD_E_READER_UNAVAILABLE.
   */
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
    this.#readers.refuseArrivals();
    await Promise.all(this.contexts.map((context) => context.release()));
    for (const reader of this.readers) this.removeReader(reader);
    this.#watchers.clear();
    this.#changes.clear();
  }

  #assertOpen(attempt: string): void {
    if (!this.closed) return;
    throw new ResourceManagerError(
      "SCARD_E_NO_SERVICE",
      `Cannot ${attempt}: the resource manager was closed, expected a running one`,
    );
  }
}
