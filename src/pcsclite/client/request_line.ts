/**
 * The requests of one context: one at a time over its socket, first come, first served.
 * While none is there the line waits for changes of the readers, where somebody wants to
 * know of them; a request ends that wait for as long as it takes.
 *
 * @module
 */

import { SCARD_CODES } from "../../resource_manager/mod.ts";
import type { ReaderStateEntry } from "../wire/mod.ts";
import { abortable } from "./abort.ts";
import {
  askReaderEvents,
  askReaders,
  type ReadersView,
} from "./ask_readers.ts";
import { failure } from "./errors.ts";
import type { ServiceContext } from "./open_service.ts";
import type { ServiceSocket } from "./service_socket.ts";
import { type StatesSource, watchRound } from "./watch_round.ts";

/** Somebody who wants to know of changes. */
export interface ReadersWatcher {
  /** Whether {@linkcode ReadersView.events} is wanted. */
  readonly wantsEvents: boolean;
  /** Told of what is there now, and after every change. */
  see(view: ReadersView): void;
  /** Nothing will be told any more, and why. */
  fail(reason: unknown): void;
}

/** What bounds a request. */
export interface LineOptions<T> {
  /** Rejects with its reason; a request that has not begun never does. */
  readonly signal?: AbortSignal;
  /** Given the result of a request that was called off after it had begun. */
  readonly late?: (result: T) => void;
}

/** The line of one context. */
export class RequestLine {
  readonly #service: ServiceContext;
  readonly #timeoutMs: number;
  readonly #states: StatesSource;
  readonly #jobs: (() => Promise<void>)[] = [];
  readonly #watchers = new Set<ReadersWatcher>();
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  /**
   * A line over an open context.
   *
   * @param timeoutMs milliseconds that the service has for what needs no card
   * @param states asked where WAIT brings none
   */
  constructor(
    service: ServiceContext,
    timeoutMs: number,
    states: StatesSource,
  ) {
    this.#service = service;
    this.#timeoutMs = timeoutMs;
    this.#states = states;
    service.socket.ended.then((reason) => this.#abandon(reason));
  }

  /** Resolves with the reason when the line has ended; never rejects. */
  get ended(): Promise<unknown> {
    return this.#service.socket.ended;
  }

  /**
   * Runs `work` with the socket when its turn has come.
   *
   * @throws what `work` throws, and why the line ended
   */
  run<T>(
    work: (socket: ServiceSocket) => Promise<T>,
    { signal, late }: LineOptions<T> = {},
  ): Promise<T> {
    const { socket } = this.#service;
    const ending = this.#ending.signal;
    if (ending.aborted) return Promise.reject(ending.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const outcome = Promise.withResolvers<T>();
    const job = async () => {
      try {
        outcome.resolve(await work(socket));
      } catch (error) {
        outcome.reject(error);
      }
    };
    this.#jobs.push(job);
    const onAbort = () => {
      const at = this.#jobs.indexOf(job);
      if (at < 0) return;
      this.#jobs.splice(at, 1);
      outcome.reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#start();
    return abortable(
      abortable(outcome.promise, ending),
      signal,
      late,
    ).finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /**
   * Tells `watcher` what is there, soon and after every change, until the returned
   * function is called.
   */
  watch(watcher: ReadersWatcher): () => void {
    const { signal } = this.#ending;
    if (signal.aborted) watcher.fail(signal.reason);
    else {
      this.#watchers.add(watcher);
      this.#start();
    }
    return () => {
      if (!this.#watchers.delete(watcher)) return;
      if (this.#watchers.size === 0) this.#wake?.();
    };
  }

  /** The readers as of now. */
  readers(
    options: LineOptions<ReaderStateEntry[]> = {},
  ): Promise<ReaderStateEntry[]> {
    return this.run(
      () => askReaders(this.#service, this.#timeoutMs),
      options,
    );
  }

  /** Readers as of now, and events where they are wanted. */
  view(wantsEvents: boolean): Promise<ReadersView> {
    const ms = this.#timeoutMs;
    return this.run(async () => ({
      events: wantsEvents ? await askReaderEvents(this.#service, ms) : 0,
      entries: await askReaders(this.#service, ms),
    }));
  }

  /**
   * Ends the line: what waits and what runs fails with `reason`, `last` is sent when the
   * request that is under way has its answer, and the socket is closed.
   *
   * @param graceMs milliseconds for both
   */
  async end(
    reason: unknown,
    last: (socket: ServiceSocket) => Promise<unknown>,
    graceMs: number,
  ): Promise<void> {
    const { socket } = this.#service;
    const running = this.#running;
    this.#abandon(reason);
    const leave = async () => {
      await running;
      if (socket.failure === null) await last(socket);
    };
    try {
      await socket.awaits(leave(), graceMs);
    } catch {
      // The service gives back what the socket held, also without being told.
    }
    socket.end(reason);
  }

  #abandon(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(reason);
    this.#jobs.length = 0;
    for (const watcher of [...this.#watchers]) watcher.fail(reason);
    this.#watchers.clear();
    this.#wake?.();
  }

  #start(): void {
    this.#wake?.();
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      // Somebody came between the last look and this.
      if (this.#jobs.length > 0 || this.#watchers.size > 0) this.#start();
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const job = this.#jobs.shift();
      if (job !== undefined) await job();
      else if (this.#watchers.size > 0) await this.#watchOnce();
      else return;
    }
  }

  /** Waits for a change, or for something else to do. */
  async #watchOnce(): Promise<void> {
    const { socket } = this.#service;
    const watchers = [...this.#watchers];
    const woken = new Promise<void>((resolve) => this.#wake = resolve);
    try {
      const rv = await watchRound(this.#service, {
        timeoutMs: this.#timeoutMs,
        wantsEvents: watchers.some((watcher) => watcher.wantsEvents),
        states: this.#states,
        see: (view) => {
          for (const watcher of watchers) {
            if (this.#watchers.has(watcher)) watcher.see(view);
          }
        },
        woken,
      });
      if (rv === SCARD_CODES.SCARD_E_CANCELLED) this.#cancelled();
    } catch (error) {
      // Also when it is the other socket that failed: nothing more would be told.
      socket.end(error);
      this.#abandon(socket.failure);
    } finally {
      this.#wake = null;
    }
  }

  /** The service was asked, by whomever, to end the waits of this context. */
  #cancelled(): void {
    const reason = failure(
      "SCARD_E_CANCELLED",
      "wait longer",
      "the wait was cancelled",
      "a result",
    );
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.fail(reason);
  }
}
