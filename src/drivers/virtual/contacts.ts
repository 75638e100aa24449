/**
 * Contacts in memory, and the card in them.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import {
  type CardLink,
  type LinkCounts,
  systemTimer,
  type Timer,
} from "../../contact_reader/mod.ts";
import { SmartcardLogError, STATUS_UNSUCCESSFUL } from "../../smclib/mod.ts";

/**
 * A card as the contacts see it. Characters are what a direct-convention UART
 * reads: an inverse-convention card sends '03' first, and all later characters,
 * in both directions, are bit-reversed and complemented (ISO/IEC 7816-3 8.1).
 * A card that throws or rejects is a silent one.
 */
export interface InsertableCard {
  /** Where the card's characters go, which are copied: set at insertion, null at removal. */
  attach(output: ((bytes: Uint8Array) => void) | null): void;
  /** Power and clock on and RST released (cold), or RST pulsed (warm). The card then outputs its ATR, by the time that a promise settles. */
  reset(kind: "cold" | "warm"): MaybePromise<void>;
  /** Power off. */
  powerOff(): void;
  /**
   * Characters from the reader, good during the call only. A promise settles when
   * the card has no more to say until the reader sends again.
   */
  receive(bytes: Uint8Array): MaybePromise<void>;
}

/** Characters kept of a card that talks without being asked; the longest block has 259. */
const CAPACITY = 1024;

/** Contacts with a card in them, or none. */
export class Contacts implements CardLink {
  /** Counts what passes, for faults that are set later; null: nobody does. */
  counts: LinkCounts | null = null;
  readonly #timer: Timer;
  readonly #queue = new Uint8Array(CAPACITY);
  #length = 0;
  #card: InsertableCard | null = null;
  #busy: Promise<void> | null = null;
  /** Wakes the one reception that waits. */
  #wake: (() => void) | null = null;

  /** Makes empty contacts. @param timer how to wait for a card that takes its time */
  constructor(timer: Timer = systemTimer) {
    this.#timer = timer;
  }

  /** The card that is in. */
  get card(): InsertableCard | null {
    return this.#card;
  }

  get available(): number {
    return this.#length;
  }

  /** Puts a card in. */
  insert(card: InsertableCard): void {
    this.#card = card;
    this.#length = 0;
    this.#busy = null;
    const output = (bytes: Uint8Array): void => {
      if (this.#card !== card) return;
      const room = Math.min(bytes.length, CAPACITY - this.#length);
      this.#queue.set(
        room === bytes.length ? bytes : bytes.subarray(0, room),
        this.#length,
      );
      this.#length += room;
      this.#wake?.();
    };
    this.#attempt(() => card.attach(output));
  }

  /** Takes the card out; a reception that waits ends at once. */
  remove(): void {
    const card = this.#card;
    this.#card = null;
    this.#busy = null;
    this.#length = 0;
    this.#attempt(() => card?.attach(null));
    this.#attempt(() => card?.powerOff());
    this.#wake?.();
  }

  reset(kind: "cold" | "warm"): void {
    this.counts?.reset();
    this.#length = 0;
    this.#busy = null;
    const card = this.#card;
    this.#follow(card, this.#attempt(() => card?.reset(kind)));
  }

  powerOff(): void {
    this.#length = 0;
    this.#busy = null;
    this.#attempt(() => this.#card?.powerOff());
  }

  send(bytes: Uint8Array): void {
    this.counts?.sent(bytes.length);
    this.#length = 0;
    const card = this.#card;
    this.#follow(card, this.#attempt(() => card?.receive(bytes)));
  }

  /** The card has more to say until `busy` settles, unless it went away while it was asked. */
  #follow(card: InsertableCard | null, busy: MaybePromise<void>): void {
    if (!(busy instanceof Promise) || this.#card !== card) {
      this.#busy = null;
      return;
    }
    const settled = busy.catch((error) => this.#log(error)).then(() => {
      if (this.#busy !== settled) return;
      this.#busy = null;
      this.#wake?.();
    });
    this.#busy = settled;
  }

  receive(
    target: Uint8Array,
    offset: number,
    wanted: number,
    waitMicroseconds: number,
  ): MaybePromise<number> {
    // Whoever counts at the beginning of a reception counts all of it.
    const { counts } = this;
    // A card that is not busy has nothing more to send: there is nothing to wait for.
    if (this.#length >= wanted || this.#busy === null) {
      return this.#take(target, offset, wanted, counts);
    }
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#wake = null;
        resolve(this.#take(target, offset, wanted, counts));
      };
      const cancel = this.#timer(Math.ceil(waitMicroseconds / 1000), end);
      this.#wake = () => {
        if (this.#length >= wanted || this.#busy === null) end();
      };
    });
  }

  /** Asks the card for something; what it throws is logged. */
  #attempt(ask: () => MaybePromise<void>): MaybePromise<void> {
    try {
      return ask();
    } catch (error) {
      this.#log(error);
    }
  }

  #log(error: unknown): void {
    SmartcardLogError(this, STATUS_UNSUCCESSFUL, String(error));
  }

  #take(
    target: Uint8Array,
    offset: number,
    wanted: number,
    counts: LinkCounts | null,
  ): number {
    const count = Math.min(wanted, this.#length, target.length - offset);
    // Mostly a handful of characters: a loop beats the view that set() would need.
    for (let i = 0; i < count; i++) target[offset + i] = this.#queue[i];
    this.#queue.copyWithin(0, count, this.#length);
    this.#length -= count;
    counts?.received(target, offset, count);
    return count;
  }
}
