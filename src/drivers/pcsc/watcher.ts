/**
 * Watches all readers of the service by one context and one waiting call.
 *
 * @module
 */

import { SmartcardLogError } from "../../smclib/mod.ts";
import {
  PCSC_PNP_NOTIFICATION,
  PCSC_SCOPE_SYSTEM,
  PcscCode,
  pcscCodeName,
  PcscError,
} from "./codes.ts";
import { LATE, within } from "./deadline.ts";
import type { PcscHandle, PcscLibrary } from "./library.ts";
import { ReaderTable, stateOf } from "./reader_table.ts";

/**
 * Longest wait in one call, in milliseconds. pcsc-lite before 2.3 does not tell of a
 * reader that comes between the list and the wait; it is found by the next list.
 */
const WAIT_MS = 5000;
/** Pause after a wait that ended for nothing, in milliseconds. */
const IDLE_PAUSE_MS = 50;
/** Between two attempts to cancel a wait that may only just begin, in milliseconds. */
const CANCEL_AGAIN_MS = 50;
/** The service may bring up its readers before it answers, in milliseconds. */
const START_MS = 30_000;
/** Lists in a row with readers that the service does not know a moment later. */
const MAXIMUM_UNKNOWN = 16;

/** The one that waits for changes of readers and cards. */
export class PcscWatcher {
  /** Settles when it watches no more: SCARD_S_SUCCESS when it was closed, else why. */
  readonly ended: Promise<number>;
  /** The readers. */
  readonly table: ReaderTable = new ReaderTable();
  /** Number of the look that is under way, or of the last one. */
  round = 0;
  readonly #library: PcscLibrary;
  readonly #context: PcscHandle;
  readonly #ready = Promise.withResolvers<void>();
  #isClosing = false;
  #hasEnded = false;
  #endPause: () => void = () => {};

  private constructor(library: PcscLibrary, context: PcscHandle) {
    this.#library = library;
    this.#context = context;
    this.ended = this.#run();
  }

  /**
   * Begins to watch; settles when the readers that are there have been seen once.
   *
   * @throws {PcscError} SCARD_E_NO_SERVICE and others, when the service does not answer
   */
  static async start(library: PcscLibrary): Promise<PcscWatcher> {
    const watcher = new PcscWatcher(library, await establish(library));
    const seen = Promise.race([watcher.#ready.promise, watcher.ended]);
    const isLate = await within(seen, START_MS) === LATE;
    if (!isLate && !watcher.#hasEnded) return watcher;
    const code = isLate ? PcscCode.E_TIMEOUT : await watcher.ended;
    await watcher.close(CANCEL_AGAIN_MS);
    throw new PcscError(code, "watch the readers", "SCardGetStatusChange");
  }

  /** Whether it watches no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * Ends the wait and the context. All readers leave.
   *
   * @param timeoutMs how long to wait for the service, in milliseconds
   */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    this.#endPause();
    const deadline = performance.now() + timeoutMs;
    let isLate = true;
    while (isLate && performance.now() < deadline && !this.#hasEnded) {
      // Without effect on a call that has not begun to wait: so it is tried again.
      await within(this.#library.SCardCancel(this.#context), timeoutMs);
      isLate = await within(this.ended, CANCEL_AGAIN_MS) === LATE;
    }
    if (!this.#hasEnded) this.#end();
    const released = this.ended.then(() =>
      release(this.#library, this.#context)
    );
    await within(released, Math.max(deadline - performance.now(), 1));
  }

  async #run(): Promise<number> {
    let code: number;
    try {
      code = await this.#watch();
    } catch (error) {
      SmartcardLogError(null, 0, `Cannot watch the readers: ${error}`);
      code = PcscCode.F_UNKNOWN_ERROR;
    }
    if (this.#isClosing) code = PcscCode.S_SUCCESS;
    else SmartcardLogError(null, code, `watching ended: ${pcscCodeName(code)}`);
    this.#end();
    return code;
  }

  /** Returns the code that ended it. */
  async #watch(): Promise<number> {
    let unknown = 0;
    let pnpState = 0;
    while (!this.#isClosing) {
      const list = await this.#library.SCardListReaders(this.#context);
      if (
        list.code !== PcscCode.S_SUCCESS &&
        list.code !== PcscCode.E_NO_READERS_AVAILABLE
      ) return list.code;
      let hasChanged = this.table.reconcile(list.readers);
      const pnp = stateOf(PCSC_PNP_NOTIFICATION, pnpState);
      const { states } = this.table;
      if (this.table.isComplete) this.#ready.resolve();
      if (this.#isClosing) break;
      this.round++;
      const code = await this.#library.SCardGetStatusChange(
        this.#context,
        WAIT_MS,
        [pnp, ...states],
      );
      if (this.#isClosing) break;
      switch (code) {
        case PcscCode.S_SUCCESS:
        case PcscCode.E_TIMEOUT:
          unknown = 0;
          // From 2.3 on its high word numbers the events; before it is 0.
          pnpState = (pnp.eventState & 0xFFFF0000) >>> 0;
          hasChanged = this.table.apply(states, this.round) || hasChanged;
          this.#ready.resolve();
          break;
        case PcscCode.E_UNKNOWN_READER:
          // It left between the list and the wait.
          if (++unknown > MAXIMUM_UNKNOWN) return code;
          break;
        case PcscCode.E_CANCELLED:
          break;
        default:
          return code;
      }
      if (!hasChanged && code !== PcscCode.E_TIMEOUT) await this.#pause();
    }
    return PcscCode.S_SUCCESS;
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.table.end();
  }

  /** A change that shows in nothing must not keep this loop busy. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, IDLE_PAUSE_MS);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** @throws {PcscError} when the service does not answer */
async function establish(library: PcscLibrary): Promise<PcscHandle> {
  const established = library.SCardEstablishContext(PCSC_SCOPE_SYSTEM);
  const outcome = await within(established, START_MS);
  const code = outcome === LATE ? PcscCode.E_TIMEOUT : outcome.code;
  if (outcome !== LATE && code === PcscCode.S_SUCCESS) return outcome.context;
  if (outcome === LATE) {
    established.then(({ context }) => release(library, context), () => {});
  }
  throw new PcscError(code, "open the PC/SC service", "SCardEstablishContext");
}

/** What the service says to it changes nothing: it may have gone. */
async function release(
  library: PcscLibrary,
  context: PcscHandle,
): Promise<void> {
  try {
    await library.SCardReleaseContext(context);
  } catch (error) {
    SmartcardLogError(null, 0, `Cannot release a context: ${error}`);
  }
}
