/**
 * What the resource manager knows about the card in a reader.
 *
 * @module
 */

import { chain, type MaybePromise, readU32le, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  MAXIMUM_ATR_LENGTH,
  ntSuccess,
  SCARD_ABSENT,
  SCARD_POWER_DOWN,
  STATUS_NO_MEDIA,
} from "../smclib/mod.ts";
import {
  CARD_TABLE,
  type CardPhase,
  type CardPhaseEvent,
} from "./card_table.ts";
import { powerEvent } from "./power_event.ts";
import type { ReaderIo } from "./reader_io.ts";

/** What a connection holds of a card: it is good as long as the slot shows the same. */
export interface CardGrip {
  /** {@linkcode CardSlot.session} of the card. */
  readonly session: number;
  /** {@linkcode CardSlot.resets} of the card. */
  readonly resets: number;
}

/** How a power or protocol request ended, for the card that it reached: by the time a promise of it is served, another one may be in. */
export interface CardAnswer {
  /** The final NTSTATUS. */
  readonly status: number;
  /** The card as it was when the answer was read. */
  readonly grip: CardGrip;
  /** SCARD_PROTOCOL_* bit in force then, 0 for none. */
  readonly protocol: number;
}

/**
 * Presence, power, ATR and protocol of one card slot. Connections compare
 * {@linkcode session} and {@linkcode resets} with what they saw last: that is how
 * they learn of a removal or of somebody else's reset.
 *
 * Methods that send requests belong into a section of {@linkcode ReaderIo.run}.
 */
export class CardSlot {
  /** Answer to the last reset. */
  atr: Uint8Array<ArrayBuffer> | null = null;
  /** SCARD_PROTOCOL_* bit in force, 0 until one was negotiated. */
  protocol = 0;
  /** Grows with each removal. */
  session = 0;
  /** Grows with each reset and power-down. */
  resets = 0;
  /** Insertions and removals seen. */
  eventCount = 0;
  #io: ReaderIo;
  #phase: CardPhase = CARD_TABLE.initial;

  /**
   * An empty slot.
   *
   * @param io the reader's requests
   */
  constructor(io: ReaderIo) {
    this.#io = io;
  }

  /** Whether a card is in. */
  get present(): boolean {
    return this.#phase !== "absent";
  }

  /** Inserted, and its first reset has not ended yet. */
  get fresh(): boolean {
    return this.#phase === "fresh" || this.#phase === "powering";
  }

  /** The card did not answer its last reset. */
  get mute(): boolean {
    return this.#phase === "mute";
  }

  /** The card has power. */
  get powered(): boolean {
    return this.#phase === "powered" || this.#phase === "negotiated";
  }

  #step(event: CardPhaseEvent): void {
    this.#phase = CARD_TABLE.next(this.#phase, event);
  }

  /** The card as it is now; null when there is none. */
  get grip(): CardGrip | null {
    const { present, session, resets } = this;
    return present ? { session, resets } : null;
  }

  /** What an empty slot was found to be when the reader came or came back: no event. */
  found(present: boolean): void {
    if (present) this.#step("found");
  }

  /** A card came in. */
  noteInserted(): void {
    if (this.present) return;
    this.eventCount++;
    this.#step("inserted");
  }

  /** The card went. */
  noteRemoved(): void {
    if (!this.present) return;
    this.eventCount++;
    this.#empty("removed");
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#empty("forgotten");
  }

  #empty(event: "removed" | "forgotten"): void {
    this.#step(event);
    this.session++;
    this.atr = null;
    this.protocol = 0;
  }

  /** Asks the device for its state, SCARD_UNKNOWN to SCARD_SPECIFIC; null when it does not tell. */
  getState(): MaybePromise<number | null> {
    return chain(
      this.#io.request(IOCTL_SMARTCARD_GET_STATE, 0, 4),
      (status) =>
        ntSuccess(status) ? readU32le(this.#io.systemBuffer, 0) : null,
    );
  }

  /** After a failed request: is the card still there? */
  confirm(status: number): MaybePromise<void> {
    const { eventCount } = this;
    return chain(this.getState(), (state) => {
      // An event noted meanwhile is newer than this answer.
      if (this.eventCount !== eventCount) return;
      // "No media" may be about the card before the one that is in: the state decides.
      const isAbsent = state === null
        ? status === STATUS_NO_MEDIA
        : state === SCARD_ABSENT;
      if (isAbsent) this.noteRemoved();
      else if (state !== null && state > SCARD_ABSENT) this.noteInserted();
    });
  }

  /**
   * Sends IOCTL_SMARTCARD_POWER. Once it has reached the card, every connection bound
   * before sees a reset.
   *
   * @param action SCARD_COLD_RESET, SCARD_WARM_RESET or SCARD_POWER_DOWN
   * @param capacity bytes of room for the ATR
   * @param session of the card that is meant; another one is left alone
   */
  power(
    action: number,
    capacity: number = action === SCARD_POWER_DOWN ? 0 : MAXIMUM_ATR_LENGTH,
    session: number = this.session,
  ): MaybePromise<CardAnswer> {
    if (session === this.session && this.#phase === "fresh") {
      this.#step("first reset");
    }
    return this.#ask(
      session,
      IOCTL_SMARTCARD_POWER,
      action,
      capacity,
      (status) => this.#powerEnded(action, status),
    );
  }

  #powerEnded(action: number, status: number): void {
    // Whoever asked for an ATR in vain may ask again: the card shows as it is.
    const isFirst = this.fresh;
    const event = powerEvent(action, status);
    this.#step(event);
    if (event === "missed" || event === "refused") return;
    // The first reset takes nothing from anybody: nobody can have used the card before.
    if (!isFirst) this.resets++;
    this.protocol = 0;
    if (action === SCARD_POWER_DOWN) return;
    this.atr = ntSuccess(status)
      ? this.#io.systemBuffer.slice(0, this.#io.information)
      : null;
  }

  /**
   * Sends IOCTL_SMARTCARD_SET_PROTOCOL; on success {@linkcode protocol} is what the
   * reader selected.
   *
   * @param mask SCARD_PROTOCOL_* bits
   * @param capacity bytes of room for the selected protocol
   * @param session of the card that is meant; another one is left alone
   */
  setProtocol(
    mask: number,
    capacity = 4,
    session: number = this.session,
  ): MaybePromise<CardAnswer> {
    return this.#ask(
      session,
      IOCTL_SMARTCARD_SET_PROTOCOL,
      mask,
      capacity,
      (status) => {
        if (!ntSuccess(status) || this.#io.information < 4) return;
        this.protocol = readU32le(this.#io.systemBuffer, 0);
        this.#step(this.protocol === 0 ? "unselected" : "selected");
      },
    );
  }

  #ask(
    session: number,
    ioControlCode: number,
    input: number,
    capacity: number,
    ended: (status: number) => void,
  ): MaybePromise<CardAnswer> {
    writeU32le(this.#io.roomFor(capacity), 0, input);
    return chain(
      session === this.session
        ? this.#io.request(ioControlCode, 4, capacity)
        : STATUS_NO_MEDIA,
      (status) => {
        // The answer of a card that is gone says nothing about the one that is in.
        const gone = session !== this.session;
        if (!gone) ended(status);
        return {
          status: gone ? STATUS_NO_MEDIA : status,
          grip: { session, resets: this.resets },
          protocol: this.protocol,
        };
      },
    );
  }
}
