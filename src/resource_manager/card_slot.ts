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
import type { ReaderIo } from "./reader_io.ts";

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
  /** Inserted, and not powered up yet. */
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
  /** NTSTATUS of the last power request. */
  powerStatus = 0;
  #io: ReaderIo;

  /**
   * An empty slot.
   *
   * @param io the reader's requests
   */
  constructor(io: ReaderIo) {
    this.#io = io;
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
   * Sends IOCTL_SMARTCARD_POWER. Every connection bound to the card before sees a reset.
   *
   * @param action SCARD_COLD_RESET, SCARD_WARM_RESET or SCARD_POWER_DOWN
   * @returns NTSTATUS
   */
  power(action: number): MaybePromise<number> {
    const session = this.session;
    this.resets++;
    this.protocol = 0;
    this.fresh = false;
    writeU32le(this.#io.systemBuffer, 0, action);
    const capacity = action === SCARD_POWER_DOWN ? 0 : MAXIMUM_ATR_LENGTH;
    return chain(
      this.#io.request(IOCTL_SMARTCARD_POWER, 4, capacity),
      (status) => {
        if (session !== this.session) return STATUS_NO_MEDIA;
        this.#powerEnded(action, status);
        return status;
      },
    );
  }

  #powerEnded(action: number, status: number): void {
    this.powerStatus = status;
    if (action === SCARD_POWER_DOWN) {
      if (ntSuccess(status)) this.powered = false;
      return;
    }
    const answered = ntSuccess(status);
    this.powered = answered;
    this.mute = !answered;
    this.atr = answered
      ? this.#io.systemBuffer.slice(0, this.#io.information)
      : null;
  }

  /**
   * Sends IOCTL_SMARTCARD_SET_PROTOCOL.
   *
   * @param mask SCARD_PROTOCOL_* bits
   * @returns NTSTATUS; on success {@linkcode protocol} is what the reader selected
   */
  setProtocol(mask: number): MaybePromise<number> {
    const session = this.session;
    writeU32le(this.#io.systemBuffer, 0, mask);
    return chain(
      this.#io.request(IOCTL_SMARTCARD_SET_PROTOCOL, 4, 4),
      (status) => {
        if (session !== this.session) return STATUS_NO_MEDIA;
        if (ntSuccess(status)) {
          this.protocol = readU32le(this.#io.systemBuffer, 0);
        }
        return status;
      },
    );
  }
}
