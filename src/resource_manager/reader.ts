/**
 * One reader: its card, its connections, its lock, and what others see of them.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import {
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_WARM_RESET,
} from "../smclib/mod.ts";
import { CardSlot } from "./card_slot.ts";
import { CardTracker } from "./card_tracker.ts";
import type { Handle } from "./handle.ts";
import { SCARD_STATE_UNAVAILABLE } from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import { IdleRule } from "./idle_rule.ts";
import { runGuarded } from "./listeners.ts";
import type { Profile } from "./profiles.ts";
import type { ReaderIo } from "./reader_io.ts";
import { type ReaderState, viewReader } from "./reader_view.ts";
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
  /** Transactions. */
  readonly lock: TransactionLock<Handle> = new TransactionLock();
  /** Ends transactions that nobody uses. */
  readonly idleRule: IdleRule;
  /** Exchanges completed since the reader came. */
  transmitCount = 0;
  #host: ReaderHost;
  #tracker: CardTracker | null = null;
  #available = false;
  #removed = false;
  #reviving: Promise<void> | null = null;
  #poweringUp: Promise<void> | null = null;
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
  ) {
    this.device = device;
    this.io = io;
    this.name = name;
    this.systemName = systemName;
    this.#host = host;
    this.slot = new CardSlot(io);
    this.idleRule = new IdleRule(
      host.profile.idleTransactionResetMs,
      host.timers,
      () => this.#transactionIdle(),
    );
  }

  /** Behaviour. */
  get profile(): Profile {
    return this.#host.profile;
  }

  /** Whether the reader has left. */
  get removed(): boolean {
    return this.#removed;
  }

  /** Whether the reader works. */
  get available(): boolean {
    return this.#available;
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

  async #start(): Promise<void> {
    const state = await this.io.run(() => this.slot.getState());
    if (this.#removed) return;
    if (state === null) return this.publish();
    this.#available = true;
    this.slot.found(state > SCARD_ABSENT);
    const tracker = new CardTracker(this.io, this.slot, {
      changed: () => this.#cardEvent(),
      armed: () => void this.#powerUp(),
      failed: () => this.#fail(tracker),
    });
    this.#tracker = tracker;
    tracker.run().catch((error) => {
      this.io.failure = error;
      this.#fail(tracker);
    });
    await this.#powerUp();
    this.publish();
  }

  /**
   * The reader works.
   *
   * @throws {ResourceManagerError} SCARD_E_READER_UNAVAILABLE when the reader has left or failed.
   */
  assertUsable(attempt: string): void {
    if (this.#available) return;
    throw new ResourceManagerError(
      "SCARD_E_READER_UNAVAILABLE",
      `Cannot ${attempt}: the reader ${
        this.#removed ? "was removed" : "does not work"
      }, expected a working reader`,
    );
  }

  /** Takes note of a card event that has happened but was not served yet. */
  notice(): void {
    this.#tracker?.notice();
  }

  /** The slot has noted an insertion or a removal. */
  #cardEvent(): void {
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
      queueMicrotask(() => void this.#powerUp());
    });
  }

  /** Powers a card that has just come in, to learn its ATR; ends when it is known to everybody. */
  async #powerUp(): Promise<void> {
    if (!this.slot.fresh) return;
    this.#poweringUp ??= this.#powerFresh();
    await this.#poweringUp;
  }

  async #powerFresh(): Promise<void> {
    const { slot, io } = this;
    try {
      let session: number;
      do {
        session = slot.session;
        await io.run(() => slot.fresh ? slot.power(SCARD_COLD_RESET) : null);
        // Meanwhile another card may have come in.
      } while (slot.fresh && slot.session !== session);
    } finally {
      this.#poweringUp = null;
    }
    this.publish();
  }

  #transactionIdle(): void {
    const { owner } = this.lock;
    if (owner === null) return;
    if (!this.io.idle) return this.idleRule.start();
    chain(this.io.run(() => this.slot.power(SCARD_WARM_RESET)), () => {
      this.publish();
      this.lock.release(owner, true);
    });
  }

  #fail(tracker: CardTracker): void {
    if (this.#removed || this.#tracker !== tracker) return;
    this.#tracker = null;
    this.#available = false;
    this.slot.forget();
    this.#cardEvent();
  }

  /** The reader leaves: handles fail from now on, waits end. */
  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#available = false;
    this.#tracker?.stop();
    this.#tracker = null;
    this.idleRule.stop();
    this.io.shutDown();
    this.slot.forget();
    this.lock.clear();
    runGuarded(() => this.device.cleanup?.());
  }

  /** Tells others, if what they see has changed. */
  publish(): void {
    if (this.#removed) return;
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
