/**
 * Waiting for a serial port of Linux on other threads.
 *
 * @module
 */

import type { Libc } from "./libc.ts";

const POLLIN = 1;
const POLLOUT = 4;
/**
 * A wait in `poll` lasts no longer before it begins anew. Data and `wake` end it at
 * once; the limit is for a program that ends without closing.
 */
const POLL_SLICE_MS = 1000;

/** What waits for a descriptor, which must stay open meanwhile. */
export class PortWaits {
  readonly #libc: Libc;
  readonly #wakeFd: number;
  readonly #readable: Uint8Array<ArrayBuffer>;
  readonly #writable: Uint8Array<ArrayBuffer>;
  readonly #waits = new Set<Promise<unknown>>();

  /** Waits for `fd`; the event descriptor `wakeFd` ends all waits. */
  constructor(libc: Libc, fd: number, wakeFd: number) {
    this.#libc = libc;
    this.#wakeFd = wakeFd;
    this.#readable = pollSet(fd, POLLIN, wakeFd);
    this.#writable = pollSet(fd, POLLOUT, wakeFd);
  }

  /** Waits until there is something to read, a hangup or {@linkcode wake}; or a second. */
  async readable(): Promise<void> {
    await this.during(
      this.#libc.symbols.poll(this.#readable, 2n, POLL_SLICE_MS),
    );
  }

  /** Waits until there is room to write, a hangup or {@linkcode wake}; or a second. */
  async writable(): Promise<void> {
    await this.during(
      this.#libc.symbols.poll(this.#writable, 2n, POLL_SLICE_MS),
    );
  }

  /** Waits for something else that needs the descriptor. */
  async during<T>(wait: Promise<T>): Promise<T> {
    this.#waits.add(wait);
    try {
      return await wait;
    } finally {
      this.#waits.delete(wait);
    }
  }

  /** Ends the waits, and all later ones at once. */
  wake(): void {
    // An eventfd counts in eight bytes.
    const one = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    this.#libc.symbols.write(this.#wakeFd, one, 8n);
  }

  /** Settles when nothing waits any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#waits);
  }
}

/** Descriptors and wanted events: two of `struct pollfd`. */
function pollSet(
  fd: number,
  events: number,
  wakeFd: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, events, true);
  view.setInt32(8, wakeFd, true);
  view.setInt16(12, POLLIN, true);
  return bytes;
}
