/**
 * The operating system's PC/SC service: its readers, and who comes and goes.
 *
 * @module
 */

import { SmartcardLogError } from "../../smclib/mod.ts";
import { PcscCode, PcscError } from "./codes.ts";
import type { PcscLibrary } from "./library.ts";
import { openPcscLibrary } from "./library_ffi.ts";
import {
  type CheckedOptions,
  checkOptions,
  type PcscServiceOptions,
} from "./options.ts";
import { PcscReader } from "./reader.ts";
import type { PcscReaderChange } from "./reader_table.ts";
import { PcscWatcher } from "./watcher.ts";

/**
 * The PC/SC service of the operating system (pcscd), with real readers. Needs
 * `--allow-ffi`; nothing of the library is touched before {@linkcode PcscService.open}.
 *
 * One thread of the runtime waits for changes of all readers, and one for each exchange
 * under way; the event loop never waits.
 *
 * @example
 * ```ts ignore
 * await using service = await PcscService.open();
 * for await (const { kind, reader } of service.changes()) {
 *   if (kind === "arrived") {
 *     await manager.addReader(await service.reader(reader), { name: reader });
 *   } else {
 *     const left = manager.findReader(reader);
 *     if (left !== undefined) manager.removeReader(left);
 *   }
 * }
 * ```
 */
export class PcscService implements AsyncDisposable {
  /** Settles when the service is watched no more: SCARD_S_SUCCESS after {@linkcode close}, else the code that ended it. */
  readonly ended: Promise<number>;
  readonly #library: PcscLibrary;
  readonly #isOwnLibrary: boolean;
  readonly #watcher: PcscWatcher;
  readonly #options: CheckedOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #readers = new Map<string, Promise<PcscReader>>();
  /** Readers on their way out. */
  readonly #leaving = new Set<Promise<void>>();
  #closing: Promise<void> | null = null;

  private constructor(
    library: PcscLibrary,
    watcher: PcscWatcher,
    checked: CheckedOptions,
    options: PcscServiceOptions,
  ) {
    this.#library = library;
    this.#isOwnLibrary = options.library === undefined;
    this.#watcher = watcher;
    this.#options = checked;
    this.ended = watcher.ended;
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort);
  }

  /**
   * Connects to the service, and looks at its readers.
   *
   * @param options library, sharing, deadlines, signal
   * @returns the service; close it, or bind it with `await using`
   * @throws {RangeError} when an option is out of its range
   * @throws {Error} when the library cannot be opened
   * @throws {PcscError} SCARD_E_NO_SERVICE when the service does not run
   */
  static async open(options: PcscServiceOptions = {}): Promise<PcscService> {
    const { signal } = options;
    signal?.throwIfAborted();
    const checked = checkOptions(options);
    const library = options.library ??
      openPcscLibrary({ path: options.libraryPath });
    try {
      const watcher = await PcscWatcher.start(library);
      if (signal?.aborted) {
        await watcher.close(checked.closeTimeoutMs);
        signal.throwIfAborted();
      }
      return new PcscService(library, watcher, checked, options);
    } catch (error) {
      if (options.library === undefined) library.close();
      throw error;
    }
  }

  /** Names of the readers that are there; none once the service has ended. */
  listReaders(): string[] {
    return this.#watcher.table.readers;
  }

  /**
   * The reader with this name. Who asks twice gets the same one, until it closes. It
   * closes by itself when it leaves, or when the service does.
   *
   * @throws {PcscError} SCARD_E_UNKNOWN_READER when no reader has this name,
   * SCARD_E_SERVICE_STOPPED when the service has ended
   */
  reader(name: string): Promise<PcscReader> {
    if (this.#closing !== null || this.#watcher.hasEnded) {
      return Promise.reject(
        new PcscError(
          PcscCode.E_SERVICE_STOPPED,
          `open the reader ${JSON.stringify(name)}`,
          "SCardGetStatusChange",
        ),
      );
    }
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const forget = () => {
      if (this.#readers.get(name) === reader) this.#readers.delete(name);
    };
    const reader = this.#open(name, forget);
    this.#readers.set(name, reader);
    reader.catch(forget);
    return reader;
  }

  /** All readers that are there. */
  readers(): Promise<PcscReader[]> {
    return Promise.all(this.listReaders().map((name) => this.reader(name)));
  }

  /**
   * Readers that come and go: first, as arrivals, those that are there. Ends when the
   * service has ended, all readers having left, or with `signal`.
   */
  async *changes(
    signal?: AbortSignal,
  ): AsyncGenerator<PcscReaderChange, void, void> {
    const queue: (PcscReaderChange | null)[] = this.listReaders().map(
      (reader) => ({ kind: "arrived", reader }),
    );
    let wake = () => {};
    const push = (change: PcscReaderChange | null) => {
      queue.push(change);
      wake();
    };
    const end = () => push(null);
    const unsubscribe = this.#watcher.table.subscribe(push);
    signal?.addEventListener("abort", end);
    if (signal?.aborted || this.#watcher.hasEnded) end();
    try {
      for (;;) {
        for (const change of queue.splice(0)) {
          if (change === null || signal?.aborted) return;
          yield change;
        }
        if (queue.length > 0) continue;
        await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      signal?.removeEventListener("abort", end);
      unsubscribe();
    }
  }

  /** Closes all readers, ends the wait for changes and gives the library back. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #onAbort = (): void => {
    this.close().catch((error) =>
      SmartcardLogError(null, 0, `Cannot close the PC/SC service: ${error}`)
    );
  };

  #open(name: string, forget: () => void): Promise<PcscReader> {
    return PcscReader.open(
      this.#library,
      this.#watcher,
      name,
      this.#options,
      (closed) => {
        forget();
        const left = closed.catch(() => {}).then(() => {
          this.#leaving.delete(left);
        });
        this.#leaving.add(left);
      },
    );
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const readers = await Promise.allSettled(this.#readers.values());
    await Promise.all(
      readers.map((reader) =>
        reader.status === "fulfilled" ? reader.value.close() : undefined
      ),
    );
    await Promise.all(this.#leaving);
    await this.#watcher.close(this.#options.closeTimeoutMs);
    if (this.#isOwnLibrary) this.#library.close();
  }
}
