/**
 * SmartCardConnection.
 *
 * @module
 */

import { chain } from "../bytes.ts";
import { ConnectionState } from "./connection_state.ts";
import {
  accessMode as toShareMode,
  connectionStateName,
  dispositionNumber,
  protocolName,
} from "./convert.ts";
import { invalidState } from "./errors.ts";
import { defineInterface, illegalConstructor } from "./interface_object.ts";
import {
  takeLimits,
  takeReconnectOptions,
  takeTransmitOptions,
} from "./options.ts";
import type {
  SmartCardAccessMode,
  SmartCardConnectionStatus,
  SmartCardDisposition,
  SmartCardProtocol,
  SmartCardReconnectOptions,
  SmartCardTransactionCallback,
  SmartCardTransmitOptions,
  SmartCardWaitOptions,
} from "./types.ts";
import { bufferSource, enforcedUnsignedLong, ownBuffer } from "./web_idl.ts";

/**
 * A connection to a card. `await using` gives it back with `"leave"`. That a signal or a timeout
 * ends a call is an extension of this library; work of the reader that has begun goes on.
 */
export class SmartCardConnection {
  #state: ConnectionState;

  /**
   * Made by `SmartCardContext.connect`.
   *
   * @throws {TypeError} for anybody else
   */
  constructor(state: ConnectionState) {
    if (!(state instanceof ConnectionState)) throw illegalConstructor();
    this.#state = state;
  }

  /**
   * Ends the connection, and does something to the card.
   *
   * @param options limits that end the call before the reader was asked leave the connection open
   */
  async disconnect(
    disposition: SmartCardDisposition = "leave",
    options: SmartCardWaitOptions = {},
  ): Promise<undefined> {
    const number = dispositionNumber(disposition);
    const limits = takeLimits(options);
    const state = this.#state;
    await state.run("disconnect", async (comm, signal) => {
      await comm.disconnect(number, { signal });
      state.disconnected();
    }, limits);
  }

  /**
   * Sends an APDU and resolves with the answer, SW1 SW2 included.
   *
   * @param options limits that end the call after the APDU was sent only discard the answer:
   * the card goes on, and is not reset
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
    const source = bufferSource(sendBuffer, "sendBuffer");
    const choice = takeTransmitOptions(options);
    const apdu = this.#take(source);
    let protocol = 0;
    return this.#state.run(
      attempt,
      (comm, signal) =>
        chain(comm.transmit(apdu, { protocol, signal }), ownBuffer),
      choice,
      ({ activeProtocol }) => {
        protocol = choice.protocol ?? activeProtocol;
        if (protocolName(protocol) !== undefined) return;
        throw invalidState(attempt, "no protocol is active", "T=0, T=1 or raw");
      },
    );
  }

  /**
   * Runs `callback` while nobody else can use the card. It returns what happens to
   * the card in the end; if it returns nothing, the card is reset.
   *
   * @param options limits end the waiting for others' transactions, not the transaction
   */
  async startTransaction(
    callback: SmartCardTransactionCallback,
    options: SmartCardWaitOptions = {},
  ): Promise<undefined> {
    if (typeof callback !== "function") {
      throw new TypeError(
        `Cannot start a transaction: callback is a ${typeof callback}, expected a function`,
      );
    }
    const limits = takeLimits(options);
    return await this.#state.startTransaction(callback, limits);
  }

  /** State and ATR of the card. */
  async status(
    options: SmartCardWaitOptions = {},
  ): Promise<SmartCardConnectionStatus> {
    const attempt = "read the status";
    const limits = takeLimits(options);
    const { readerName } = this.#state;
    const { state: number, protocol, atr } = await this.#state.run(
      attempt,
      (comm, signal) => comm.status({ signal }),
      limits,
    );
    const state = connectionStateName(number, protocol);
    if (state === undefined) {
      throw new DOMException(
        `Cannot ${attempt}: card state ${number} with protocol ${protocol}, expected a known one`,
        "UnknownError",
      );
    }
    return atr === null
      ? { readerName, state }
      : { answerToReset: ownBuffer(atr), readerName, state };
  }

  /** Sends a control request to the reader; the end of the call cancels it. */
  async control(
    controlCode: number,
    data: BufferSource,
    options: SmartCardWaitOptions = {},
  ): Promise<ArrayBuffer> {
    const code = enforcedUnsignedLong(controlCode, "controlCode");
    const source = bufferSource(data, "data");
    const limits = takeLimits(options);
    const input = this.#take(source);
    const output = await this.#state.run(
      "control the reader",
      (comm, signal) => comm.control(code, input, { signal }),
      limits,
    );
    return ownBuffer(output);
  }

  /** Reads an attribute of reader or card. */
  async getAttribute(
    tag: number,
    options: SmartCardWaitOptions = {},
  ): Promise<ArrayBuffer> {
    const number = enforcedUnsignedLong(tag, "tag");
    const limits = takeLimits(options);
    const value = await this.#state.run(
      "read an attribute",
      (comm, signal) => comm.getAttribute(number, { signal }),
      limits,
    );
    return ownBuffer(value);
  }

  /** Sets an attribute of reader or card. */
  async setAttribute(
    tag: number,
    value: BufferSource,
    options: SmartCardWaitOptions = {},
  ): Promise<undefined> {
    const number = enforcedUnsignedLong(tag, "tag");
    const source = bufferSource(value, "value");
    const limits = takeLimits(options);
    const bytes = this.#take(source);
    await this.#state.run(
      "set an attribute",
      (comm, signal) => comm.setAttribute(number, bytes, { signal }),
      limits,
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
    accessMode: SmartCardAccessMode,
    options: SmartCardReconnectOptions = {},
  ): Promise<SmartCardProtocol | undefined> {
    const attempt = "reconnect";
    const state = this.#state;
    const shareMode = toShareMode(accessMode);
    const { initialization, protocols, ...limits } = takeReconnectOptions(
      options,
    );
    const protocol = await state.run(
      attempt,
      (comm, signal) =>
        comm.reconnect({ shareMode, protocols, initialization, signal }),
      limits,
      () => {
        if (!state.context.transactions.has(state.readerName)) return;
        throw invalidState(attempt, "a transaction is running", "none");
      },
    );
    return protocolName(protocol);
  }

  /**
   * Gives the reader back with `"leave"`, whatever has become of reader and card, and never
   * fails. An extension of this library.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await null;
    this.#state.dispose();
  }

  /** The engine copies what it cannot send at once; what waits for its turn before that is copied here. */
  #take(bytes: Uint8Array): Uint8Array {
    return this.#state.context.queued ? bytes.slice() : bytes;
  }
}

defineInterface(SmartCardConnection, "SmartCardConnection", 0);
