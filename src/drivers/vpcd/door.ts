/**
 * How a card comes to a reader: it connects, or it listens and the reader connects.
 *
 * @module
 */

import { SmartcardLogError, STATUS_SUCCESS } from "../../smclib/mod.ts";
import { VpcdConnection, type VpcdLink } from "./connection.ts";
import { Acceptor, dial, type VpcdAddress } from "./links.ts";
import { GrowingPause } from "./pause.ts";

/** What both doors need to know. */
export interface DoorOptions {
  /** The reader's name, for the log. */
  readonly deviceName: string;
  /** Deadline for a card's first ATR, and for connecting to it, in milliseconds. */
  readonly atrTimeoutMs: number;
  /** Closes the door, and every connection that no card came out of. */
  readonly signal: AbortSignal;
  /** Told when a connection ends, before a waiting request hears of it. */
  readonly onEnd: (card: VpcdConnection) => void;
}

/** Lets in one card after the other. */
export interface VpcdDoor {
  /**
   * The next card, which has told its ATR; null once the door is closed and every connection over that no
   * card came out of. Called when the last card has gone.
   */
  nextCard(): Promise<VpcdConnection | null>;
}

/**
 * Most connections that are asked for an ATR at a time. The first to answer is the card; so a
 * stranger who says nothing keeps no card out.
 */
const MAXIMUM_CANDIDATES = 8;

/** Cards connect. Those that come while one is in wait, and nothing is said to them. */
export class ListeningDoor implements VpcdDoor {
  readonly #options: DoorOptions;
  readonly #acceptor: Acceptor;
  readonly #candidates = new Set<VpcdConnection>();
  /** They told their ATR after another card, which is in. */
  readonly #answered: VpcdConnection[] = [];
  /** Came when a card was in. */
  #early: VpcdLink | null = null;
  #waiter: ((card: VpcdConnection | null) => void) | null = null;
  #accepting: Promise<void> | null = null;
  #drained: Promise<unknown> = Promise.resolve();

  /** Takes over a listener. */
  constructor(listener: Deno.TcpListener, options: DoorOptions) {
    const { deviceName, signal } = options;
    this.#options = options;
    this.#acceptor = new Acceptor(listener, deviceName, signal);
    signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** The next card; null once the door is closed. */
  nextCard(): Promise<VpcdConnection | null> {
    if (this.#options.signal.aborted) return this.#drained.then(() => null);
    const { promise, resolve } = Promise.withResolvers<VpcdConnection | null>();
    this.#waiter = resolve;
    let card: VpcdConnection | undefined;
    while ((card = this.#answered.shift()) !== undefined) {
      if (this.#admit(card)) return promise;
    }
    const early = this.#early;
    this.#early = null;
    if (early !== null) this.#ask(early);
    this.#accept();
    return promise;
  }

  /** Whether the card is in now. */
  #admit(card: VpcdConnection): boolean {
    const waiter = this.#waiter;
    if (!card.isOpen || waiter === null) return false;
    this.#waiter = null;
    waiter(card);
    return true;
  }

  get #needsCards(): boolean {
    return this.#waiter !== null &&
      this.#candidates.size < MAXIMUM_CANDIDATES;
  }

  #accept(): void {
    if (this.#needsCards) this.#accepting ??= this.#acceptWhileNeeded();
  }

  async #acceptWhileNeeded(): Promise<void> {
    while (this.#needsCards) {
      const link = await this.#acceptor.next();
      if (link === null) break;
      if (this.#waiter === null) this.#early = link;
      else this.#ask(link);
    }
    this.#accepting = null;
  }

  async #ask(link: VpcdLink): Promise<void> {
    const card = new VpcdConnection(link, () => this.#options.onEnd(card));
    this.#candidates.add(card);
    const status = await card.readAtr(this.#options.atrTimeoutMs);
    this.#candidates.delete(card);
    if (status !== STATUS_SUCCESS) this.#accept();
    else if (!this.#admit(card) && card.isOpen) this.#answered.push(card);
  }

  #close(): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    this.#early?.close();
    const cards = [...this.#candidates, ...this.#answered];
    for (const card of cards) card.close();
    // The port is free when nobody waits at it any more.
    this.#drained = Promise.all([
      this.#accepting,
      ...cards.map((card) => card.done),
    ]);
    this.#drained.then(() => waiter?.(null));
  }
}

/** The card listens. While there is none, or it does not tell its ATR, the door tries again. */
export class ConnectingDoor implements VpcdDoor {
  readonly #address: VpcdAddress;
  readonly #options: DoorOptions;
  readonly #pause: GrowingPause;
  #candidate: VpcdConnection | null = null;
  #isFirst = true;

  /** @param longestPauseMs longest pause between two attempts, in milliseconds */
  constructor(
    address: VpcdAddress,
    longestPauseMs: number,
    options: DoorOptions,
  ) {
    this.#address = address;
    this.#options = options;
    this.#pause = new GrowingPause(longestPauseMs);
    options.signal.addEventListener("abort", () => this.#candidate?.close(), {
      once: true,
    });
  }

  /** The next card; null once the door is closed. */
  async nextCard(): Promise<VpcdConnection | null> {
    const { signal } = this.#options;
    for (;;) {
      // After a card, too: one that leaves at once must not keep the reader busy.
      if (!this.#isFirst) await this.#pause.wait(signal);
      this.#isFirst = false;
      if (signal.aborted) return null;
      const card = await this.#connect();
      if (card === null) continue;
      this.#pause.reset();
      return card;
    }
  }

  async #connect(): Promise<VpcdConnection | null> {
    const { atrTimeoutMs, deviceName, signal } = this.#options;
    let link: VpcdLink;
    try {
      link = await dial(this.#address, atrTimeoutMs, signal);
    } catch (error) {
      // Nobody listens: no card. All else might be mended by whoever reads the log.
      if (!signal.aborted && !isRefusal(error)) {
        SmartcardLogError(deviceName, 0, String(error), this.#address.port);
      }
      return null;
    }
    const card = new VpcdConnection(link, () => this.#options.onEnd(card));
    this.#candidate = card;
    const status = await card.readAtr(atrTimeoutMs);
    this.#candidate = null;
    if (status === STATUS_SUCCESS && card.isOpen) return card;
    await card.done;
    return null;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused;
}
