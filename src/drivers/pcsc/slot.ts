/**
 * What the driver keeps of its own beside the extension: the card, and whether it is in.
 *
 * @module
 */

import {
  SCARD_ABSENT,
  SCARD_PRESENT,
  SCARD_PROTOCOL_UNDEFINED,
  SmartcardCompleteCardTracking,
  type SmartcardExtension,
} from "../../smclib/mod.ts";
import type { PcscCard } from "./card.ts";
import { PcscState } from "./codes.ts";
import { LATE, within } from "./deadline.ts";

/**
 * Presence of the card, as the watcher and the answers to requests tell it. The watcher
 * may be behind: it can still report a card whose removal a request has shown.
 */
export class PcscSlot {
  /** The extension of the reader. */
  readonly ext: SmartcardExtension;
  /** The connection to the card. */
  readonly card: PcscCard;
  /** Grows with each removal: an answer that comes after one belongs to a card that has gone. */
  generation = 0;
  readonly #round: () => number;
  /** Insertions and removals as the service counted them when the card was last seen. */
  #counter = 0;
  /** The look of the watcher under way when a request found the card gone: it may show it still. */
  #staleRound = -1;
  #removal = Promise.withResolvers<void>();

  /**
   * The empty slot of a reader.
   *
   * @param round number of the watcher's look that is under way
   */
  constructor(ext: SmartcardExtension, card: PcscCard, round: () => number) {
    this.ext = ext;
    this.card = card;
    this.#round = round;
    ext.readerCapabilities.currentState = SCARD_ABSENT;
  }

  /**
   * The watcher has seen the reader.
   *
   * @param eventState of SCARD_READERSTATE
   * @param round number of its look
   */
  seen(eventState: number, round: number): void {
    const counter = eventState >>> 16;
    const isStale = round <= this.#staleRound && counter === this.#counter;
    const isOut = (eventState & PcscState.PRESENT) === 0 ||
      (eventState & (PcscState.UNAVAILABLE | PcscState.UNKNOWN)) !== 0;
    // Another count, and a card then as now: it was exchanged unseen.
    if (this.#isPresent && (isOut || counter !== this.#counter)) this.#remove();
    this.#counter = counter;
    if (!isOut && !this.#isPresent && !isStale) this.#insert();
  }

  /** A request has found the card gone. */
  removed(): void {
    if (!this.#isPresent) return;
    this.#staleRound = this.#round();
    this.#remove();
  }

  /** The session has ended, the card is still in: it wants a reset. */
  voided(): void {
    if (!this.#isPresent) return;
    this.ext.readerCapabilities.currentState = SCARD_PRESENT;
    this.ext.cardCapabilities.protocol.selected = SCARD_PROTOCOL_UNDEFINED;
  }

  /** Whether the card goes within `milliseconds`. */
  async goesWithin(milliseconds: number): Promise<boolean> {
    const { generation } = this;
    return await within(this.#removal.promise, milliseconds) !== LATE ||
      this.generation !== generation;
  }

  /** The reader leaves: nobody waits any more, and late answers count for nothing. */
  leave(): void {
    this.generation++;
    this.#removal.resolve();
  }

  get #isPresent(): boolean {
    return this.ext.readerCapabilities.currentState > SCARD_ABSENT;
  }

  #insert(): void {
    this.ext.readerCapabilities.currentState = SCARD_PRESENT;
    SmartcardCompleteCardTracking(this.ext);
  }

  #remove(): void {
    this.generation++;
    this.ext.readerCapabilities.currentState = SCARD_ABSENT;
    this.card.drop();
    this.#removal.resolve();
    this.#removal = Promise.withResolvers();
    SmartcardCompleteCardTracking(this.ext);
  }
}
