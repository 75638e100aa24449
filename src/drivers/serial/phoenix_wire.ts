/**
 * The one wire of a Phoenix adaptor: what the port sends comes back, and the card
 * speaks on it, too.
 *
 * @module
 */

import { CharacterQueue } from "./character_queue.ts";
import type { PhoenixSettings } from "./phoenix_options.ts";
import {
  type OutputLines,
  type SerialPort,
  SerialPortError,
} from "./serial_port.ts";

/** How characters are on the wire now. */
export interface WireSettings {
  /** Bits per second. */
  readonly baudRate: number;
  /** Odd for inverse convention, where all nine bits are inverted. */
  readonly parity: "even" | "odd";
  /** Stop bits. */
  readonly stopBits: 1 | 2;
  /** Least time from the start of a character sent to that of the next, in etu; 12 or 11 need no pause. */
  readonly guardEtu: number;
}

/** When a UART hands over a character, in etu after its start. */
const RECEIVED_ETU = 10.5;
/** Start bit, eight data bits, parity. */
const FRAME_BITS = 10;
/** Between the starts of two characters of opposite directions: BGT (ISO/IEC 7816-3 11.4.3); T=0 asks less. */
const TURN_ETU = 22;
/** A pause so long that nobody speaks any more, when what was said is not known. */
const QUIET_ETU = 44;
/** No block and no answer is longer; a card that says more is not waited for. */
const MOST_CHARACTERS = 600;
/** A port that takes nothing for so long has failed for good, in milliseconds beyond the length of what is sent. */
const STUCK_MS = 10_000;
/** Failures of a device that is gone, or of a port closed. */
const GONE = ["EIO", "ENXIO", "ENODEV", "EBADF", "EPIPE"];

/** Sends with its echo taken off, and collects what the card says. */
export class PhoenixWire {
  /** What came and was no echo. */
  readonly queue: CharacterQueue;
  readonly #port: SerialPort;
  readonly #options: PhoenixSettings;
  readonly #onLost: (error: unknown) => void;
  #settings: WireSettings;
  #isLost = false;
  /** Settles when the port has ended. */
  readonly done: Promise<void>;

  /** Begins to listen. @param onLost told once when the port fails for good or is closed */
  constructor(
    port: SerialPort,
    options: PhoenixSettings,
    settings: WireSettings,
    onLost: (error: unknown) => void,
  ) {
    this.#port = port;
    this.#options = options;
    this.#settings = settings;
    this.#onLost = onLost;
    this.queue = new CharacterQueue(options.timer);
    this.done = this.#listen();
  }

  /** What is in force. */
  get settings(): WireSettings {
    return this.#settings;
  }

