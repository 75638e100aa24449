/**
 * The driver's connection to the card in one reader of the service.
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import {
  SCARD_PROTOCOL_Tx,
  SCARD_PROTOCOL_UNDEFINED,
  SmartcardLogError,
} from "../../smclib/mod.ts";
import {
  PCSC_MAXIMUM_BYTES,
  PcscCode,
  PcscDisposition,
  PcscShare,
  PcscState,
} from "./codes.ts";
import { type PcscCall, PcscContext, type PcscOutcome } from "./context.ts";
import { copyOf, measured, noBytes, type PcscBytes } from "./outcome.ts";
import { DirectConnection } from "./direct_connection.ts";
import type { PcscHandle, PcscLibrary } from "./library.ts";
import type { CheckedOptions } from "./options.ts";

/**
 * The card of one reader: connected from its first reset to power-down or removal. All
 * methods tell a return code and none throws for what the service answers.
 */
export class PcscCard {
  readonly #reader: string;
  readonly #options: CheckedOptions;
  readonly #context: PcscContext;
  readonly #direct: DirectConnection;
  readonly #shareMode: number;
  #card: PcscHandle | null = null;
  #generation = 0;
  #protocol: number = SCARD_PROTOCOL_UNDEFINED;
  #isJoined = false;
  #lastReset: number = PcscDisposition.UNPOWER;
  #reply = new Uint8Array(new ArrayBuffer(PCSC_MAXIMUM_BYTES));

  /** The card of the reader with this name, not connected yet. */
  constructor(library: PcscLibrary, reader: string, options: CheckedOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#context = new PcscContext(library);
    this.#direct = new DirectConnection(this.#context, reader);
    this.#shareMode = options.sharing === "exclusive"
      ? PcscShare.EXCLUSIVE
      : PcscShare.SHARED;
  }

  /** Whether there is a connection; what it is worth shows with the next call. */
  get isConnected(): boolean {
    return this.#handle() !== null;
  }

  /** Whether the card was in other programs' use when it was connected, and was not reset since. */
  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** SCARD_PROTOCOL_T0 or _T1: what the service has negotiated. */
  get protocol(): number {
    return this.#protocol;
  }

