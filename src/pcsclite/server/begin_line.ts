/**
 * Who runs the next transaction at a reader.
 *
 * BEGIN on a reader that another client has locked is answered SCARD_E_SHARING_VIOLATION
 * after a tenth of a second, and libpcsclite asks again a tenth of a second later, for
 * ever. Its place in line is kept meanwhile: among those who wait at the moment, who asked
 * first is served first, and the reader is never kept free for somebody who is away.
 *
 * @module
 */

import {
  type Connection,
  ResourceManagerError,
  type Timers,
} from "../../resource_manager/mod.ts";
import { concluded } from "./answer.ts";

/** How long BEGIN waits for the transactions of others, in milliseconds. */
export const BEGIN_WAIT_MS = 100;
/** How long a place is kept for a client that does not ask again, in milliseconds. */
export const RETRY_GRACE_MS = 300;

/** A client in line. */
interface Entry {
  readonly connection: Connection;
  /** Ends the BEGIN that waits; null while the client is away. */
  attend: ((error: unknown) => void) | null;
  /** Limits its waiting, or its being away. */
  timer: unknown;
}

/** The line at one reader. At most one of them waits for the reader's lock: the first that is there. */
export class BeginLine {
  #timers: Timers;
  /** In the order in which they asked first. */
  #entries: Entry[] = [];
  #asking: { entry: Entry; abort: AbortController } | null = null;

  /** Nobody waits. */
  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * BEGIN.
   *
   * @throws {ResourceManagerError} SCARD_E_SHARING_VIOLATION when its turn does not come
   * within {@linkcode BEGIN_WAIT_MS}
   */
  begin(connection: Connection): void | Promise<void> {
    if (connection.reader.lock.isFreeFor(connection)) {
      this.leave(connection);
      return connection.beginTransaction();
    }
    const entry = this.#entryOf(connection) ?? this.#enter(connection);
    return new Promise((resolve, reject) => {
      this.#timers.clear(entry.timer);
      entry.timer = this.#timers.set(() => this.#late(entry), BEGIN_WAIT_MS);
      entry.attend = (error) => error === null ? resolve() : reject(error);
      this.#next();
    });
  }

  /** The client does something else, or has gone: its place is given up. */
  leave(connection: Connection): void {
    if (this.#entries.length === 0) return;
    const entry = this.#entryOf(connection);
    if (entry !== undefined) this.#settle(entry, violation(connection));
  }

  #entryOf(connection: Connection): Entry | undefined {
    return this.#entries.find((entry) => entry.connection === connection);
  }

  #enter(connection: Connection): Entry {
    const entry: Entry = { connection, attend: null, timer: null };
    this.#entries.push(entry);
    return entry;
  }

  #late(entry: Entry): void {
    const { attend, connection } = entry;
    entry.attend = null;
    entry.timer = this.#timers.set(
      () => this.#settle(entry, null),
      RETRY_GRACE_MS,
    );
    this.#next();
    attend?.(violation(connection));
  }

  /** Ends an entry, and its BEGIN if it waits. */
  #settle(entry: Entry, error: unknown): void {
    const { attend, timer } = entry;
    const place = this.#entries.indexOf(entry);
    if (place < 0) return;
    this.#entries.splice(place, 1);
    this.#timers.clear(timer);
    attend?.(error);
    this.#next();
  }

  /** Sees to it that the first who is there waits for the lock. */
  #next(): void {
    const first = this.#entries.find(({ attend }) => attend !== null);
    const asked = this.#asking;
    if (asked !== null) {
      const { entry, abort } = asked;
      if (entry === first) return;
      const { reader } = entry.connection;
      const there = entry.attend !== null && this.#entries.includes(entry);
      // Its turn has come already.
      if (there && reader.lock.owner === entry.connection) return;
      this.#asking = null;
      abort.abort(violation(entry.connection));
    }
    if (first !== undefined) this.#ask(first);
  }

  #ask(entry: Entry): void {
    const { connection } = entry;
    const abort = new AbortController();
    const asking = this.#asking = { entry, abort };
    const end = (error: unknown) => {
      if (this.#asking === asking) {
        this.#asking = null;
        this.#settle(entry, error);
      } else if (error === null) giveBack(connection);
    };
    concluded(
      () => connection.beginTransaction({ signal: abort.signal }),
      () => end(null),
      end,
    );
  }
}

/** Ends a transaction that nobody came for; with a card or client that went, it went, too. */
function giveBack(connection: Connection): void {
  concluded(() => connection.endTransaction(), () => {}, () => {});
}

function violation({ reader }: Connection): ResourceManagerError {
  return new ResourceManagerError(
    "SCARD_E_SHARING_VIOLATION",
    `Cannot begin a transaction on "${reader.name}": others run theirs, expected none within ${BEGIN_WAIT_MS} ms`,
  );
}
