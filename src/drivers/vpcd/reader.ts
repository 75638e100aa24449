/**
 * A reader whose cards come over TCP and speak the vpcd protocol of vsmartcard.
 *
 * @module
 */

import {
  ansiBytes,
  type Irp,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_READER_TYPE_VENDOR,
  SmartcardAcquireRemoveLock,
  SmartcardCompleteCardTracking,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardExtension,
  SmartcardInitialize,
  SmartcardLogError,
  SmartcardReleaseRemoveLock,
  SmartcardReleaseRemoveLockAndWait,
  SMCLIB_VERSION,
  STATUS_CANCELLED,
  STATUS_DEVICE_REMOVED,
  STATUS_SUCCESS,
  statusName,
  T1_IFSD,
} from "../../smclib/mod.ts";
import { installCallbacks, type VpcdSlot } from "./callbacks.ts";
import { VpcdConnection } from "./connection.ts";
import { checkOptions, type VpcdReaderOptions } from "./options.ts";

/** Pauses after an accept that failed: the first, and the longest. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1000;

/**
 * A smart card reader that listens on a loopback port. A virtual card (vicc, jCardSim,
 * PersoSim, Android's Smart Card Emulator) is inserted by connecting, and removed by
 * disconnecting. Further cards wait in the listen queue until the one in has gone.
 *
 * The link carries APDUs: the card runs T=0 or T=1 itself, if at all. An exchange ends
 * with its answer, its deadline, the card's removal or the reader's close; a caller
 * cannot cancel it half-way, since the late answer would meet the next command.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { VpcdReader } from "./mod.ts";
 *
 * await using reader = VpcdReader.listen({ port: 0 });
 * // A card connects with: vicc --hostname 127.0.0.1 --port <reader.port>
 * assert.ok(reader.port > 0);
 * ```
 */
export class VpcdReader implements ReaderDevice, AsyncDisposable {
  /** Kernel-style name with the port: `\Device\Vpcd35963`. */
  readonly deviceName: string;
  /** Name for people. */
  readonly name: string;
  /** Loopback address that cards connect to. */
  readonly hostname: string;
  /** TCP port that cards connect to. */
  readonly port: number;

  readonly #listener: Deno.TcpListener;
  readonly #ext = new SmartcardExtension();
  readonly #slot: VpcdSlot;
  readonly #serving: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  #closing: Promise<void> | null = null;
  #isClosing = false;
  #endPause: () => void = () => {};

