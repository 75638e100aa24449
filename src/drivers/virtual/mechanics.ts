/**
 * What a virtual reader can do with the card itself.
 *
 * @module
 */

import { chain } from "../../bytes.ts";
import {
  RDF_CARD_CONFISCATE,
  RDF_CARD_EJECT,
  RDF_CARD_POWER,
  RDF_READER_SWALLOW,
  RDF_SET_PROTOCOL,
  SCARD_PRESENT,
  SCARD_READER_CONFISCATES,
  SCARD_READER_EJECTS,
  SCARD_READER_SWALLOWS,
  SCARD_SWALLOWED,
  type SmartcardExtension,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../../smclib/mod.ts";

/** What the reader can do with the card itself; the request for anything else ends with `STATUS_NOT_SUPPORTED`. */
export interface VirtualMechanics {
  /** Draws a card in (IOCTL_SMARTCARD_SWALLOW): it is SWALLOWED then instead of PRESENT, until it leaves; default false. */
  readonly swallows?: boolean;
  /** Puts a card out (IOCTL_SMARTCARD_EJECT); default true. */
  readonly ejects?: boolean;
  /** Keeps a card (IOCTL_SMARTCARD_CONFISCATE): it leaves the slot and lies in `VirtualReader.confiscated`; default false. */
  readonly confiscates?: boolean;
}

/** What the mechanics move. */
export interface MechanicsSlot {
  /** Whether a card is in. */
  readonly hasCard: () => boolean;
  /** Takes the card out. */
  readonly eject: () => void;
  /** Takes the card out and keeps it. */
  readonly confiscate: () => void;
}

/** The mechanics of a reader. */
export class Mechanics {
  readonly #ext: SmartcardExtension;
  readonly #slot: MechanicsSlot;
  #isDrawnIn = false;

  /** Fills the slots of what the reader can do, and `mechProperties`. RDF_CARD_POWER and RDF_SET_PROTOCOL must be filled. */
  constructor(
    ext: SmartcardExtension,
    slot: MechanicsSlot,
    { swallows = false, ejects = true, confiscates = false }: VirtualMechanics,
  ) {
    this.#ext = ext;
    this.#slot = slot;
    const { readerCapabilities, readerFunction } = ext;
    readerCapabilities.mechProperties = (swallows ? SCARD_READER_SWALLOWS : 0) |
      (ejects ? SCARD_READER_EJECTS : 0) |
      (confiscates ? SCARD_READER_CONFISCATES : 0);
    if (ejects) readerFunction[RDF_CARD_EJECT] = () => this.#move(slot.eject);
    if (swallows) this.#installSwallow();
    if (confiscates) {
      readerFunction[RDF_CARD_CONFISCATE] = () =>
        this.#move(() => {
          // Before the tracking request learns of it.
          readerCapabilities.cardConfiscated = true;
          slot.confiscate();
        });
    }
  }

  /** A card came in, or left: none is drawn in. */
  cardMoved(): void {
    this.#isDrawnIn = false;
  }

  #move(how: () => void): number {
    if (!this.#slot.hasCard()) return STATUS_NO_MEDIA;
    how();
    return STATUS_SUCCESS;
  }

  #installSwallow(): void {
    const { readerFunction } = this.#ext;
    readerFunction[RDF_READER_SWALLOW] = () =>
      this.#move(() => {
        this.#isDrawnIn = true;
        this.#settle();
      });
    // Without power a card that was drawn in is still in its place (smclib: PRESENT or SWALLOWED).
    for (const slot of [RDF_CARD_POWER, RDF_SET_PROTOCOL]) {
      const callback = readerFunction[slot]!;
      readerFunction[slot] = (ext) =>
        chain(callback(ext), (status) => {
          this.#settle();
          return status;
        });
    }
  }

  #settle(): void {
    const { readerCapabilities } = this.#ext;
    if (this.#isDrawnIn && readerCapabilities.currentState === SCARD_PRESENT) {
      readerCapabilities.currentState = SCARD_SWALLOWED;
    }
  }
}
