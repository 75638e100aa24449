/**
 * The blocks that a card sends, kept for repetition.
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import type { CardOutput } from "./contact_card.ts";
import type { Edc } from "./edc.ts";
import { pcbI, pcbR, pcbS, type T1Supervision } from "./t1_block.ts";
import { T1BlockBuffer } from "./t1_block_buffer.ts";
import type { T1LastInformation } from "./t1_rules.ts";

/** IFSD until the reader announces another, also after RESYNCH (11.4.2). */
const DEFAULT_IFSD = 32;
/** What the card sends: numbers its I-blocks, cuts the response, and keeps what may be wanted again. */
export class T1Transmitter {
  readonly #output: CardOutput;
  // One for each kind: a block is not overwritten while it may be repeated.
  readonly #information: T1BlockBuffer;
  readonly #receiveReady: T1BlockBuffer;
  readonly #supervisory: T1BlockBuffer;
  #number = 0;
  #response: Uint8Array = NO_BYTES;
  /** Bytes of the response that went out. */
  #sent = 0;
  #lastI: T1LastInformation | null = null;
  #lastR: Uint8Array | null = null;
  /** NAD of the reader's last valid block. */
  nad = 0;
  /** Bytes of INF that the reader takes. */
  ifsd: number = DEFAULT_IFSD;

  /** Blocks end with `edc` and go to `output`, each in one piece. */
  constructor(edc: Edc, output: CardOutput) {
    this.#output = output;
    this.#information = new T1BlockBuffer(edc);
    this.#receiveReady = new T1BlockBuffer(edc);
    this.#supervisory = new T1BlockBuffer(edc);
  }

  /** The last I-block, until the reader has acknowledged it. */
  get lastI(): T1LastInformation | null {
    return this.#lastI;
  }

  /** N(S) = 0, nothing to send, IFSD unknown. */
  initialise(): void {
    this.#number = 0;
    this.ifsd = DEFAULT_IFSD;
    this.#lastR = null;
    this.endChain();
  }

  /** The rest of the response is void, nothing is outstanding. */
  endChain(): void {
    this.#response = NO_BYTES;
    this.#sent = 0;
    this.#lastI = null;
  }

  /** The reader has acknowledged the last I-block. */
  acknowledged(): void {
    this.#lastI = null;
  }

  /** Begins to send a response. */
  startResponse(response: Uint8Array): void {
    this.#response = response;
    this.#sent = 0;
    this.sendI();
  }

  /** Sends the next part of the response, not longer than IFSD. */
  sendI(): void {
    const response = this.#response;
    const start = this.#sent;
    const end = Math.min(start + this.ifsd, response.length);
    const more = end < response.length;
    const number = this.#number;
    const bytes = this.#information.make(
      this.#nodes,
      pcbI(number, more),
      response,
      start,
      end,
    );
    this.#sent = end;
    this.#number ^= 1;
    this.#lastI = { bytes, number, more };
    this.send(bytes);
  }

  /** Sends the last I-block again, byte for byte. */
  repeatI(): void {
    if (this.#lastI !== null) this.send(this.#lastI.bytes);
  }

  /** Sends R(number) with error bits. */
  sendR(number: number, error: number): void {
    const bytes = this.#receiveReady.make(this.#nodes, pcbR(number, error));
    this.#lastR = bytes;
    this.#output(bytes);
  }

  /** Sends the R-block again if that was the last block sent (rule 7.2). */
  repeatR(): boolean {
    const last = this.#lastR;
    if (last === null) return false;
    this.#output(last);
    return true;
  }

  /** Makes an S-block, valid until the next one is made; `value` counts for IFS and WTX. */
  makeS(type: T1Supervision, response: boolean, value: number): Uint8Array {
    const hasValue = type === "ifs" || type === "wtx";
    const inf = hasValue ? Uint8Array.of(value) : NO_BYTES;
    return this.#supervisory.make(this.#nodes, pcbS(type, response), inf);
  }

  /** Sends a block made before that is no R-block. */
  send(bytes: Uint8Array): void {
    this.#lastR = null;
    this.#output(bytes);
  }

  /** NAD of an answer: SAD and DAD swapped (11.3.2.1). */
  get #nodes(): number {
    return (this.nad & 7) << 4 | this.nad >> 4;
  }
}
