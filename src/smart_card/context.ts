/**
 * SmartCardContext.
 *
 * @module
 */

import { SmartCardConnection } from "./connection.ts";
import { ConnectionState } from "./connection_state.ts";
import { ContextState } from "./context_state.ts";
import { accessMode as toShareMode, protocolName } from "./convert.ts";
import { invalidState } from "./errors.ts";
import { defineInterface, illegalConstructor } from "./interface_object.ts";
import { takeConnectOptions, takeLimits, takeSignal } from "./options.ts";
import { askPermission, type SmartCardPermission } from "./permission.ts";
import { type ReaderEvent, ReaderEvents } from "./reader_events.ts";
import { toStateOut, toStateRequest } from "./reader_states.ts";
import type {
  SmartCardAccessMode,
  SmartCardConnectOptions,
  SmartCardConnectResult,
  SmartCardGetStatusChangeOptions,
  SmartCardReaderStateIn,
  SmartCardReaderStateOut,
  SmartCardSignalOptions,
  SmartCardWaitOptions,
} from "./types.ts";
import { domString, sequence } from "./web_idl.ts";

/** The application's access to readers. `await using` releases it. */
export class SmartCardContext {
  #state: ContextState;
  #permission: SmartCardPermission | undefined;

  /**
   * Made by `SmartCardResourceManager.establishContext`.
   *
   * @throws {TypeError} for anybody else
   */
  constructor(state: ContextState, permission?: SmartCardPermission) {
    if (!(state instanceof ContextState)) throw illegalConstructor();
    this.#state = state;
    this.#permission = permission;
  }

  /**
   * Names of the readers that are there; an empty list when there are none.
   *
   * @param options an extension of this library: ends the waiting for its turn, with `queue`
   */
  async listReaders(options: SmartCardWaitOptions = {}): Promise<string[]> {
    const attempt = "list readers";
    const limits = takeLimits(options);
    const state = this.#state;
    return await state.run(
      attempt,
      () => state.assertOpen(attempt),
      () => state.engine.listReaders(),
      limits,
    );
  }

  /**
   * Waits until a reader differs from what the caller believes. In a context with
   * `queue` it takes no turn: other operations go on meanwhile.
   *
   * @param options `timeout` in milliseconds, 0 does not wait: passing it rejects with UnknownError
   */
  async getStatusChange(
    readerStates: Iterable<SmartCardReaderStateIn>,
    options: SmartCardGetStatusChangeOptions = {},
  ): Promise<SmartCardReaderStateOut[]> {
    const requests = sequence(readerStates, "readerStates", toStateRequest);
    const { signal, timeoutMs } = takeLimits(options);
    const attempt = "wait for a change of readers";
    const state = this.#state;
    const answers = await state.watch(
      attempt,
      () => state.assertOpen(attempt),
      () => state.engine.getStatusChange(requests, { timeoutMs, signal }),
      signal,
    );
    return answers.map(toStateOut);
  }

  /**
   * Connects to a reader.
   *
   * @param options signal and timeout, extensions of this library, also end the waiting for
   * others' transactions and for permission
   */
  async connect(
    readerName: string,
    accessMode: SmartCardAccessMode,
    options: SmartCardConnectOptions = {},
  ): Promise<SmartCardConnectResult> {
    const attempt = "connect";
    const name = domString(readerName);
    const shareMode = toShareMode(accessMode);
    const { protocols, ...limits } = takeConnectOptions(options);
    const state = this.#state;
    const { engine } = state;
    const comm = await state.run(attempt, () => {
      if (state.transactions.has(name)) {
        const found = "this context runs a transaction on the reader";
        throw invalidState(attempt, found, "none");
      }
      state.assertOpen(attempt);
    }, async (signal) => {
      if (this.#permission !== undefined) {
        await askPermission(this.#permission, name, engine, signal);
      }
      return await engine.connect(name, { shareMode, protocols, signal });
    }, limits);
    const connection = new SmartCardConnection(
      new ConnectionState(state, comm),
    );
    const activeProtocol = protocolName(comm.activeProtocol);
    return activeProtocol === undefined
      ? { connection }
      : { activeProtocol, connection };
  }

  /**
   * What happens to readers and cards, beginning with what is there now. An
   * extension of this library; operations of the context may run meanwhile.
   *
   * @param options a signal ends the iteration with its reason
   */
  readerEvents(
    options: SmartCardSignalOptions = {},
  ): AsyncIterableIterator<ReaderEvent> {
    const signal = takeSignal(options);
    this.#state.assertOpen("watch readers");
    return new ReaderEvents(this.#state, signal);
  }

  /**
   * Ends the context: waits are cancelled, transactions end with a reset, connections
   * with `"leave"`. An extension of this library.
   */
  async release(): Promise<void> {
    await this.#state.release();
  }

  /** Same as {@linkcode release}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#state.release();
  }
}

defineInterface(SmartCardContext, "SmartCardContext", 0);
