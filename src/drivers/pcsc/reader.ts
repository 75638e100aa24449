/**
 * One reader of the operating system's PC/SC service.
 *
 * @module
 */

import {
  guardedDeviceControl,
  type Irp,
  type ReaderDevice,
  SmartcardAcquireRemoveLock,
  SmartcardCompleteCardTracking,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  SmartcardLogError,
  SmartcardReleaseRemoveLockAndWait,
  SMCLIB_VERSION,
  STATUS_CANCELLED,
  STATUS_SUCCESS,
  statusName,
} from "../../smclib/mod.ts";
import {
  describeReader,
  type PcscAttributes,
  READER_ATTRIBUTES,
} from "./attributes.ts";
import { installCallbacks } from "./callbacks.ts";
import { PcscCard } from "./card.ts";
import { PcscCode, PcscError } from "./codes.ts";
import type { PcscLibrary } from "./library.ts";
import type { CheckedOptions } from "./options.ts";
import { PcscSlot } from "./slot.ts";
import type { PcscWatcher } from "./watcher.ts";

/**
 * How long a reader may take to tell its attributes, in milliseconds: a connection to it
 * waits for other programs' transactions, and its name will do.
 */
const ATTRIBUTES_MS = 2000;

/**
 * A reader of the PC/SC service as a device of the driver library. The link carries
 * APDUs: the service and the reader run T=0 and T=1, and a T=0 card's 61xx and 6Cxx come
 * back as they are. Made by `PcscService.reader`.
 *
 * - A cold reset connects if need be, then reconnects with SCARD_UNPOWER_CARD; a warm one
 *   reconnects with SCARD_RESET_CARD; power-down disconnects with SCARD_UNPOWER_CARD.
 * - When another program resets the card, the next exchange ends with
 *   `STATUS_INVALID_DEVICE_STATE`, and the card is `SCARD_PRESENT`: it wants a reset.
 * - Vendor codes go to the reader's driver by SCardControl: `SCARD_CTL_CODE(n)` as
 *   pcsc-lite's 0x42000000 + n. The list of features (`CM_IOCTL_GET_FEATURE_REQUEST`)
 *   comes back with codes that this reader takes.
 * - An exchange ends with its answer, its deadline, the card's removal or the reader's
 *   close; the service cannot give it up half-way.
 */
export class PcscReader implements ReaderDevice, AsyncDisposable {
  /** Kernel-style name: `\Device\Pcsc` and the service's name. */
  readonly deviceName: string;
  /** Name in the service, for example `Alcor Micro AU9560 00 00`. */
  readonly name: string;

  readonly #ext = new SmartcardExtension();
  readonly #card: PcscCard;
  readonly #slot: PcscSlot;
  readonly #detach: () => void;
  readonly #onClose: (closed: Promise<void>) => void;
  #closing: Promise<void> | null = null;

  private constructor(
    name: string,
    card: PcscCard,
    attributes: PcscAttributes,
    watcher: PcscWatcher,
    onClose: (closed: Promise<void>) => void,
  ) {
    this.name = name;
    this.#onClose = onClose;
    this.deviceName = `\\Device\\Pcsc ${name}`;
    this.#card = card;
    this.#ext.version = SMCLIB_VERSION;
    describeReader(this.#ext, name, attributes);
    this.#slot = new PcscSlot(this.#ext, card, () => watcher.round);
    installCallbacks(this.#slot);
    const status = SmartcardInitialize(this.#ext);
    if (status !== STATUS_SUCCESS) {
      throw new Error(
        `Cannot open the reader ${JSON.stringify(name)}: SmartcardInitialize ` +
          `ended with ${statusName(status)}, expected STATUS_SUCCESS`,
      );
    }
    this.#ext.osData.deviceObject = this;
    const detach = watcher.table.attach(name, {
      seen: (eventState, round) => this.#slot.seen(eventState, round),
      left: () => this.#leave(),
    }, watcher.round);
    if (detach === null) {
      SmartcardExit(this.#ext);
      throw new PcscError(
        PcscCode.E_UNKNOWN_READER,
        `open the reader ${JSON.stringify(name)}`,
        "SCardGetStatusChange",
      );
    }
    this.#detach = detach;
  }

  /**
   * Opens a reader: asks for its attributes, without a card and without disturbing one.
   *
   * @param onClose told when the reader begins to close, and when that will have ended
   * @throws {PcscError} SCARD_E_UNKNOWN_READER when there is no such reader
   * @internal
   */
  static async open(
    library: PcscLibrary,
    watcher: PcscWatcher,
    name: string,
    options: CheckedOptions,
    onClose: (closed: Promise<void>) => void,
  ): Promise<PcscReader> {
    const card = new PcscCard(library, name, options);
    try {
      const attributes = await card.attributes(
        READER_ATTRIBUTES,
        Math.min(ATTRIBUTES_MS, options.powerTimeoutMs),
      );
      return new PcscReader(name, card, attributes, watcher, onClose);
    } catch (error) {
      await card.close();
      throw error;
    }
  }

  /**
   * Hands the request to `SmartcardDeviceControl`.
   *
   * @returns the NTSTATUS it ended with; `STATUS_DEVICE_REMOVED` once the reader is closing
   */
  deviceControl(irp: Irp): number | Promise<number> {
    return guardedDeviceControl(this.#ext, irp);
  }

  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup(): void {
    SmartcardCompleteCardTracking(this.#ext, STATUS_CANCELLED);
  }

  /**
   * Gives the reader back: requests under way end with `STATUS_DEVICE_REMOVED`, and the
   * card is powered down, unless other programs use it with us. A second call waits for
   * the first.
   */
  close(): Promise<void> {
    if (this.#closing === null) {
      this.#closing = this.#close();
      this.#onClose(this.#closing);
    }
    return this.#closing;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The reader or the service has left. */
  #leave(): void {
    this.close().catch((error) =>
      SmartcardLogError(
        this.deviceName,
        0,
        `Cannot close the reader: ${error}`,
      )
    );
  }

  async #close(): Promise<void> {
    SmartcardAcquireRemoveLock(this.#ext);
    this.#detach();
    // First, so that no request in the queue finds a reader that merely lost its card.
    SmartcardExit(this.#ext);
    this.#slot.leave();
    await this.#card.close();
    await SmartcardReleaseRemoveLockAndWait(this.#ext);
  }
}
