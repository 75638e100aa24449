/**
 * The card's end of T=0 (ISO/IEC 7816-3 clause 10): procedure bytes.
 *
 * @module
 */
import { chain, type MaybePromise } from "../bytes.ts";
import {
  type CardApplication,
  statusBytes,
  waitingTimeOf,
} from "./application.ts";
import type { CardOutput } from "./contact_card.ts";
import {
  type T0Answer,
  T0Transport,
  type T0TransportOptions,
} from "./t0_transport.ts";

/** A procedure byte: NULL, ~INS (one byte is transferred) or INS (all the rest is). */
export type T0ProcedureByte = "null" | "one" | "all";

/** How the card's end of T=0 behaves. */
export interface T0EndpointOptions extends T0TransportOptions {
  /**
   * The procedure bytes of each TPDU in turn, from the start again when they
   * run out while data remain; default `["all"]`. `["one"]` is byte-wise.
   */
  readonly procedure?: readonly T0ProcedureByte[];
  /** NULL bytes before SW1, 0..255; default 0. */
  readonly nullsBeforeStatus?: number;
  /** Ends TPDUs with data from the reader by a status after so many bytes. */
  readonly earlyStatus?: {
    readonly afterBytes: number;
    readonly status: number;
  };
}

const NULL_BYTE = 0x60;
const HEADER_BYTES = 5;

/** The card's side of T=0, fed with characters. */
export class T0Endpoint {
  readonly #application: CardApplication;
  readonly #output: CardOutput;
  readonly #options: T0EndpointOptions;
  readonly #procedure: readonly T0ProcedureByte[];
  readonly #transport: T0Transport;
  #session = 0;
  #busy: Promise<void> | null = null;
  #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  #data = new Uint8Array(0);
  #received = 0;
  /** Data bytes that the last procedure byte called for and that are still to come. */
  #allowed = 0;
  #step = 0;

  /**
   * Begins after a reset.
   *
   * @param application gets C-APDUs
   * @param output takes procedure bytes, data and status
   * @param options see {@linkcode T0EndpointOptions}
   * @throws {RangeError} when the procedure bytes transfer nothing
   */
  constructor(
    application: CardApplication,
    output: CardOutput,
    options: T0EndpointOptions = {},
  ) {
    const procedure = options.procedure ?? ["all"];
    if (!procedure.some((byte) => byte !== "null")) {
      throw new RangeError(
        "Cannot set T=0 option procedure: no transfer found, expected at least one of one and all",
      );
    }
    const nulls = options.nullsBeforeStatus ?? 0;
    if (!Number.isInteger(nulls) || nulls < 0 || nulls > 255) {
      throw new RangeError(
        `Cannot set T=0 option nullsBeforeStatus: ${nulls} found, expected 0 to 255`,
      );
    }
    this.#application = application;
    this.#output = output;
    this.#options = options;
    this.#procedure = procedure;
    this.#transport = new T0Transport(application, options);
  }

  /** Back to the state after the ATR; a command still running loses its answer. */
  reset(): void {
    this.#session++;
    this.#busy = null;
    this.#headerLength = 0;
    this.#transport.reset();
  }

  /** Characters from the reader; those that no procedure byte called for are not heard. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    if (this.#busy !== null) return this.#busy;
    if (bytes.length === 0) return;
    if (this.#headerLength < HEADER_BYTES) return this.#receiveHeader(bytes);
    const part = bytes.subarray(0, this.#allowed);
    this.#data.set(part, this.#received);
    this.#received += part.length;
    this.#allowed -= part.length;
    if (this.#allowed > 0) return;
    return this.#isComplete ? this.#process() : this.#callForData();
  }

  /** The reader gave up in the middle of a TPDU: the next character starts a header. */
  characterTimeout(): void {
    if (this.#busy === null) this.#headerLength = 0;
  }

  get #isComplete(): boolean {
    return this.#received === this.#data.length;
  }

  #receiveHeader(bytes: Uint8Array): MaybePromise<void> {
    const part = bytes.subarray(0, HEADER_BYTES - this.#headerLength);
    this.#header.set(part, this.#headerLength);
    this.#headerLength += part.length;
    if (this.#headerLength < HEADER_BYTES) return;
    const incoming = this.#transport.isIncoming(this.#header);
    this.#data = new Uint8Array(incoming ? this.#header[4] : 0);
    this.#received = 0;
    this.#step = 0;
    return this.#isComplete ? this.#process() : this.#callForData();
  }

  /** Procedure bytes up to the next one that transfers something. */
  #callForData(): void {
    const early = this.#options.earlyStatus;
    if (early !== undefined && this.#received >= early.afterBytes) {
      this.#headerLength = 0;
      this.#output(statusBytes(early.status));
      return;
    }
    const { bytes, transfer } = this.#nextProcedure();
    const remaining = this.#data.length - this.#received;
    this.#allowed = transfer === "all" ? remaining : 1;
    this.#output(Uint8Array.from(bytes));
  }

  #nextProcedure(): { bytes: number[]; transfer: "one" | "all" } {
    const ins = this.#header[1];
    const bytes: number[] = [];
    while (true) {
      const byte = this.#procedure[this.#step++ % this.#procedure.length];
      if (byte === "null") {
        bytes.push(NULL_BYTE);
        continue;
      }
      bytes.push(byte === "all" ? ins : ins ^ 0xff);
      return { bytes, transfer: byte };
    }
  }

  #process(): MaybePromise<void> {
    const session = this.#session;
    const header = this.#header.slice();
    const data = this.#data;
    this.#headerLength = 0;
    const command = this.#transport.commandOf(header, data);
    const slow = waitingTimeOf(this.#application, command)?.times ?? 0;
    if (slow > 0) this.#output(new Uint8Array(slow).fill(NULL_BYTE));
    const outcome = chain(this.#transport.process(header, data), (answer) => {
      if (session !== this.#session) return;
      this.#busy = null;
      this.#output(this.#compose(answer));
    });
    if (outcome instanceof Promise) this.#busy = outcome;
    return outcome;
  }

  /** Procedure bytes, data and status of the card's answer in one piece. */
  #compose({ data, status }: T0Answer): Uint8Array {
    const bytes: number[] = [];
    for (let sent = 0; sent < data.length;) {
      const procedure = this.#nextProcedure();
      const count = procedure.transfer === "all" ? data.length - sent : 1;
      bytes.push(...procedure.bytes, ...data.subarray(sent, sent + count));
      sent += count;
    }
    for (let i = 0; i < (this.#options.nullsBeforeStatus ?? 0); i++) {
      bytes.push(NULL_BYTE);
    }
    bytes.push(status >> 8, status & 0xff);
    return Uint8Array.from(bytes);
  }
}
