/**
 * Answers and signals to a client, in order. A client that does not read is given up
 * after a while, so that nothing piles up.
 *
 * @module
 */

import type { Timers } from "../../resource_manager/mod.ts";

/** Where bytes are written to. */
export interface Writable {
  /** Writes some of `bytes`; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes one message after the other. */
export class Sender {
  #target: Writable;
  #timers: Timers;
  #limitMs: number;
  #stuck: (error: unknown) => void;
  #queue: Uint8Array[] = [];
  #draining: Promise<void> | null = null;
  #closed = false;

  /**
   * Nothing is written yet.
   *
   * @param limitMs milliseconds that a write may take
   * @param stuck called when one took longer, or failed; nothing is written any more
   */
  constructor(
    target: Writable,
    timers: Timers,
    limitMs: number,
    stuck: (error: unknown) => void,
  ) {
    this.#target = target;
    this.#timers = timers;
    this.#limitMs = limitMs;
    this.#stuck = stuck;
  }

  /** Writes a message when those before it are written; the promise resolves when nothing is left to write. */
  send(message: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#queue.push(message);
    this.#draining ??= this.#drain().finally(() => this.#draining = null);
    return this.#draining;
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
  }

  async #drain(): Promise<void> {
    const timer = this.#timers.set(() => {
      this.#fail(
        new Error(
          `Cannot write to a client: it has not read for ${this.#limitMs} ms, expected it to`,
        ),
      );
    }, this.#limitMs);
    try {
      for (;;) {
        const message = this.#queue.shift();
        if (message === undefined) return;
        let written = 0;
        while (written < message.length && !this.#closed) {
          written += await this.#target.write(
            written === 0 ? message : message.subarray(written),
          );
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#timers.clear(timer);
    }
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#stuck(error);
  }
}
