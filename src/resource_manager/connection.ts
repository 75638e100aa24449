/**
 * A connection of one context to one reader (SCARDHANDLE).
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { ConnectionBackend } from "./backend.ts";
import { disconnect, reconnect } from "./connection_end.ts";
import { SCARD_LEAVE_CARD } from "./constants.ts";
import { Handle } from "./handle.ts";
import type { PolicyGate } from "./policy_gate.ts";
import { getAttribute, setAttribute } from "./reader_attributes.ts";
import { type ConnectionStatus, control, status } from "./reader_controls.ts";
import type { ShareMode } from "./sharing.ts";
import { beginTransaction, endTransaction } from "./transactions.ts";
import { assertCommand, exchange } from "./transmit.ts";

/** Waiting that can be called off. */
export interface WaitOptions {
  /** Rejects the call with its reason; work at the reader that has begun goes on, work that has not never begins. */
  signal?: AbortSignal;
}

/** Options of {@linkcode Connection.transmit}. */
export interface TransmitOptions extends WaitOptions {
  /** SCARD_PROTOCOL_* bit of the header; the active protocol if left out. */
  protocol?: number;
}

/** Options of {@linkcode Connection.reconnect}. */
export interface ReconnectOptions extends WaitOptions {
  /** The new share mode. */
  shareMode: ShareMode;
  /** SCARD_PROTOCOL_* bits that are welcome. */
  protocols: number;
  /** SCARD_LEAVE_CARD (default), SCARD_RESET_CARD or SCARD_UNPOWER_CARD. */
  initialization?: number;
}

/** Made by `ResourceContext.connect`. Methods throw or reject with `ResourceManagerError`. */
export class Connection extends Handle implements ConnectionBackend {
  /**
   * Sends one APDU; the bytes are copied before this returns.
   *
   * @param apdu 4 to 65 544 bytes
   * @param options abort before sending keeps the APDU from the card; after sending it only
   * discards the answer, and the exchange ends in its own time
   * @returns the answer with SW1 SW2, in a buffer of its own; without waiting when the reader answers at once
   */
  transmit(
    apdu: Uint8Array,
    options: TransmitOptions = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { gate, manager } = this.context;
    try {
      assertCommand(this, apdu.length);
      const protocol = options.protocol ?? this.activeProtocol;
      const answer = gate === null
        ? this.#send(apdu, protocol, options.signal)
        : this.#sendJudged(gate, apdu, protocol, options.signal);
      return answer instanceof Promise
        ? answer.catch(manager.counters.failed)
        : answer;
    } catch (error) {
      return manager.counters.failed(error);
    }
  }

  #send(
    apdu: Uint8Array,
    protocol: number,
    signal?: AbortSignal,
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { io, lock } = this.reader;
    const atOnce = io.idle && lock.isFreeFor(this);
    const command = atOnce ? apdu : apdu.slice();
    return this.perform(
      "transmit to",
      () => exchange(this, command, protocol),
      signal,
    );
  }

  #sendJudged(
    gate: PolicyGate,
    apdu: Uint8Array,
    protocol: number,
    signal?: AbortSignal,
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const send = (command: Uint8Array) => this.#send(command, protocol, signal);
    return gate.transmit(this, apdu, protocol, send, signal);
  }

  /**
   * Begins a transaction, or one more; waits its turn, first come, first served.
   *
   * @param options abort leaves the queue
   */
  beginTransaction(options: WaitOptions = {}): MaybePromise<void> {
    const { signal } = options;
    const begin = () => beginTransaction(this, signal);
    return this.#asked((gate) => gate.begin(this, begin, signal), begin);
  }

  /**
   * Ends the transaction begun last.
   *
   * @param disposition SCARD_LEAVE_CARD ... SCARD_EJECT_CARD
   */
  endTransaction(disposition: number = SCARD_LEAVE_CARD): MaybePromise<void> {
    const end = () => endTransaction(this, disposition);
    return this.#asked(
      (gate) => gate.dispose(this, disposition, "end-transaction", end),
      end,
    );
  }

  /**
   * State of the card, as the reader sees it now.
   *
   * @param options abort calls the waiting off
   */
  status(options: WaitOptions = {}): MaybePromise<ConnectionStatus> {
    return this.#counted(() => status(this, options.signal));
  }

  /**
   * Sends any IOCTL to the reader; works without a card.
   *
   * @param code IOCTL code, for example `CM_IOCTL_GET_FEATURE_REQUEST`; not a tracking request
   * @param input copied before this returns
   * @param options `outputLength`: capacity in bytes; abort cancels the request
   * @returns what the reader delivered
   */
  control(
    code: number,
    input: Uint8Array,
    options: WaitOptions & { outputLength?: number } = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { signal, outputLength } = options;
    const send = (data: Uint8Array) =>
      control(this, code, data, { signal, outputLength });
    return this.#asked(
      (gate) => gate.control(this, code, input, send, signal),
      () => send(input),
    );
  }

  /**
   * Reads an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   */
  getAttribute(
    tag: number,
    options: WaitOptions = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    return this.#counted(() => getAttribute(this, tag, options.signal));
  }

  /**
   * Sets an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   * @param value copied before this returns
   */
  setAttribute(
    tag: number,
    value: Uint8Array,
    options: WaitOptions = {},
  ): MaybePromise<void> {
    const { signal } = options;
    const set = (data: Uint8Array) => setAttribute(this, tag, data, signal);
    return this.#asked(
      (gate) => gate.setAttribute(this, tag, value, set, signal),
      () => set(value),
    );
  }

  /**
   * Binds the connection to the card as it is now: clears a reset or removal, changes share mode or protocol.
   *
   * @returns SCARD_PROTOCOL_* bit in force, 0 for none
   */
  async reconnect(options: ReconnectOptions): Promise<number> {
    // What was judged is what is done.
    const { initialization = SCARD_LEAVE_CARD } = options;
    const wanted = { ...options, initialization };
    const regrip = () => reconnect(this, wanted);
    return await this.#asked(
      (gate) => gate.reconnect(this, wanted, initialization, regrip),
      regrip,
    );
  }

  /**
   * Ends the connection, and its transactions. A card that cannot be disposed of is no error.
   *
   * @param options a disposition other than SCARD_LEAVE_CARD waits for others'
   * transactions; abort before the reader was asked leaves the connection open
   */
  disconnect(
    disposition: number = SCARD_LEAVE_CARD,
    options: WaitOptions = {},
  ): MaybePromise<void> {
    const { signal } = options;
    const end = () => disconnect(this, disposition, signal);
    return this.#asked(
      // Leaving as things are is nobody's business, and waits for nothing.
      (gate) =>
        disposition === SCARD_LEAVE_CARD
          ? end()
          : gate.dispose(this, disposition, "disconnect", end, signal),
      end,
    );
  }

  /** Does what the policy allows, or `freely` without a policy; failures are counted. */
  #asked<T>(
    ask: (gate: PolicyGate) => MaybePromise<T>,
    freely: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const { gate } = this.context;
    return this.#counted(gate === null ? freely : () => ask(gate));
  }

  #counted<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    return this.context.manager.counters.watch(work);
  }
}
