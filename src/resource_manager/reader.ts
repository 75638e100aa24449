/**
 * One reader: its card, its connections, its lock, and what others see of them.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_WARM_RESET,
} from "../smclib/mod.ts";
import { CardSlot } from "./card_slot.ts";
import { CardTracker } from "./card_tracker.ts";
import type { Handle } from "./handle.ts";
import { SCARD_STATE_UNAVAILABLE } from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import { IdlePowerOff } from "./idle_power_off.ts";
import { FirstReset } from "./first_reset.ts";
import { IdleRule } from "./idle_rule.ts";
import { runGuarded } from "./listeners.ts";
import { countResets, ReaderCounters } from "./metrics_counters.ts";
import type { Profile } from "./profiles.ts";
import type { ReaderIo } from "./reader_io.ts";
import {
  READER_TABLE,
  type ReaderPhase,
  type ReaderPhaseEvent,
} from "./reader_table.ts";
import { type ReaderState, viewReader } from "./reader_view.ts";
import { SharingTally } from "./sharing_tally.ts";
import type { Timers } from "./timers.ts";
import { TransactionLock } from "./transaction_lock.ts";

/** What a reader needs of its manager. */
export interface ReaderHost {
  /** Behaviour. */
  readonly profile: Profile;
  /** Clock. */
  readonly timers: Timers;
  /** Something that others can see has changed. */
  readerChanged(reader: Reader): void;
}

