/**
 * A serial port in memory, with a simulated adaptor on it.
 *
 * @module
 */

import {
  linesChanged,
  type LineState,
  type OutputLines,
  type SerialPort,
  SerialPortError,
  type SerialQueue,
  type SerialSettings,
} from "../../../src/drivers/serial/mod.ts";
import type { SimulatedPhoenix } from "./simulated_phoenix.ts";

/** The port; `unplug` is what happens to USB adaptors. */
export class SimulatedPort implements SerialPort {
  readonly path = "/dev/ttySimulated7";
  /** Refuses settings; null takes them all. */
  refuses: ((settings: SerialSettings) => boolean) | null = null;
  isClosed = false;
  readonly #adaptor: SimulatedPhoenix;
  #received: number[] = [];
  #failure: SerialPortError | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(adaptor: SimulatedPhoenix) {
    this.#adaptor = adaptor;
    adaptor.onDetect = () => this.#wake();
    adaptor.onCharacter = (character) => {
      this.#received.push(character);
      this.#wake();
    };
  }

  /** The device goes away. */
  unplug(): void {
    this.#failure = new SerialPortError("use", this.path, "EIO", "unplugged");
    this.#wake();
  }

  configure(settings: SerialSettings): void {
    this.#check();
    if (this.refuses?.(settings)) {
      throw new SerialPortError("configure", this.path, "EINVAL");
    }
    this.#adaptor.settings = settings;
  }

  async read(target: Uint16Array): Promise<number> {
    while (this.#received.length === 0) {
      if (this.isClosed) return 0;
      this.#check();
      await this.#change();
    }
    const count = Math.min(target.length, this.#received.length);
    target.set(this.#received.splice(0, count));
    return count;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#check();
    this.#adaptor.hostSends(bytes.slice());
    return Promise.resolve();
  }

  setLines(lines: OutputLines): void {
    this.#check();
    this.#adaptor.setLines(lines);
  }

  lineState(): LineState {
    this.#check();
    return this.#adaptor.lineState();
  }

  async waitForLineChange(
    seen: LineState,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<LineState> {
    const wake = () => this.#wake();
    signal?.addEventListener("abort", wake);
    try {
      for (;;) {
        signal?.throwIfAborted();
        const now = this.lineState();
        if (linesChanged(seen, now)) return now;
        await this.#change();
      }
    } finally {
      signal?.removeEventListener("abort", wake);
    }
  }

  flush(queue: SerialQueue): void {
    this.#check();
    if (queue !== "output") this.#received = [];
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#wake();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.isClosed) throw new SerialPortError("use", this.path, "EBADF");
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
