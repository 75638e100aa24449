/**
 * The card's end of T=0 (ISO/IEC 7816-3 clause 10): procedure bytes.
 *
 * @module
 */
import { chain, copyBytes, type MaybePromise, NO_BYTES } from "../bytes.ts";
import { type CardApplication, waitingTimeOf } from "./application.ts";
import { CharacterBuffer } from "./character_buffer.ts";
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
/** P3 announces no more. */
const MAX_DATA_BYTES = 255;
/** Procedure byte, 256 bytes and status; NULLs make it grow. */
const ANSWER_BYTES = 259;
/** The card's side of T=0, fed with characters. */
export class T0Endpoint {
  readonly #application: CardApplication;
  readonly #output: CardOutput;
  readonly #options: T0EndpointOptions;
  readonly #procedure: readonly T0ProcedureByte[];
  #transport: T0Transport;
  #session = 0;
  #busy: Promise<void> | null = null;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  readonly #data = new Uint8Array(MAX_DATA_BYTES);
  /** Data bytes that the header announces, and those that came. */
  #announced = 0;
  #received = 0;
  /** Data bytes that the last procedure byte called for and that are still to come. */
  #allowed = 0;
  #step = 0;
  readonly #answer = new CharacterBuffer(ANSWER_BYTES);

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
    // What a command still running leaves behind stays in the old one.
    this.#transport = new T0Transport(this.#application, this.#options);
  }

  /** Characters from the reader; those that no procedure byte called for are not heard. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    if (this.#busy !== null) return this.#busy;
    if (bytes.length === 0) return;
    if (this.#headerLength < HEADER_BYTES) return this.#receiveHeader(bytes);
    const count = Math.min(bytes.length, this.#allowed);
    copyBytes(bytes, 0, count, this.#data, this.#received);
    this.#received += count;
    this.#allowed -= count;
    if (this.#allowed > 0) return;
    return this.#isComplete ? this.#process() : this.#callForData();
  }

  /** The reader gave up in the middle of a TPDU: the next character starts a header. */
  characterTimeout(): void {
    if (this.#busy === null) this.#headerLength = 0;
  }

  get #isComplete(): boolean {
    return this.#received === this.#announced;
  }

  #receiveHeader(bytes: Uint8Array): MaybePromise<void> {
    const count = Math.min(bytes.length, HEADER_BYTES - this.#headerLength);
    copyBytes(bytes, 0, count, this.#header, this.#headerLength);
    this.#headerLength += count;
    if (this.#headerLength < HEADER_BYTES) return;
    const incoming = this.#transport.isIncoming(this.#header);
    this.#announced = incoming ? this.#header[4] : 0;
    this.#received = 0;
    this.#step = 0;
    return this.#isComplete ? this.#process() : this.#callForData();
  }

  /** Procedure bytes up to the next one that transfers something. */
  #callForData(): void {
    const early = this.#options.earlyStatus;
    this.#answer.clear();
    if (early !== undefined && this.#received >= early.afterBytes) {
      this.#headerLength = 0;
      this.#appendStatus(early.status);
    } else {
      const remaining = this.#announced - this.#received;
      this.#allowed = this.#appendProcedure() === "all" ? remaining : 1;
    }
    this.#output(this.#answer.bytes);
  }

  /** Appends procedure bytes; tells what the last of them transfers. */
  #appendProcedure(): "one" | "all" {
    const ins = this.#header[1];
    while (true) {
      const byte = this.#procedure[this.#step++ % this.#procedure.length];
      if (byte === "null") {
        this.#answer.push(NULL_BYTE);
        continue;
      }
      this.#answer.push(byte === "all" ? ins : ins ^ 0xff);
      return byte;
    }
  }

  #appendNulls(count: number): void {
    for (let i = 0; i < count; i++) this.#answer.push(NULL_BYTE);
  }

  #appendStatus(status: number): void {
    this.#answer.push(status >> 8);
    this.#answer.push(status & 0xff);
  }

  #process(): MaybePromise<void> {
    const session = this.#session;
    const header = this.#header;
    const data = this.#received === 0
      ? NO_BYTES
      : this.#data.subarray(0, this.#received);
    this.#headerLength = 0;
    const slow = waitingTimeOf(
      this.#application,
      () => this.#transport.commandOf(header, data),
    );
    if (slow !== null) {
      this.#answer.clear();
      this.#appendNulls(slow.times);
      this.#output(this.#answer.bytes);
    }
    const outcome = chain(this.#transport.process(header, data), (answer) => {
      if (session !== this.#session) return;
      this.#busy = null;
      this.#respond(answer);
    });
    if (outcome instanceof Promise) this.#busy = outcome;
    return outcome;
  }

  /** Procedure bytes, data and status of the card's answer in one piece. */
  #respond({ data, status }: T0Answer): void {
    this.#answer.clear();
    for (let sent = 0; sent < data.length;) {
      const transfer = this.#appendProcedure();
      const end = transfer === "all" ? data.length : sent + 1;
      this.#answer.append(data, sent, end);
      sent = end;
    }
    this.#appendNulls(this.#options.nullsBeforeStatus ?? 0);
    this.#appendStatus(status);
    this.#output(this.#answer.bytes);
  }
}
