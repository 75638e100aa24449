/**
 * SmartCardContext.
 *
 * @module
 */

import { SmartCardConnection } from "./connection.ts";
import { ConnectionState } from "./connection_state.ts";
import type { ContextState } from "./context_state.ts";
import {
  accessMode,
  enforceTimeout,
  protocolMask,
  protocolName,
} from "./convert.ts";
import { invalidState } from "./errors.ts";
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
} from "./types.ts";

/** Asked before each connect; false refuses it. */
export type SmartCardPermission = (
  readerName: string,
) => boolean | Promise<boolean>;

/** The application's access to readers. `await using` releases it. */
export class SmartCardContext {
  #state: ContextState;
  #permission: SmartCardPermission | undefined;

  /** Made by `SmartCardResourceManager.establishContext`. */
  constructor(state: ContextState, permission?: SmartCardPermission) {
    this.#state = state;
    this.#permission = permission;
  }

  /** Names of the readers that are there. */
  async listReaders(): Promise<string[]> {
    const attempt = "list readers";
    const { engine } = this.#state;
    return await this.#run(attempt, () => engine.listReaders());
  }

  /**
   * Waits until a reader differs from what the caller believes. In a context with
   * `queue` it takes no turn: other operations go on meanwhile.
   *
   * @param options `timeout` in milliseconds: passing it rejects with UnknownError
   */
  async getStatusChange(
    readerStates: Iterable<SmartCardReaderStateIn>,
    options: SmartCardGetStatusChangeOptions = {},
  ): Promise<SmartCardReaderStateOut[]> {
    const requests = Array.from(readerStates, toStateRequest);
    const timeoutMs = enforceTimeout(options.timeout);
    const { signal } = options;
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
   * @param options a signal also ends the waiting for others' transactions
   */
  async connect(
    readerName: string,
    mode: SmartCardAccessMode,
    options: SmartCardConnectOptions = {},
  ): Promise<SmartCardConnectResult> {
    const attempt = "connect";
    const name = String(readerName);
    const shareMode = accessMode(mode);
    const protocols = protocolMask(options.preferredProtocols);
    const { signal } = options;
    const state = this.#state;
    const result = await state.run(attempt, () => {
      if (state.transactions.has(name)) {
        const found = "this context runs a transaction on the reader";
        throw invalidState(attempt, found, "none");
      }
      state.assertOpen(attempt);
    }, async () => {
      if (this.#permission !== undefined) await this.#ask(name, signal);
      const comm = await state.engine.connect(name, {
        shareMode,
        protocols,
        signal,
      });
      const connection = new SmartCardConnection(
        new ConnectionState(state, comm),
      );
      return { connection, protocol: comm.activeProtocol };
    }, signal);
    const activeProtocol = protocolName(result.protocol);
    const { connection } = result;
    return activeProtocol === undefined
      ? { connection }
      : { connection, activeProtocol };
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
    this.#state.assertOpen("watch readers");
    return new ReaderEvents(this.#state, options.signal);
  }

  /** Ends the context: waits are cancelled, transactions end with a reset, connections with `"leave"`. */
  async release(): Promise<void> {
    await this.#state.release();
  }

  /** Same as {@linkcode release}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#state.release();
  }

  #run<T>(
    attempt: string,
    operation: () => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const guard = () => this.#state.assertOpen(attempt);
    return this.#state.run(attempt, guard, operation, signal);
  }

  /** Asks for permission; abort and the end of the context call the question off. */
  async #ask(readerName: string, signal?: AbortSignal): Promise<void> {
    const off = Promise.withResolvers<never>();
    const onAbort = () => off.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const forget = this.#state.engine.onReleased(() => {
      const found = "the context was released meanwhile";
      off.reject(invalidState("connect", found, "an open one"));
    });
    try {
      const granted = this.#permission?.(readerName);
      if (await Promise.race([granted, off.promise])) return;
    } finally {
      forget();
      signal?.removeEventListener("abort", onAbort);
    }
    throw new DOMException(
      `Cannot connect to ${
        JSON.stringify(readerName)
      }: permission was refused, expected a grant`,
      "NotAllowedError",
    );
  }
}
