/**
 * When a card repeats, complains, or falls silent (ISO/IEC 7816-3 11.6.3.2).
 *
 * @module
 */

import type { T1Supervision } from "./t1_block.ts";
import type { T1Outstanding } from "./t1_rules.ts";
import type { T1Transmitter } from "./t1_transmitter.ts";

/** Answers to invalid blocks in a row, before the card goes silent. */
const DEFAULT_ATTEMPTS = 2;

/** Rules 7 and 8 of ISO/IEC 7816-3 11.6.3.2 from the card's side: what is repeated, how often, and when the card gives up. */
export class T1Recovery {
  readonly #sender: T1Transmitter;
  readonly #attempts: number;
  #failures = 0;
  #isSilent = false;
  #outstanding: T1Outstanding | null = null;

  /** Repeats through `sender`, at most `attempts` times in a row. */
  constructor(sender: T1Transmitter, attempts: number = DEFAULT_ATTEMPTS) {
    this.#sender = sender;
    this.#attempts = attempts;
  }

  /** Whether the card waits for S(RESYNCH request) (rule 7.4.3). */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The S request that awaits its response. */
  get outstanding(): T1Outstanding | null {
    return this.#outstanding;
  }

  /** No failures, no request. */
  initialise(): void {
    this.#failures = 0;
    this.#isSilent = false;
    this.#outstanding = null;
  }

  /** A valid block came. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Sends an S request and waits for its response. */
  request(type: T1Supervision, value: number): void {
    const bytes = this.#sender.makeS(type, false, value);
    const repeatsLeft = type === "ifs" ? 1 : this.#attempts; // rule 8
    this.#outstanding = { type, value, bytes, repeatsLeft };
    this.#sender.send(bytes);
  }

  /** The request is through or given up. */
  endRequest(): T1Outstanding | null {
    const request = this.#outstanding;
    this.#outstanding = null;
    return request;
  }

  /** Answers an invalid block; `expected` is N(S) of the reader's next I-block. */
  recover(expected: number, error: number): void {
    if (this.#hasFailed()) return;
    const request = this.#outstanding;
    if (request === null) {
      this.#sender.sendR(expected, error); // rules 7.1, 7.2, 7.3b, 7.5
    } else if (request.repeatsLeft > 0) {
      request.repeatsLeft--;
      this.#sender.send(request.bytes); // rule 7.3a
    }
    // else rule 8: the request for a new IFSC is given up, the card listens.
  }

  /** Answers an R-block that acknowledges nothing. */
  recoverUnmatched(expected: number): void {
    if (this.#hasFailed() || this.#sender.repeatR()) return; // rule 7.2
    this.#sender.sendR(expected, 0); // rules 7.3b, 7.5
  }

  #hasFailed(): boolean {
    this.#isSilent ||= ++this.#failures > this.#attempts;
    return this.#isSilent;
  }
}