  private constructor(options: VpcdReaderOptions) {
    const checked = checkOptions(options);
    this.#slot = {
      card: null,
      apduTimeoutMs: checked.apduTimeoutMs,
      atrTimeoutMs: checked.atrTimeoutMs,
    };
    this.#listener = Deno.listen({
      transport: "tcp",
      hostname: checked.hostname,
      port: checked.port,
    });
    this.hostname = checked.hostname;
    this.port = this.#listener.addr.port;
    this.name = checked.name ?? `Virtual PCD ${this.port}`;
    this.deviceName = `\\Device\\Vpcd${this.port}`;
    this.#initialize(checked.unitNo);
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort);
    this.#serving = this.#serve();
  }

  /**
   * Opens a reader and begins to listen for a card.
   *
   * @param options port, address, name, deadlines, signal
   * @returns the reader; close it, or bind it with `await using`
   * @throws {RangeError} when an option is out of its range, or the address not loopback
   * @throws {Deno.errors.AddrInUse} when another program listens on the port
   */
  static listen(options: VpcdReaderOptions = {}): VpcdReader {
    options.signal?.throwIfAborted();
    return new VpcdReader(options);
  }

  /**
   * Hands the request to `SmartcardDeviceControl`.
   *
   * @returns the NTSTATUS it ended with; `STATUS_DEVICE_REMOVED` once the reader is closing
   */
  deviceControl(irp: Irp): number | Promise<number> {
    if (SmartcardAcquireRemoveLock(this.#ext) !== STATUS_SUCCESS) {
      irp.complete(STATUS_DEVICE_REMOVED);
      return STATUS_DEVICE_REMOVED;
    }
    const status = SmartcardDeviceControl(this.#ext, irp);
    if (status instanceof Promise) {
      return status.finally(() => SmartcardReleaseRemoveLock(this.#ext));
    }
    SmartcardReleaseRemoveLock(this.#ext);
    return status;
  }

  /** The opener goes away: a waiting tracking request ends with `STATUS_CANCELLED`. */
  cleanup(): void {
    SmartcardCompleteCardTracking(this.#ext, STATUS_CANCELLED);
  }

  /**
   * Removes card and reader: requests still under way end with `STATUS_DEVICE_REMOVED`.
   * A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #onAbort = (): void => {
    this.close();
  };

  #initialize(unitNo: number): void {
    const ext = this.#ext;
    ext.version = SMCLIB_VERSION;
    ext.vendorAttr.vendorName = ansiBytes("deno-smartcard");
    ext.vendorAttr.ifdType = ansiBytes("Virtual PCD");
    ext.vendorAttr.unitNo = unitNo;
    const reader = ext.readerCapabilities;
    reader.supportedProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    reader.readerType = SCARD_READER_TYPE_VENDOR;
    reader.channel = this.port;
    reader.currentState = SCARD_ABSENT;
    // No clock runs here; these are the values of a plain contact reader (kHz, bit/s).
    reader.clkFrequency.default = reader.clkFrequency.max = 3580;
    reader.dataRate.default = reader.dataRate.max = 9600;
    reader.maxIfsd = T1_IFSD;
    installCallbacks(ext, this.#slot);
    const status = SmartcardInitialize(ext);
    if (status !== STATUS_SUCCESS) {
      this.#listener.close();
      throw new Error(
        `Cannot open vpcd reader: SmartcardInitialize ended with ${
          statusName(status)
        }, expected STATUS_SUCCESS`,
      );
    }
    ext.osData.deviceObject = this;
  }

  /** One card after the other: the next is not accepted before the last has gone. */
  async #serve(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#isClosing) {
      try {
        await this.#insert(await this.#accept());
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (this.#isClosing) return;
        // A card may give up while it waits in the queue.
        if (isGone(error)) continue;
        SmartcardLogError(this.deviceName, 0, String(error), this.port);
        // Out of file descriptors, for example: that passes, the reader must not stay deaf.
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS);
      }
    }
  }

  /** Waits; closing ends the wait. */
  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #accept(): Promise<Deno.TcpConn> {
    const link = await this.#listener.accept();
    try {
      if (this.#isClosing) throw new Deno.errors.Interrupted("reader closing");
      // One small frame waits for the other: Nagle's delay would only add up.
      link.setNoDelay(true);
    } catch (error) {
      link.close();
      throw error;
    }
    return link;
  }

  async #insert(link: Deno.TcpConn): Promise<void> {
    const card = new VpcdConnection(link, () => this.#onRemoval(card));
    this.#slot.card = card;
    const status = await card.readAtr(this.#slot.atrTimeoutMs);
    if (status === STATUS_SUCCESS && card.isOpen) {
      this.#ext.readerCapabilities.currentState = SCARD_PRESENT;
      SmartcardCompleteCardTracking(this.#ext);
    }
    await card.done;
  }

  #onRemoval(card: VpcdConnection): void {
    if (this.#slot.card !== card) return;
    this.#slot.card = null;
    const reader = this.#ext.readerCapabilities;
    const wasPresent = reader.currentState !== SCARD_ABSENT;
    reader.currentState = SCARD_ABSENT;
    // At the reader's own end the library answers the waiting request: the device is removed.
    if (wasPresent && !this.#isClosing) {
      SmartcardCompleteCardTracking(this.#ext);
    }
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    this.#endPause();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    SmartcardAcquireRemoveLock(this.#ext);
    this.#listener.close();
    // First, so that no request in the queue finds a reader that merely lost its card.
    SmartcardExit(this.#ext);
    this.#slot.card?.close();
    await SmartcardReleaseRemoveLockAndWait(this.#ext);
    await this.#serving;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
