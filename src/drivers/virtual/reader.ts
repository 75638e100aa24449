/**
 * A reader without hardware.
 *
 * @module
 */

import {
  ansiBytes,
  type Irp,
  RDF_CARD_EJECT,
  RDF_CARD_TRACKING,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_EJECTS,
  SCARD_READER_TYPE_VENDOR,
  SmartcardCompleteCardTracking,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  SMCLIB_VERSION,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
  statusName,
} from "../../smclib/mod.ts";
import {
  type CardLink,
  type ContactSlot,
  contactSlot,
  installContactCallbacks,
  systemTimer,
  type Timer,
} from "../../contact_reader/mod.ts";
import { Contacts, type InsertableCard } from "./contacts.ts";

/** Options of a virtual reader. */
export interface VirtualReaderOptions {
  /** Manufacturer, at most 32 characters; default "deno-smartcard". */
  vendorName?: string;
  /** Model, at most 32 characters; default "Virtual Reader". */
  ifdType?: string;
  /** Number among its kind; default 0. */
  unitNo?: number;
  /** Longest T=1 information field it takes, in bytes, 1 to 254; default 254. */
  maxIfsdBytes?: number;
  /** Clocks that it can give the card, in kHz, ascending; default 4000 only. */
  clocksKhz?: readonly number[];
  /** Speeds in bits per second, ascending; default: 4 MHz x D / F for F = 372 and 512, 10 753 to 344 086. */
  dataRatesBitsPerSecond?: readonly number[];
  /** Wraps the link to the card: a tracer, a recorder. */
  wrapLink?: (link: CardLink) => CardLink;
  /** How to wait for a card that takes its time; default: the runtime's timer. */
  timer?: Timer;
}

/** Rates of 4 MHz x D / F for 372 and 512 and the usual D. */
// deno-fmt-ignore
const DATA_RATES: readonly number[] = [
  10753, 15625, 21505, 31250, 43011, 62500, 86022, 93750, 125000, 129032,
  156250, 172043, 215054, 250000, 344086,
];

/**
 * A smart card reader in memory: character level, T=0 and T=1, direct and inverse
 * convention, PPS. Cards are put in and taken out at run time.
 */
export class VirtualReader implements ReaderDevice, Disposable {
  /** Kernel-style name: `\Device\Virtual0`. */
  readonly deviceName: string;
  /** What the driver library knows of the reader. */
  readonly extension: SmartcardExtension = new SmartcardExtension();
  readonly #contacts: Contacts;
  readonly #slot: ContactSlot;

  /** Makes an empty reader. @throws {RangeError} when a name is too long or maxIfsdBytes out of range */
  constructor(options: VirtualReaderOptions = {}) {
    this.#contacts = new Contacts(options.timer ?? systemTimer);
    this.#slot = contactSlot(
      options.wrapLink?.(this.#contacts) ?? this.#contacts,
    );
    this.deviceName = `\\Device\\Virtual${options.unitNo ?? 0}`;
    this.#describe(options);
    this.#installCallbacks();
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

  #describe(options: VirtualReaderOptions): void {
    const { vendorAttr, readerCapabilities: reader } = this.extension;
    const maxIfsdBytes = options.maxIfsdBytes ?? 254;
    if (
      !(
        Number.isInteger(maxIfsdBytes) && maxIfsdBytes >= 1 &&
        maxIfsdBytes <= 254
      )
    ) {
      throw new RangeError(
        `Cannot make a virtual reader: maxIfsdBytes is ${maxIfsdBytes}, expected 1 to 254`,
      );
    }
    const clocks = options.clocksKhz ?? [4000];
    const rates = options.dataRatesBitsPerSecond ?? DATA_RATES;
    this.extension.version = SMCLIB_VERSION;
    vendorAttr.vendorName = ansiBytes(options.vendorName ?? "deno-smartcard");
    vendorAttr.ifdType = ansiBytes(options.ifdType ?? "Virtual Reader");
    vendorAttr.unitNo = options.unitNo ?? 0;
    reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    reader.readerType = SCARD_READER_TYPE_VENDOR;
    reader.mechProperties = SCARD_READER_EJECTS;
    reader.currentState = SCARD_ABSENT;
    reader.clkFrequency.default = clocks[0];
    reader.clkFrequency.max = clocks[clocks.length - 1];
    reader.clkFrequenciesSupported.list = clocks;
    reader.clkFrequenciesSupported.entries = clocks.length;
    reader.dataRate.default = rates[0];
    reader.dataRate.max = rates[rates.length - 1];
    reader.dataRatesSupported.list = rates;
    reader.dataRatesSupported.entries = rates.length;
    reader.maxIfsd = maxIfsdBytes;
    reader.powerMgmtSupport = 1;
    // A card that talks on beyond its block must be noticed.
    this.extension.smartcardReply.bufferSize = 1024;
  }

  #installCallbacks(): void {
    const { readerFunction } = this.extension;
    installContactCallbacks(this.extension, this.#slot);
    // Insertion and removal are calls of this class: there is nothing to arm.
    readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
    readerFunction[RDF_CARD_EJECT] = () => {
      if (this.#contacts.card === null) return STATUS_NO_MEDIA;
      this.remove();
      return STATUS_SUCCESS;
    };
  }

  /** The card that is in. */
  get card(): InsertableCard | null {
    return this.#contacts.card;
  }

  /** Puts a card in. @throws {TypeError} when one is in already */
  insert(card: InsertableCard): void {
    if (this.#contacts.card !== null) {
      throw new TypeError(
        `Cannot insert a card into ${this.deviceName}: one is in, expected none`,
      );
    }
    this.#slot.generation++;
    this.#contacts.insert(card);
    this.#setPresence(SCARD_PRESENT);
  }

  /** Takes the card out, at any moment; returns it, or null if there was none. */
  remove(): InsertableCard | null {
    const { card } = this.#contacts;
    if (card === null) return null;
    this.#slot.generation++;
    this.extension.readerCapabilities.currentState = SCARD_ABSENT;
    this.#contacts.remove();
    this.#setPresence(SCARD_ABSENT);
    return card;
  }

  #setPresence(state: number): void {
    this.extension.readerCapabilities.currentState = state;
    SmartcardCompleteCardTracking(this.extension);
  }

  /** Hands the request to `SmartcardDeviceControl`. */
  deviceControl(irp: Irp): number | Promise<number> {
    return SmartcardDeviceControl(this.extension, irp);
  }

  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup(): void {
    SmartcardCompleteCardTracking(this.extension, STATUS_CANCELLED);
  }

  /** Unplugs the reader: what still waits ends with `STATUS_DEVICE_REMOVED`. */
  [Symbol.dispose](): void {
    SmartcardCompleteCardTracking(this.extension, STATUS_DEVICE_REMOVED);
    this.remove();
    SmartcardExit(this.extension);
  }
}