/** A reader known to the resource manager. */
export class Reader {
  /** The name that applications use. */
  readonly name: string;
  /** Windows' system name, for example `SCReader0`. */
  readonly systemName: string;
  /** The device behind it. */
  readonly device: ReaderDevice;
  /** Requests to the device. */
  readonly io: ReaderIo;
  /** The card. */
  readonly slot: CardSlot;
  /** Connections, also those that are being made. */
  readonly connections: Set<Handle> = new Set();
  /** Share modes of {@linkcode connections}. */
  readonly modes: SharingTally = new SharingTally();
  /** Share modes of those that have been made: they show. */
  readonly shown: SharingTally = new SharingTally();
  /** Transactions. */
  readonly lock: TransactionLock<Handle> = new TransactionLock();
  /** Ends transactions that nobody uses. */
  readonly idleRule: IdleRule;
  /** Powers a card down that nobody uses. */
  readonly idlePowerOff: IdlePowerOff;
  /** What is counted; see `ResourceManager.metrics`. */
  readonly counters: ReaderCounters = new ReaderCounters();
  /** Exchanges completed since the reader came. */
  transmitCount = 0;
  #host: ReaderHost;
  #tracker: CardTracker | null = null;
  #phase: ReaderPhase = READER_TABLE.initial;
  #reviving: Promise<void> | null = null;
  #firstReset: FirstReset;
  #session = 0;
  #state: ReaderState = {
    flags: SCARD_STATE_UNAVAILABLE,
    eventCount: 0,
    atr: null,
  };

  /** Made by the manager: see `ResourceManager.addReader`. */
  constructor(
    device: ReaderDevice,
    io: ReaderIo,
    name: string,
    systemName: string,
    host: ReaderHost,
    idlePowerOffMs = 0,
  ) {
    this.device = device;
    this.io = io;
    this.name = name;
    this.systemName = systemName;
    this.#host = host;
    this.slot = new CardSlot(io);
    this.#firstReset = new FirstReset(io, this.slot, () => this.publish());
    this.idleRule = new IdleRule(
      host.profile.idleTransactionResetMs,
      host.timers,
      () => this.#transactionIdle(),
    );
    this.idlePowerOff = new IdlePowerOff(idlePowerOffMs, this);
  }

  /** Behaviour. */
  get profile(): Profile {
    return this.#host.profile;
  }

  /** Clock. */
  get timers(): Timers {
    return this.#host.timers;
  }

  /** Whether the reader has left. */
  get removed(): boolean {
    return this.#phase === "removed";
  }

  /** Whether the reader works. */
  get available(): boolean {
    return this.#phase === "working";
  }

  /** What others see. */
  get state(): ReaderState {
    return this.#state;
  }

  /** Looks at the reader for the first time or again after a failure, and starts tracking. */
  start(): Promise<void> {
    this.#reviving ??= this.#start().finally(() => this.#reviving = null);
    return this.#reviving;
  }

  #step(event: ReaderPhaseEvent): void {
    this.#phase = READER_TABLE.next(this.#phase, event);
  }

  async #start(): Promise<void> {
    if (this.#phase !== "arriving") this.#step("asked again");
    const state = await this.io.run(() => this.slot.getState());
    if (this.removed) return;
    this.#step(state === null ? "silent" : "answered");
    if (state === null) return this.publish();
    // What was seen of a reader that did not work is no card that anybody can hold.
    this.slot.forget();
    this.#session = this.slot.session;
    this.slot.found(state > SCARD_ABSENT);
    const tracker = new CardTracker(this.io, this.slot, {
      changed: () => this.#cardEvent(),
      armed: () => void this.#firstReset.run(),
      failed: () => this.#fail(tracker),
    });
    this.#tracker = tracker;
    tracker.run().catch((error) => {
      this.io.failure = error;
      this.#fail(tracker);
    });
    await this.#firstReset.run();
    this.publish();
  }

  /**
   * The reader works.
   *
   * @throws {ResourceManagerError} SCARD_E_READER_UNAVAILABLE when the reader has left or failed.
   */
  assertUsable(attempt: string): void {
    if (this.available) return;
    throw new ResourceManagerError(
      "SCARD_E_READER_UNAVAILABLE",
      `Cannot ${attempt}: the reader ${
        this.removed ? "was removed" : "does not work"
      }, expected a working reader`,
    );
  }

  /** Takes note of a card event that has happened but was not served yet. */
  notice(): void {
    this.#tracker?.notice();
  }

  /** The slot has noted an insertion or a removal. */
  #cardEvent(): void {
    this.counters.cardEvents(this.slot.eventCount, this.slot.present);
    if (this.slot.session === this.#session) return;
    this.#session = this.slot.session;
    this.idleRule.stop();
    this.lock.clear();
    this.publish();
  }

  /**
   * After a failed request, in its section: finds out whether the card is still there.
   *
   * @param status what the request failed with
   */
  confirmCard(status: number): MaybePromise<void> {
    this.notice();
    const { eventCount } = this.slot;
    return chain(this.slot.confirm(status), () => {
      this.notice();
      if (this.slot.eventCount === eventCount) return;
      this.#cardEvent();
      // Not in this section: it starts when this one has ended.
      queueMicrotask(() => void this.#firstReset.run());
    });
  }

  #transactionIdle(): void {
    if (this.lock.owner === null) return;
    // A transaction whose end is under way is not idle.
    if (!this.io.idle || this.lock.endings > 0) return this.idleRule.start();
    const ended = this.lock.resetIdle();
    const reset = () =>
      countResets(
        this,
        "idle-transaction",
        () => this.slot.power(SCARD_WARM_RESET),
      );
    chain(this.io.run(reset), () => {
      this.publish();
      ended();
    });
  }

  #fail(tracker: CardTracker): void {
    if (this.removed || this.#tracker !== tracker) return;
    this.#tracker = null;
    this.#step("broke down");
    this.slot.forget();
    this.#cardEvent();
  }

  /** The reader leaves: handles fail from now on, waits end. */
  remove(): void {
    if (this.removed) return;
    this.#step("left");
    this.#tracker?.stop();
    this.#tracker = null;
    this.idleRule.stop();
    this.idlePowerOff.stop();
    this.io.shutDown();
    this.slot.forget();
    this.lock.clear();
    runGuarded(() => this.device.cleanup?.());
  }

  /** Tells others, if what they see has changed. */
  publish(): void {
    if (this.removed) return;
    this.idlePowerOff.look();
    const before = this.#state;
    const after = viewReader(this.slot, this, before);
    if (
      before.flags === after.flags && before.atr === after.atr &&
      before.eventCount === after.eventCount
    ) return;
    this.#state = after;
    this.#host.readerChanged(this);
  }
}
