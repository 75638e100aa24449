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
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
} from "../smclib/mod.ts";
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

/** Refusals of a power request that never reached a card: what was in force still is. */
const UNTOUCHED: ReadonlySet<number> = new Set([
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
]);

/**
 * Presence, power, ATR and protocol of one card slot. Connections compare
 * {@linkcode session} and {@linkcode resets} with what they saw last: that is how
 * they learn of a removal or of somebody else's reset.
 *
 * Methods that send requests belong into a section of {@linkcode ReaderIo.run}.
 */
export class CardSlot {
  /** Whether a card is in. */
  present = false;
  /** Inserted, and its first reset has not ended yet. */
  fresh = false;
  /** The card did not answer its last reset. */
  mute = false;
  /** The card has power. */
  powered = false;
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

  /**
   * An empty slot.
   *
   * @param io the reader's requests
   */
  constructor(io: ReaderIo) {
    this.#io = io;
  }

  /** The card as it is now; null when there is none. */
  get grip(): CardGrip | null {
    const { present, session, resets } = this;
    return present ? { session, resets } : null;
  }

  /** A card was found when the manager came to know the reader: no event. */
  found(present: boolean): void {
    this.present = present;
    this.fresh = present;
  }

  /** A card came in. */
  noteInserted(): void {
    if (this.present) return;
    this.eventCount++;
    this.found(true);
  }

  /** The card went. */
  noteRemoved(): void {
    if (!this.present) return;
    this.eventCount++;
    this.forget();
  }

  /** Nothing is known any more. */
  forget(): void {
    this.session++;
    this.found(false);
    this.mute = false;
    this.powered = false;
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
    if (status === STATUS_NO_MEDIA) this.noteRemoved();
    return chain(this.getState(), (state) => {
      if (state === null) return;
      if (state === SCARD_ABSENT) this.noteRemoved();
      else if (state > SCARD_ABSENT) this.noteInserted();
    });
  }

  /**
   * Sends IOCTL_SMARTCARD_POWER. Once it has reached the card, every connection bound
   * before sees a reset.
   *
   * @param action SCARD_COLD_RESET, SCARD_WARM_RESET or SCARD_POWER_DOWN
   * @param capacity bytes of room for the ATR
   */
  power(
    action: number,
    capacity: number = action === SCARD_POWER_DOWN ? 0 : MAXIMUM_ATR_LENGTH,
  ): MaybePromise<CardAnswer> {
    return this.#ask(
      IOCTL_SMARTCARD_POWER,
      action,
      capacity,
      (status) => this.#powerEnded(action, status),
    );
  }

  #powerEnded(action: number, status: number): void {
    // Whoever asked for an ATR in vain may ask again: the card shows as it is.
    const isFirst = this.fresh;
    if (status !== STATUS_NO_MEDIA) this.fresh = false;
    if (UNTOUCHED.has(status)) return;
    const answered = ntSuccess(status);
    // The first reset takes nothing from anybody: nobody can have used the card before.
    if (!isFirst) this.resets++;
    this.protocol = 0;
    if (action === SCARD_POWER_DOWN) {
      if (answered) this.powered = false;
      return;
    }
    this.powered = answered;
    this.mute = !answered;
    this.atr = answered
      ? this.#io.systemBuffer.slice(0, this.#io.information)
      : null;
  }

  /**
   * Sends IOCTL_SMARTCARD_SET_PROTOCOL; on success {@linkcode protocol} is what the
   * reader selected.
   *
   * @param mask SCARD_PROTOCOL_* bits
   * @param capacity bytes of room for the selected protocol
   */
  setProtocol(mask: number, capacity = 4): MaybePromise<CardAnswer> {
    return this.#ask(
      IOCTL_SMARTCARD_SET_PROTOCOL,
      mask,
      capacity,
      (status) => {
        if (!ntSuccess(status) || this.#io.information < 4) return;
        this.protocol = readU32le(this.#io.systemBuffer, 0);
      },
    );
  }

  #ask(
    ioControlCode: number,
    input: number,
    capacity: number,
    ended: (status: number) => void,
  ): MaybePromise<CardAnswer> {
    const { session } = this;
    writeU32le(this.#io.systemBuffer, 0, input);
    return chain(
      this.#io.request(ioControlCode, 4, capacity),
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
