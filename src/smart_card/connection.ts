/**
 * SmartCardConnection.
 *
 * @module
 */

import { chain } from "../bytes.ts";
import {
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWERED,
  SCARD_PRESENT,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
} from "../resource_manager/mod.ts";
import type { ConnectionState } from "./connection_state.ts";
import {
  accessMode,
  bytesOf,
  dispositionNumber,
  enforceU32,
  initializationNumber,
  protocolBit,
  protocolMask,
  protocolName,
} from "./convert.ts";
import { invalidState } from "./errors.ts";
import type {
  SmartCardAccessMode,
  SmartCardConnectionState,
  SmartCardConnectionStatus,
  SmartCardDisposition,
  SmartCardProtocol,
  SmartCardReconnectOptions,
  SmartCardSignalOptions,
  SmartCardTransactionCallback,
  SmartCardTransmitOptions,
} from "./types.ts";

const STATE_NAMES: ReadonlyMap<number, SmartCardConnectionState> = new Map([
  [SCARD_ABSENT, "absent"],
  [SCARD_PRESENT, "present"],
  [SCARD_SWALLOWED, "swallowed"],
  [SCARD_POWERED, "powered"],
  [SCARD_NEGOTIABLE, "negotiable"],
]);

/** A connection to a card. `await using` gives it back with `"leave"`. */
export class SmartCardConnection {
  #state: ConnectionState;

  /** Made by `SmartCardContext.connect`. */
  constructor(state: ConnectionState) {
    this.#state = state;
  }

  /** Ends the connection, and does something to the card. */
  async disconnect(
    disposition: SmartCardDisposition = "leave",
  ): Promise<undefined> {
    const number = dispositionNumber(disposition);
    const attempt = "disconnect";
    const state = this.#state;
    await state.run(attempt, () => state.guard(attempt), async () => {
      await state.open(attempt).disconnect(number);
      state.disconnected();
    });
  }

  /**
   * Sends an APDU and resolves with the answer, SW1 SW2 included.
   *
   * @param options a signal that fires after the APDU was sent only discards the answer
   */
  transmit(
    sendBuffer: BufferSource,
    options: SmartCardTransmitOptions = {},
  ): Promise<ArrayBuffer> {
    // Not async: an APDU is not to cost a second promise.
    try {
      return this.#transmit(sendBuffer, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #transmit(
    sendBuffer: BufferSource,
    options: SmartCardTransmitOptions,
  ): Promise<ArrayBuffer> {
    const attempt = "transmit";
    const state = this.#state;
    const apdu = this.#take(bytesOf(sendBuffer, "sendBuffer"));
    const chosen = options.protocol === undefined
      ? null
      : protocolBit(options.protocol);
    const { signal } = options;
    let protocol = 0;
    return state.run(
      attempt,
      () => {
        state.guard(attempt);
        protocol = chosen ?? state.open(attempt).activeProtocol;
        if (protocolName(protocol) !== undefined) return;
        throw invalidState(attempt, "no protocol is active", "T=0, T=1 or raw");
      },
      () =>
        chain(
          state.open(attempt).transmit(apdu, { protocol, signal }),
          ({ buffer }) => buffer,
        ),
      signal,
    );
  }

  /**
   * Runs `callback` while nobody else can use the card. It returns what happens to
   * the card in the end; if it returns nothing, the card is reset.
   *
   * @param options a signal ends the waiting for others' transactions
   */
  async startTransaction(
    callback: SmartCardTransactionCallback,
    options: SmartCardSignalOptions = {},
  ): Promise<undefined> {
    if (typeof callback !== "function") {
      throw new TypeError(
        `Cannot start a transaction: callback is a ${typeof callback}, expected a function`,
      );
    }
    return await this.#state.startTransaction(callback, options.signal);
  }

  /** State and ATR of the card. */
  async status(): Promise<SmartCardConnectionStatus> {
    const attempt = "read the status";
    const state = this.#state;
    const status = await state.run(
      attempt,
      () => state.guard(attempt),
      () => state.open(attempt).status(),
    );
    const name = status.state === SCARD_SPECIFIC
      ? protocolName(status.protocol)
      : STATE_NAMES.get(status.state);
    if (name === undefined) {
      throw new DOMException(
        `Cannot read the status: card state ${status.state} with protocol ${status.protocol}, expected a known one`,
        "UnknownError",
      );
    }
    const { readerName } = state;
    return status.atr === null
      ? { readerName, state: name }
      : { readerName, state: name, answerToReset: status.atr.buffer };
  }

  /** Sends a control request to the reader. */
  async control(
    controlCode: number,
    data: BufferSource,
    options: SmartCardSignalOptions = {},
  ): Promise<ArrayBuffer> {
    const attempt = "control the reader";
    const state = this.#state;
    const code = enforceU32(controlCode, "controlCode");
    const input = this.#take(bytesOf(data, "data"));
    const { signal } = options;
    const output = await state.run(
      attempt,
      () => state.guard(attempt),
      () => state.open(attempt).control(code, input, { signal }),
      signal,
    );
    return output.buffer;
  }

  /** Reads an attribute of reader or card. */
  async getAttribute(tag: number): Promise<ArrayBuffer> {
    const attempt = "read an attribute";
    const state = this.#state;
    const number = enforceU32(tag, "tag");
    const value = await state.run(
      attempt,
      () => state.guard(attempt),
      () => state.open(attempt).getAttribute(number),
    );
    return value.buffer;
  }

  /** Sets an attribute of reader or card. */
  async setAttribute(tag: number, value: BufferSource): Promise<undefined> {
    const attempt = "set an attribute";
    const state = this.#state;
    const number = enforceU32(tag, "tag");
    const bytes = this.#take(bytesOf(value, "value"));
    await state.run(
      attempt,
      () => state.guard(attempt),
      () => state.open(attempt).setAttribute(number, bytes),
    );
  }

  /**
   * Binds the connection to the card as it is now after a reset or removal, or with another access
   * mode. An extension of this library; a transaction of this connection ends in the
   * engine, as on Windows, so that it is refused inside one.
   *
   * @returns the active protocol, if any
   */
  async reconnect(
    mode: SmartCardAccessMode,
    options: SmartCardReconnectOptions = {},
  ): Promise<SmartCardProtocol | undefined> {
    const attempt = "reconnect";
    const state = this.#state;
    const shareMode = accessMode(mode);
    const protocols = protocolMask(options.preferredProtocols);
    const initialization = initializationNumber(
      options.initialization ?? "leave",
    );
    const { signal } = options;
    const protocol = await state.run(attempt, () => {
      state.guard(attempt);
      if (!state.context.transactions.has(state.readerName)) return;
      throw invalidState(attempt, "a transaction is running", "none");
    }, () =>
      state.open(attempt).reconnect({
        shareMode,
        protocols,
        initialization,
        signal,
      }), signal);
    return protocolName(protocol);
  }

  /** Gives the reader back with `"leave"`, whatever has become of reader and card. */
  async [Symbol.asyncDispose](): Promise<void> {
    await null;
    this.#state.dispose();
  }

  /** The engine copies what it cannot send at once; what waits for its turn before that is copied here. */
  #take(bytes: Uint8Array): Uint8Array {
    return this.#state.context.queued ? bytes.slice() : bytes;
  }
}
