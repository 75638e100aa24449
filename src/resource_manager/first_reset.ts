/**
 * The first reset of a card, which tells its ATR.
 *
 * @module
 */

import { SCARD_COLD_RESET } from "../smclib/mod.ts";
import type { CardSlot } from "./card_slot.ts";
import type { ReaderIo } from "./reader_io.ts";

/** Powers cards that have just come in, one reset for all who want it. */
export class FirstReset {
  #io: ReaderIo;
  #slot: CardSlot;
  #ended: () => void;
  #running: Promise<void> | null = null;

  /**
   * Nothing is powered yet.
   *
   * @param ended called after each first reset, when its outcome is known
   */
  constructor(io: ReaderIo, slot: CardSlot, ended: () => void) {
    this.#io = io;
    this.#slot = slot;
    this.#ended = ended;
  }

  /** Powers the card if it is fresh; ends when the outcome is known to everybody. */
  async run(): Promise<void> {
    if (!this.#slot.fresh) return;
    this.#running ??= this.#power();
    await this.#running;
  }

  async #power(): Promise<void> {
    const slot = this.#slot;
    try {
      let session: number;
      do {
        session = slot.session;
        await this.#io.run(() =>
          slot.fresh ? slot.power(SCARD_COLD_RESET) : null
        );
        // Meanwhile another card may have come in.
      } while (slot.fresh && slot.session !== session);
    } finally {
      this.#running = null;
    }
    this.#ended();
  }
}
