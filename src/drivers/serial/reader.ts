/**
 * A reader on a serial port.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import {
  type ContactSlot,
  contactSlot,
  installContactCallbacks,
} from "../../contact_reader/mod.ts";
import {
  guardedDeviceControl,
  type Irp,
  RDF_CARD_TRACKING,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SmartcardAcquireRemoveLock,
  SmartcardCompleteCardTracking,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  SmartcardLogError,
  SmartcardReleaseRemoveLockAndWait,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  statusName,
  systemSleep,
  systemWake,
} from "../../smclib/mod.ts";
import { PhoenixLink } from "./phoenix_link.ts";
import { phoenixSettings } from "./phoenix_options.ts";
import { describeReader } from "./reader_description.ts";
import {
  type ReaderSettings,
  readerSettings,
  type SerialReaderOptions,
  slotState,
} from "./reader_options.ts";
import type { LineState, SerialPort } from "./serial_port.ts";
import { openSerialPort } from "./open_serial_port.ts";

/**
 * A Phoenix or Smartmouse reader: a card slot on a serial port, which does nothing
 * itself. T=0 and T=1, both conventions, PPS to the speeds that the port makes of the
 * crystal's clock.
 *
 * The card contact of the slot is on an input line. When the port fails for good, as an
 * unplugged USB adaptor does, the card is gone and the reader closes itself: all
 * requests end with `STATUS_DEVICE_REMOVED`.
 *
 * @example
 * ```ts ignore
 * await using reader = await SerialReader.open({
 *   path: "/dev/ttyUSB0",
 *   clockKhz: 3579.545,
 *   cardDetect: "cts",
 * });
 * ```
 */
export class SerialReader implements ReaderDevice, AsyncDisposable {
  /** Kernel-style name: `\Device\Serial0`. */
  readonly deviceName: string;
  /** What the driver library knows of the reader. */
  readonly extension: SmartcardExtension = new SmartcardExtension();
  readonly #port: SerialPort;
  readonly #link: PhoenixLink;
  readonly #slot: ContactSlot;
  readonly #settings: ReaderSettings;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  /** The lines as the reader knows them; null where no line tells of cards. */
  #seen: LineState | null;
  #closed: Promise<void> | null = null;

  private constructor(port: SerialPort, options: SerialReaderOptions) {
    this.#settings = readerSettings({ ...options, path: undefined, port });
    this.#port = port;
    this.deviceName = `\\Device\\Serial${this.#settings.unitNo}`;
    describeReader(this.extension, this.#settings, phoenixSettings(options));
    this.#link = new PhoenixLink(port, options, (error) => this.#lose(error));
    this.#slot = contactSlot(options.wrapLink?.(this.#link) ?? this.#link);
    this.#installCallbacks();
    // After the link has set the lines, on which the adaptor lives.
    this.#seen = this.#readLines();
    this.extension.readerCapabilities.currentState = slotState(
      this.#settings,
      this.#seen,
    );
    const status = SmartcardInitialize(this.extension);
    if (status !== STATUS_SUCCESS) {
      throw new Error(
        `Cannot open a serial reader: SmartcardInitialize ended with ${
          statusName(status)
        }, expected STATUS_SUCCESS`,
      );
    }
    this.extension.osData.deviceObject = this;
    this.#watching = this.#watch();
  }

  /**
   * Opens a reader. The card in it, if there is one, stays in reset.
   *
   * @param options port, adaptor and names
   * @returns the reader; close it, or bind it with `await using`
   * @throws {SerialPortError} when the port cannot be opened, or lacks lines or speed
   * @throws {RangeError | TypeError} naming the option that is wrong
   * @throws {Deno.errors.NotCapable} without `--allow-ffi`, when it is to open the port itself
   */
  static async open(options: SerialReaderOptions): Promise<SerialReader> {
    readerSettings(options);
    phoenixSettings(options);
    const port = options.port ?? openSerialPort(options.path ?? "");
    try {
      return new SerialReader(port, options);
    } catch (error) {
      await port.close();
      throw error;
    }
  }

  /**
   * Hands the request to `SmartcardDeviceControl`.
   *
   * @returns the NTSTATUS it ended with; `STATUS_DEVICE_REMOVED` once the reader is closing
   */
  deviceControl(irp: Irp): number | Promise<number> {
    return guardedDeviceControl(this.extension, irp);
  }

  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup(): void {
    SmartcardCompleteCardTracking(this.extension, STATUS_CANCELLED);
  }

  /**
   * Deactivates the card and closes the port: requests still under way end with
   * `STATUS_DEVICE_REMOVED`. A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The system goes to sleep: a card that is in is powered down. */
  sleep(): MaybePromise<void> {
    return systemSleep(this.extension);
  }

  /** The system wakes: the card contact is read anew, and a card that is in counts as a new one. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    this.#slot.generation++;
    this.#link.cardGone();
    try {
      // The watch finds nothing new in what is seen here.
      this.#seen = this.#readLines();
      systemWake(
        this.extension,
        slotState(this.#settings, this.#seen) > SCARD_ABSENT,
      );
    } catch (error) {
      this.#lose(error);
    }
  }

  #installCallbacks(): void {
    installContactCallbacks(this.extension, this.#slot);
    // The lines are watched all the time: there is nothing to arm.
    this.extension.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  }

  #readLines(): LineState | null {
    return this.#settings.cardDetect === "none" ? null : this.#port.lineState();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (this.#seen !== null) {
        const lines = await this.#port.waitForLineChange(this.#seen, {
          signal,
        });
        if (signal.aborted) return;
        this.#onLines(this.#seen, lines);
      }
    } catch (error) {
      if (!signal.aborted) this.#lose(error);
    }
  }

  /** A card that went and came back between two looks is another one, too. */
  #onLines(before: LineState, after: LineState): void {
    const { cardDetect } = this.#settings;
    this.#seen = after;
    if (cardDetect === "none") return;
    const state = slotState(this.#settings, after);
    const hasMoved =
      before.changes?.[cardDetect] !== after.changes?.[cardDetect];
    if (state !== slotState(this.#settings, before)) this.#setPresence(state);
    else if (hasMoved && state === SCARD_PRESENT) {
      this.#setPresence(SCARD_ABSENT);
      this.#setPresence(SCARD_PRESENT);
    }
  }

  /** Tells of a card event in one step: state, generation, the waiting request. */
  #setPresence(state: number): void {
    this.#slot.generation++;
    this.extension.readerCapabilities.currentState = state;
    SmartcardCompleteCardTracking(this.extension);
    // Last, since a port that is gone says so here.
    this.#link.cardGone();
  }

  #lose(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    SmartcardLogError(this, STATUS_DEVICE_REMOVED, String(error));
    if (this.extension.readerCapabilities.currentState > SCARD_ABSENT) {
      this.#setPresence(SCARD_ABSENT);
    }
    this.close().catch((problem) =>
      SmartcardLogError(this, STATUS_DEVICE_REMOVED, String(problem))
    );
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    SmartcardAcquireRemoveLock(this.extension);
    // First, so that no request in the queue finds a reader that merely lost its card.
    SmartcardExit(this.extension);
    this.#slot.generation++;
    this.#link.cardGone();
    // A request may wait for the port, which only its close ends.
    await Promise.all([
      this.#port.close(),
      SmartcardReleaseRemoveLockAndWait(this.extension),
      this.#watching,
      this.#link.done,
    ]);
  }
}