  /** Connects; the service powers the card if need be, and negotiates. */
  async connect(): Promise<number> {
    const { code } = await this.#power(async (library, context) => {
      const { generation } = this.#context;
      const state = {
        reader: this.#reader,
        currentState: PcscState.UNAWARE,
        eventState: 0,
        atr: NO_BYTES,
      };
      await library.SCardGetStatusChange(context, 0, [state]);
      const outcome = await library.SCardConnect(
        context,
        this.#reader,
        this.#shareMode,
        SCARD_PROTOCOL_Tx,
      );
      // One that comes too late goes with its context.
      const isWanted = this.#context.generation === generation;
      if (outcome.code === PcscCode.S_SUCCESS && isWanted) {
        this.#card = outcome.card;
        this.#generation = generation;
        this.#protocol = outcome.protocol;
        this.#isJoined = (state.eventState & PcscState.INUSE) !== 0;
      }
      return outcome;
    });
    return code;
  }

  /**
   * Resets the card and negotiates anew.
   *
   * @param initialization `PcscDisposition.RESET` or `.UNPOWER`; default as the last time
   * @param protocols mask of those that may be chosen
   */
  async reset(
    initialization: number = this.#lastReset,
    protocols: number = SCARD_PROTOCOL_Tx,
  ): Promise<number> {
    const card = this.#handle();
    if (card === null) return PcscCode.W_RESET_CARD;
    const outcome = await this.#power((library) =>
      library.SCardReconnect(card, this.#shareMode, protocols, initialization)
    );
    this.#isJoined = false;
    this.#lastReset = initialization;
    this.#protocol = "protocol" in outcome &&
        outcome.code === PcscCode.S_SUCCESS
      ? outcome.protocol
      : SCARD_PROTOCOL_UNDEFINED;
    return outcome.code;
  }

  /** The answer to the last reset. */
  async readAtr(): Promise<PcscBytes> {
    const card = this.#handle();
    if (card === null) return noBytes(PcscCode.W_RESET_CARD);
    const outcome = await this.#power((library) => library.SCardStatus(card));
    return "atr" in outcome
      ? { code: outcome.code, bytes: outcome.atr }
      : noBytes(outcome.code);
  }

  /**
   * Exchanges one APDU.
   *
   * @param protocol SCARD_PROTOCOL_T0 or _T1
   * @param apdu copied before this returns
   * @returns the answer, a view that holds until the next exchange
   */
  async transmit(protocol: number, apdu: Uint8Array): Promise<PcscBytes> {
    const card = this.#handle();
    if (card === null) return noBytes(PcscCode.W_RESET_CARD);
    const command = copyOf(apdu);
    const reply = this.#reply;
    const outcome = await this.#context.call(
      this.#options.apduTimeoutMs,
      (library) => library.SCardTransmit(card, protocol, command, reply),
    );
    if (outcome.code === PcscCode.E_TIMEOUT) {
      // The late answer may still be written into the old one.
      this.#reply = new Uint8Array(new ArrayBuffer(PCSC_MAXIMUM_BYTES));
    }
    return measured(outcome, reply);
  }

  /**
   * Sends a control code to the reader's driver; needs no card.
   *
   * @param code as the service numbers it
   * @param input copied before this returns
   * @param capacityBytes room for the answer
   */
  async control(
    code: number,
    input: Uint8Array,
    capacityBytes: number,
  ): Promise<PcscBytes> {
    const data = copyOf(input);
    const output = new Uint8Array(
      new ArrayBuffer(Math.min(capacityBytes, PCSC_MAXIMUM_BYTES)),
    );
    const { apduTimeoutMs } = this.#options;
    const card = this.#handle();
    const control = (library: PcscLibrary, card: PcscHandle) =>
      library.SCardControl(card, code, data, output);
    const outcome = card === null
      ? await this.#direct.call(apduTimeoutMs, control)
      : await this.#context.call(
        apduTimeoutMs,
        (library) => control(library, card),
      );
    return measured(outcome, output);
  }

  /**
   * Reads attributes of the reader, as many as it has; needs no card.
   *
   * @param timeoutMs deadline for all of them, in milliseconds
   */
  attributes(
    tags: readonly number[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<number, Uint8Array<ArrayBuffer>>> {
    return this.#direct.attributes(tags, timeoutMs);
  }

  /** Ends the connection; with `PcscDisposition.EJECT` there need not be one. */
  async disconnect(disposition: number): Promise<number> {
    const card = this.#handle();
    this.#forget();
    if (card === null) {
      if (disposition !== PcscDisposition.EJECT) return PcscCode.S_SUCCESS;
      return await this.#direct.eject(this.#options.powerTimeoutMs);
    }
    const outcome = await this.#power(async (library) => ({
      code: await library.SCardDisconnect(card, disposition),
    }));
    return outcome.code;
  }

  /** The card has gone: its connection is given up as soon as the service is free. */
  drop(): void {
    if (this.#handle() === null) return;
    this.disconnect(PcscDisposition.LEAVE).catch((error) => {
      SmartcardLogError(
        this.#reader,
        0,
        `Cannot give up a connection: ${error}`,
      );
    });
  }

  /** Ends everything: a card that we powered goes off, one that we joined stays as it is. */
  close(): Promise<void> {
    const card = this.#handle();
    const disposition = this.#isJoined
      ? PcscDisposition.LEAVE
      : PcscDisposition.UNPOWER;
    this.#forget();
    return this.#context.close(
      this.#options.closeTimeoutMs,
      async (library) => {
        if (card !== null) await library.SCardDisconnect(card, disposition);
      },
    );
  }

  /** A connection of a context that was given up is none. */
  #handle(): PcscHandle | null {
    return this.#generation === this.#context.generation ? this.#card : null;
  }

  #forget(): void {
    this.#card = null;
    this.#protocol = SCARD_PROTOCOL_UNDEFINED;
    this.#isJoined = false;
  }

  #power<T extends PcscOutcome>(
    call: PcscCall<T>,
  ): Promise<T | PcscOutcome> {
    return this.#context.call(this.#options.powerTimeoutMs, call);
  }
}
