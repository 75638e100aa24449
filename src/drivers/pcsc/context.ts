/**
 * One context of the service, whose calls follow each other and have deadlines.
 *
 * @module
 */

import { SmartcardLogError } from "../../smclib/mod.ts";
import { PCSC_SCOPE_SYSTEM, PcscCode, pcscCodeName } from "./codes.ts";
import { LATE, within } from "./deadline.ts";
import type { PcscHandle, PcscLibrary } from "./library.ts";

/** A call to the library in this context; gives something with a return code. */
export type PcscCall<T> = (
  library: PcscLibrary,
  context: PcscHandle,
) => Promise<T>;

/** What every call tells at least. */
export interface PcscOutcome {
  /** Return code, unsigned. */
  readonly code: number;
}

/**
 * A context that is established when it is first needed.
 *
 * The service cannot be told to give up a call. So a call that misses its deadline keeps
 * its context: the next call gets a new one, and the old one is released when the late
 * answer comes. Until then a thread of the runtime waits for it.
 */
export class PcscContext {
  readonly #library: PcscLibrary;
  #context: PcscHandle | null = null;
  #line: Promise<unknown> = Promise.resolve();
  #running: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  /** Ends the wait for the call under way. */
  #shutDown: () => void = () => {};
  /** Grows with each context: what was made in an older one is lost. */
  generation = 0;

  /** A context of `library`, not established yet. */
  constructor(library: PcscLibrary) {
    this.#library = library;
  }

  /**
   * Makes a call when those before it have ended.
   *
   * @param timeoutMs deadline in milliseconds, from its start
   * @returns its outcome; SCARD_E_TIMEOUT at the deadline, SCARD_P_SHUTDOWN when the
   * context closes, and what establishing a context ended with
   */
  call<T extends PcscOutcome>(
    timeoutMs: number,
    call: PcscCall<T>,
  ): Promise<T | PcscOutcome> {
    const turn = this.#line.then(() => this.#bounded(timeoutMs, call));
    this.#line = turn.catch(() => {});
    return turn;
  }

  /**
   * Closes the context: the call under way ends with SCARD_P_SHUTDOWN, as do later ones.
   *
   * @param timeoutMs how long to wait for the service, in milliseconds
   * @param last a last call, made if the service is free to take it
   */
  async close(
    timeoutMs: number,
    last: PcscCall<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#shutDown();
    const context = this.#context;
    this.#context = null;
    if (context === null) return;
    // What the call under way brings is released with the context, also when it comes late.
    let isLate = false;
    const released = this.#running
      .then(() => isLate ? undefined : last(this.#library, context))
      .finally(() => this.#release(context));
    isLate = await within(settled(released), timeoutMs) === LATE;
  }

  async #bounded<T extends PcscOutcome>(
    timeoutMs: number,
    call: PcscCall<T>,
  ): Promise<T | PcscOutcome> {
    if (this.#isClosed) return { code: PcscCode.P_SHUTDOWN };
    const answer = this.#context === null
      ? this.#establish(call)
      : call(this.#library, this.#context);
    this.#running = settled(answer);
    // Of this call alone: a promise that outlives it would keep every answer.
    const shutdown = Promise.withResolvers<PcscOutcome>();
    this.#shutDown = () => shutdown.resolve({ code: PcscCode.P_SHUTDOWN });
    const outcome = await within(
      Promise.race([answer, shutdown.promise]),
      timeoutMs,
    );
    if (outcome !== LATE) return outcome;
    this.#abandon();
    return { code: PcscCode.E_TIMEOUT };
  }

  async #establish<T extends PcscOutcome>(
    call: PcscCall<T>,
  ): Promise<T | PcscOutcome> {
    const generation = ++this.generation;
    const { code, context } = await this.#library.SCardEstablishContext(
      PCSC_SCOPE_SYSTEM,
    );
    if (code !== PcscCode.S_SUCCESS) return { code };
    if (this.#isClosed || this.generation !== generation) {
      // Nobody waits for it any more.
      await this.#release(context);
      return { code: PcscCode.E_TIMEOUT };
    }
    this.#context = context;
    return await call(this.#library, context);
  }

  #abandon(): void {
    const context = this.#context;
    this.#context = null;
    this.generation++;
    if (context === null) return;
    this.#running.then(() => this.#release(context));
  }

  async #release(context: PcscHandle): Promise<void> {
    try {
      const code = await this.#library.SCardReleaseContext(context);
      if (code === PcscCode.S_SUCCESS) return;
      // A service that has gone has released everything.
      if (code === PcscCode.E_NO_SERVICE) return;
      SmartcardLogError(
        null,
        code,
        `Cannot release a context: ${pcscCodeName(code)}`,
      );
    } catch (error) {
      SmartcardLogError(null, 0, `Cannot release a context: ${error}`);
    }
  }
}

/** Settles, without a value, when `promise` does; a failure is logged where nobody else hears of it. */
function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(() => {}, (error) => {
    SmartcardLogError(null, 0, `a call to the PC/SC library failed: ${error}`);
  });
}
