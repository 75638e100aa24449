/**
 * A reader whose cards come over TCP and speak the vpcd protocol of vsmartcard.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import {
  guardedDeviceControl,
  type Irp,
  type ReaderDevice,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SmartcardAcquireRemoveLock,
  SmartcardCompleteCardTracking,
  SmartcardExit,
  SmartcardExtension,
  SmartcardReleaseRemoveLockAndWait,
  STATUS_CANCELLED,
  STATUS_SUCCESS,
  statusName,
  systemSleep,
  systemWake,
} from "../../smclib/mod.ts";
import type { VpcdSlot } from "./callbacks.ts";
import { initializeExtension } from "./extension.ts";
import type { VpcdConnection } from "./connection.ts";
import { ConnectingDoor, ListeningDoor, type VpcdDoor } from "./door.ts";
import {
  checkConnectOptions,
  type CheckedOptions,
  checkOptions,
  type VpcdReaderConnectOptions,
  type VpcdReaderOptions,
} from "./options.ts";

/**
 * A smart card reader whose slot is a TCP connection. It listens on a loopback port, and a virtual card
 * (vicc, jCardSim, PersoSim, Android's Smart Card Emulator) is inserted by connecting; or it connects to a
 * card that listens (`vicc -R`). Disconnecting removes the card. Further cards wait until the one in
 * has gone; of several that come to an empty slot, the first to tell its ATR is in.
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
  /** Address that cards connect to, or that the card listens on. */
  readonly hostname: string;
  /** TCP port that cards connect to, or that the card listens on. */
  readonly port: number;

  readonly #ext = new SmartcardExtension();
  readonly #slot: VpcdSlot;
  readonly #serving: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  readonly #end = new AbortController();
  #closing: Promise<void> | null = null;
  /** The last sleep asked for, which may still wait for a request to end; null when awake. */
  #nap: object | null = null;
  #isAsleep = false;
  /** The waking under way: the card takes one request at a time. */
  #waking: Promise<void> | null = null;

  private constructor(
    checked: CheckedOptions,
    signal: AbortSignal | undefined,
    listener: Deno.TcpListener | null,
  ) {
    const { apduTimeoutMs, atrTimeoutMs, hostname } = checked;
    const port = listener?.addr.port ?? checked.port;
    const way = listener === null ? `to ${hostname}:${port}` : `${port}`;
    this.#slot = { card: null, apduTimeoutMs, atrTimeoutMs };
    this.hostname = hostname;
    this.port = port;
    this.name = checked.name ?? `Virtual PCD ${way}`;
    this.deviceName = `\\Device\\Vpcd${way.replace("to ", "To")}`;
    const door = {
      deviceName: this.deviceName,
      atrTimeoutMs,
      signal: this.#end.signal,
      onEnd: (card: VpcdConnection) => this.#onRemoval(card),
    };
    const cards = listener === null
      ? new ConnectingDoor({ hostname, port }, checked.longestPauseMs, door)
      : new ListeningDoor(listener, door);
    const status = initializeExtension(
      this.#ext,
      checked.unitNo,
      port,
      this.#slot,
    );
    if (status !== STATUS_SUCCESS) {
      this.#end.abort();
      throw new Error(
        `Cannot open vpcd reader: SmartcardInitialize ended with ${
          statusName(status)
        }, expected STATUS_SUCCESS`,
      );
    }
    this.#ext.osData.deviceObject = this;
    this.#signal = signal;
    this.#signal?.addEventListener("abort", this.#onAbort);
    this.#serving = this.#serve(cards);
  }

  /**
   * Opens a reader and begins to listen for a card, on the loopback alone: whoever may connect is a card.
   *
   * @param options port, address, name, deadlines, signal
   * @returns the reader; close it, or bind it with `await using`
   * @throws {RangeError} when an option is out of its range, or the address not loopback
   * @throws {Deno.errors.AddrInUse} when another program listens on the port
   */
  static listen(options: VpcdReaderOptions = {}): VpcdReader {
    options.signal?.throwIfAborted();
    const checked = checkOptions(options);
    const { hostname, port } = checked;
    const listener = Deno.listen({ transport: "tcp", hostname, port });
    return new VpcdReader(checked, options.signal, listener);
  }

  /**
   * Opens a reader for a card that listens. While there is none the slot is empty and the reader tries
   * again, after pauses that grow to `longestPauseMs`.
   *
   * @param options address of the card, name, deadlines, signal
   * @returns the reader at once; close it, or bind it with `await using`
   * @throws {RangeError} when an option is out of its range, or the address not loopback and `allowRemote` not set
   */
  static connect(options: VpcdReaderConnectOptions = {}): VpcdReader {
    options.signal?.throwIfAborted();
    return new VpcdReader(checkConnectOptions(options), options.signal, null);
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

  /** The system goes to sleep: the card is powered down. Cards that come and go meanwhile are noted, and told by {@linkcode wake}. */
  sleep(): MaybePromise<void> {
    const nap = {};
    this.#nap = nap;
    return chain(systemSleep(this.#ext), () => {
      if (this.#nap === nap) this.#isAsleep = true;
    });
  }

  /**
   * The system wakes: a card in is asked for its ATR, as the only way to know that it still is; then tracking
   * ends if there was a card or is one now. The reader is off until this settles, `atrTimeoutMs` at most.
   * A second call waits for the first.
   */
  wake(): Promise<void> {
    this.#nap = null;
    this.#waking ??= this.#wake().finally(() => {
      this.#waking = null;
    });
    return this.#waking;
  }

  async #wake(): Promise<void> {
    const { card, atrTimeoutMs } = this.#slot;
    // Awake, there may be a request under way, and the card would take no second one.
    if (this.#isAsleep) await card?.readAtr(atrTimeoutMs);
    // Sent to sleep again meanwhile.
    if (this.#nap !== null) return;
    this.#isAsleep = false;
    systemWake(this.#ext, this.#slot.card !== null);
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

  /** One card after the other: the next is not let in before the last has gone. */
  async #serve(door: VpcdDoor): Promise<void> {
    let card: VpcdConnection | null;
    while ((card = await door.nextCard()) !== null) {
      if (this.#end.signal.aborted) card.close();
      if (card.isOpen) {
        this.#slot.card = card;
        this.#tell(SCARD_PRESENT);
      }
      await card.done;
    }
  }

  #onRemoval(card: VpcdConnection): void {
    if (this.#slot.card !== card) return;
    this.#slot.card = null;
    // At the reader's own end the library answers the waiting request: the device is removed.
    if (!this.#end.signal.aborted) this.#tell(SCARD_ABSENT);
  }

  /** A reader that is off tells nothing; what it missed is told when it wakes. */
  #tell(state: number): void {
    if (this.#isAsleep) return;
    this.#ext.readerCapabilities.currentState = state;
    SmartcardCompleteCardTracking(this.#ext);
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    SmartcardAcquireRemoveLock(this.#ext);
    // First, so that no request in the queue finds a reader that merely lost its card.
    SmartcardExit(this.#ext);
    this.#end.abort();
    this.#slot.card?.close();
    await SmartcardReleaseRemoveLockAndWait(this.#ext);
    await this.#serving;
  }
}
