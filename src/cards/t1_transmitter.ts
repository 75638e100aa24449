import type { CardOutput } from "./contact_card.ts";
import type { Edc } from "./edc.ts";
import {
  encodeT1Block,
  pcbI,
  pcbR,
  pcbS,
  type T1Supervision,
} from "./t1_block.ts";
import type { T1LastInformation } from "./t1_rules.ts";

/** IFSD until the reader announces another, also after RESYNCH (11.4.2). */
const DEFAULT_IFSD = 32;
const NOTHING = new Uint8Array(0);

/** What the card sends: numbers its I-blocks, cuts the response, and keeps what may be wanted again. */
export class T1Transmitter {
  readonly #edc: Edc;
  readonly #output: CardOutput;
  #number = 0;
  #response: Uint8Array = NOTHING;
  #lastI: T1LastInformation | null = null;
  #lastR: Uint8Array | null = null;
  /** NAD of the reader's last valid block. */
  nad = 0;
  /** Bytes of INF that the reader takes. */
  ifsd: number = DEFAULT_IFSD;

  /** Blocks end with `edc` and go to `output`, each in one piece. */
  constructor(edc: Edc, output: CardOutput) {
    this.#edc = edc;
    this.#output = output;
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
    this.#response = NOTHING;
    this.#lastI = null;
  }

  /** The reader has acknowledged the last I-block. */
  acknowledged(): void {
    this.#lastI = null;
  }

  /** Begins to send a response. */
  startResponse(response: Uint8Array): void {
    this.#response = response;
    this.sendI();
  }

  /** Sends the next part of the response, not longer than IFSD. */
  sendI(): void {
    const inf = this.#response.subarray(0, this.ifsd);
    this.#response = this.#response.subarray(inf.length);
    const more = this.#response.length > 0;
    const number = this.#number;
    const bytes = this.#encode(pcbI(number, more), inf);
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
    const bytes = this.#encode(pcbR(number, error), NOTHING);
    this.#lastR = bytes;
    this.#output(bytes.slice());
  }

  /** Sends the R-block again if that was the last block sent (rule 7.2). */
  repeatR(): boolean {
    const last = this.#lastR;
    if (last === null) return false;
    this.#output(last.slice());
    return true;
  }

  /** Makes an S-block; `value` counts for IFS and WTX. */
  makeS(type: T1Supervision, response: boolean, value: number): Uint8Array {
    const hasValue = type === "ifs" || type === "wtx";
    const inf = hasValue ? Uint8Array.of(value) : NOTHING;
    return this.#encode(pcbS(type, response), inf);
  }

  /** Sends a block made before that is no R-block. */
  send(bytes: Uint8Array): void {
    this.#lastR = null;
    this.#output(bytes.slice());
  }

  #encode(pcb: number, inf: Uint8Array): Uint8Array {
    // The answer swaps SAD and DAD (11.3.2.1).
    const nad = (this.nad & 7) << 4 | this.nad >> 4;
    return encodeT1Block(nad, pcb, inf, this.#edc);
  }
}
