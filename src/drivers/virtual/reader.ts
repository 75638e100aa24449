/**
 * A reader without hardware.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import {
  type Irp,
  RDF_CARD_TRACKING,
  RDF_TRANSMIT,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SmartcardCompleteCardTracking,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  statusName,
  systemSleep,
  systemWake,
} from "../../smclib/mod.ts";
import {
  type ContactSlot,
  contactSlot,
  installContactCallbacks,
  type LinkFault,
  systemTimer,
} from "../../contact_reader/mod.ts";
import { Contacts, type InsertableCard } from "./contacts.ts";
import { ReaderFaults } from "./faults.ts";
import { Mechanics } from "./mechanics.ts";
import { describeReader, type VirtualReaderOptions } from "./options.ts";

/**
 * A smart card reader in memory: character level, T=0 and T=1, direct and inverse
 * convention, PPS. Cards are put in and taken out at run time, and the link to them
 * has the faults that it is given.
 */
export class VirtualReader implements ReaderDevice, Disposable {
  /** Kernel-style name: `\Device\Virtual0`. */
  readonly deviceName: string;
  /** What the driver library knows of the reader. */
  readonly extension: SmartcardExtension = new SmartcardExtension();
  readonly #contacts: Contacts;
  readonly #faults: ReaderFaults;
  readonly #slot: ContactSlot;
  readonly #mechanics: Mechanics;
  readonly #confiscated: InsertableCard[] = [];
  #power: "on" | "falling" | "off" = "on";

  /** Makes an empty reader. @throws {RangeError} when a name is too long, maxIfsdBytes out of range, or a fault none */
  constructor(options: VirtualReaderOptions = {}) {
    const timer = options.timer ?? systemTimer;
    this.#contacts = new Contacts(timer);
    const { faults = [], onFault, wrapLink } = options;
    const isWrapped = wrapLink !== undefined;
    this.#faults = new ReaderFaults(this.#contacts, faults, isWrapped, {
      timer,
      onFault,
      remove: () => this.remove(),
      protocol: () => this.#protocol(),
    });
    const { link } = this.#faults;
    this.#slot = contactSlot(wrapLink?.(link) ?? link);
    this.deviceName = `\\Device\\Virtual${options.unitNo ?? 0}`;
    describeReader(this.extension, options);
    this.#installCallbacks();
    this.#mechanics = new Mechanics(this.extension, {
      hasCard: () => this.card !== null,
      eject: () => this.remove(),
      confiscate: () => this.#confiscate(),
    }, options.mechanics ?? {});
    const status = SmartcardInitialize(this.extension);
    if (status !== STATUS_SUCCESS) {
      throw new Error(
        `Cannot make a virtual reader: SmartcardInitialize ended with ${
          statusName(status)
        }, expected STATUS_SUCCESS`,
      );
    }
    this.extension.osData.deviceObject = this;
  }

  #protocol(): "t0" | "t1" | null {
    const { selected } = this.extension.cardCapabilities.protocol;
    if (selected === SCARD_PROTOCOL_T1) return "t1";
    return selected === SCARD_PROTOCOL_T0 ? "t0" : null;
  }

  #installCallbacks(): void {
    const { readerFunction } = this.extension;
    installContactCallbacks(this.extension, this.#slot);
    const transmit = readerFunction[RDF_TRANSMIT]!;
    readerFunction[RDF_TRANSMIT] = (ext) => {
      this.#faults.beginExchange();
      return transmit(ext);
    };
    // Insertion and removal are calls of this class: there is nothing to arm.
    readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  }

  /** The card that is in. */
  get card(): InsertableCard | null {
    return this.#contacts.card;
  }

  /** The cards that were confiscated, in their order. */
  get confiscated(): readonly InsertableCard[] {
    return [...this.#confiscated];
  }

  /** The faults of the link that are not over. */
  get faults(): readonly LinkFault[] {
    return this.#faults.faults;
  }

  /**
   * Gives the link other faults in place of those before, at any moment; an empty list
   * ends all of them.
   *
   * @throws {RangeError} `Cannot read link fault: ...` when they are none; those before stay then
   */
  inject(faults: readonly LinkFault[]): void {
    const { link } = this.#faults;
    this.#faults.inject(faults);
    // The first faults wrap the link.
    if (this.#slot.link === link) this.#slot.link = this.#faults.link;
  }

  /** Puts a card in. @throws {TypeError} when one is in already */
  insert(card: InsertableCard): void {
    if (this.#contacts.card !== null) {
      throw new TypeError(
        `Cannot insert a card into ${this.deviceName}: one is in, expected none`,
      );
    }
    this.#slot.generation++;
    this.#mechanics.cardMoved();
    this.extension.readerCapabilities.cardConfiscated = false;
    this.#contacts.insert(card);
    this.#setPresence(SCARD_PRESENT);
  }

  /** Takes the card out, at any moment; returns it, or null if there was none. */
  remove(): InsertableCard | null {
    const { card } = this.#contacts;
    if (card === null) return null;
    this.#slot.generation++;
    this.#mechanics.cardMoved();
    this.extension.readerCapabilities.currentState = SCARD_ABSENT;
    this.#contacts.remove();
    this.#faults.cardGone();
    this.#setPresence(SCARD_ABSENT);
    return card;
  }

  #confiscate(): void {
    const { card } = this.#contacts;
    if (card === null) return;
    this.#confiscated.push(card);
    this.remove();
  }

  #setPresence(state: number): void {
    this.extension.readerCapabilities.currentState = state;
    // A reader that is off notices nothing: waking makes up for it.
    if (this.#power !== "off") SmartcardCompleteCardTracking(this.extension);
  }

  /** Hands the request to `SmartcardDeviceControl`. */
  deviceControl(irp: Irp): number | Promise<number> {
    return SmartcardDeviceControl(this.extension, irp);
  }

  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup(): void {
    SmartcardCompleteCardTracking(this.extension, STATUS_CANCELLED);
  }

  /**
   * The system goes to sleep, once the request under way has ended: a card in is
   * powered down, and until {@linkcode wake} requests end with
   * `STATUS_DEVICE_POWERED_OFF`. Cards still come and go, unseen.
   */
  sleep(): MaybePromise<void> {
    if (this.#power === "on") this.#power = "falling";
    return chain(systemSleep(this.extension), () => {
      if (this.#power === "falling") this.#power = "off";
    });
  }

  /**
   * The system wakes: the card, if one is in, is PRESENT and wants a reset, and a
   * waiting tracking request ends if there was a card before or is one now.
   */
  wake(): void {
    this.#power = "on";
    this.#mechanics.cardMoved();
    systemWake(this.extension, this.card !== null);
  }

  /** Unplugs the reader: what still waits ends with `STATUS_DEVICE_REMOVED`. */
  [Symbol.dispose](): void {
    SmartcardCompleteCardTracking(this.extension, STATUS_DEVICE_REMOVED);
    this.remove();
    this.#faults.cardGone();
    SmartcardExit(this.extension);
  }
}