  /** Whether the port is gone. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Takes over settings. @returns what is wrong with them, or null */
  configure(settings: WireSettings): string | null {
    const { baudRate, parity, stopBits } = settings;
    this.#settings = settings;
    return this.#try(() =>
      this.#port.configure({
        baudRate,
        parity,
        stopBits,
        marksDamage: this.#options.checkParity,
      })
    );
  }

  /** Sets lines. */
  setLines(lines: OutputLines): void {
    this.#try(() => this.#port.setLines(lines));
  }

  /** Drops all that has come. */
  flush(): void {
    this.#try(() => this.#port.flush("input"));
    this.queue.clear();
  }

  /** Waits. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.timer(Math.ceil(milliseconds), resolve);
    });
  }

  /** Milliseconds of `etu` elementary time units. */
  milliseconds(etu: number): number {
    return etu * 1000 / this.#settings.baudRate;
  }

  /** Waits after a character of the card until it listens; the guard time counts from there, too. */
  turn(): Promise<void> {
    const etu = Math.max(TURN_ETU, this.#settings.guardEtu);
    return this.pause(this.milliseconds(etu - RECEIVED_ETU));
  }

  /** Waits until nobody speaks any more, and forgets what was said. */
  async quiet(): Promise<void> {
    const { hostLatencyMs } = this.#options;
    this.queue.clear();
    await this.queue.wait(MOST_CHARACTERS, {
      totalMs: this.milliseconds(MOST_CHARACTERS * FRAME_BITS) + hostLatencyMs,
      gapMs: this.milliseconds(QUIET_ETU) + hostLatencyMs,
    });
    this.queue.clear();
  }

  /**
   * Sends `bytes` and takes their echo off. What comes behind it stays in the queue.
   *
   * @param isOver looked at between characters: whether nobody wants them any more
   * @returns what is wrong with the echo, or null
   */
  async send(
    bytes: Uint8Array,
    isOver: () => boolean,
  ): Promise<string | null> {
    const { guardEtu, stopBits } = this.#settings;
    this.flush();
    if (guardEtu <= FRAME_BITS + stopBits) {
      return await this.#sendAtOnce(bytes, isOver);
    }
    // The echo of each character tells when it was sent, however late the port sends it.
    const pauseMs = this.milliseconds(guardEtu - RECEIVED_ETU);
    for (let i = 0; i < bytes.length; i++) {
      if (i > 0) await this.pause(pauseMs);
      if (isOver()) return null;
      const problem = await this.#sendAtOnce(bytes.subarray(i, i + 1), isOver);
      if (problem !== null) return problem;
    }
    return null;
  }

  async #sendAtOnce(
    bytes: Uint8Array,
    isOver: () => boolean,
  ): Promise<string | null> {
    const { stopBits } = this.#settings;
    const sendMs = this.milliseconds((FRAME_BITS + stopBits) * bytes.length);
    const problem = await this.#write(bytes, sendMs + STUCK_MS);
    if (problem !== null) return problem;
    const waitMs = sendMs + this.#options.hostLatencyMs;
    await this.queue.wait(bytes.length, { totalMs: waitMs, gapMs: waitMs });
    if (isOver() || this.#isLost) return null;
    return this.#takeEcho(bytes);
  }

  /** Hands `bytes` to the port. @returns what is wrong, or null */
  async #write(bytes: Uint8Array, limitMs: number): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const cancel = this.#options.timer(Math.ceil(limitMs), () => {
      const { path } = this.#port;
      const text = `nothing taken for ${STUCK_MS} ms`;
      const error = new SerialPortError("write to", path, "ETIMEDOUT", text);
      this.#lose(error);
      resolve(error.message);
    });
    const write = async () => await this.#port.write(bytes);
    write().then(
      () => resolve(null),
      (error) => resolve(this.#failed(error)),
    );
    const problem = await promise;
    cancel();
    return problem;
  }

  #takeEcho(bytes: Uint8Array): string | null {
    const count = Math.min(bytes.length, this.queue.length);
    for (let i = 0; i < count; i++) {
      const character = this.queue.at(i);
      if (character === bytes[i]) continue;
      // Neither value is told: it may be part of a PIN.
      const parity = character > 0xFF ? " with a wrong parity" : "";
      return `collision, another value${parity} came back as character ${i}, expected the one sent`;
    }
    if (count < bytes.length) {
      return `${count} characters came back, expected ${bytes.length}`;
    }
    this.queue.drop(count);
    return null;
  }

  async #listen(): Promise<void> {
    const characters = new Uint16Array(512);
    try {
      for (;;) {
        const count = await this.#port.read(characters);
        if (count === 0) break;
        this.queue.push(characters, count);
      }
      const { path } = this.#port;
      this.#lose(new SerialPortError("read", path, "EBADF", "closed"));
    } catch (error) {
      this.#lose(error);
    }
  }

  #try(action: () => void): string | null {
    if (this.#isLost) return "the port is gone";
    try {
      action();
      return null;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): string {
    const isPort = error instanceof SerialPortError;
    if (!isPort || GONE.includes(error.code)) this.#lose(error);
    return error instanceof Error ? error.message : String(error);
  }

  #lose(error: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.queue.interrupt();
    this.#onLost(error);
  }
}
