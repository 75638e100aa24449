/**
 * Who uses what in a resource manager, as data: what the daemon tells, and `monitor` shows.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type {
  Handle,
  Reader,
  ReaderBackend,
  ResourceManager,
  ShareMode,
} from "../resource_manager/mod.ts";
import { CliError } from "./exit_codes.ts";

/** A connection to a reader. */
export interface BoardConnection {
  /** Whose it is: `context 7 ("...")`. */
  readonly context: string;
  /** How it shares. */
  readonly share: ShareMode;
  /** For how long it has been there. */
  readonly seconds: number;
  /** For how long it has run a transaction; null: it runs none. */
  readonly transactionSeconds: number | null;
}

/** A reader. */
export interface BoardReader {
  /** Its name. */
  readonly name: string;
  /** SCARD_STATE_* bits. */
  readonly flags: number;
  /** ATR in hexadecimal, or null. */
  readonly atr: string | null;
  /** Insertions and removals. */
  readonly events: number;
  /** Connections; null where the service does not tell. */
  readonly connections: readonly BoardConnection[] | null;
  /** How many wait for a transaction to end. */
  readonly waiting: number;
  /** APDUs so far. */
  readonly apdus: number;
  /** Bytes of them so far. */
  readonly bytesSent: number;
  /** Bytes of answers so far. */
  readonly bytesReceived: number;
}

/** All of it at one moment. */
export interface Board {
  /** Version of this form. */
  readonly board: 1;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Contexts that are open; null where the service does not tell. */
  readonly contexts: number | null;
  /** The readers. */
  readonly readers: readonly BoardReader[];
}

/** A repetition sooner than this says nothing new, in milliseconds. */
const REPEAT_MS = 900;
/** So long after the last news boards are repeated: by that rates fall to nothing. */
const ECHO_MS = 2500;

/**
 * Tells boards worth showing from repetitions: those that differ, those in which somebody
 * holds something, for its times, and one or two behind the last news.
 */
export class BoardNews {
  #told = "";
  #newsAt = 0;
  #shownAt = 0;

  /** Whether this board is worth showing after those before. */
  isNews(board: Board): boolean {
    const { readers, time } = board;
    const isHeld = readers.some(({ connections }) =>
      (connections?.length ?? 0) > 0
    );
    const seen = JSON.stringify({ ...board, time: isHeld ? time : 0 });
    if (seen !== this.#told) this.#newsAt = time;
    const isEcho = time - this.#newsAt < ECHO_MS &&
      time - this.#shownAt >= REPEAT_MS;
    if (seen === this.#told && !isEcho) return false;
    this.#told = seen;
    this.#shownAt = time;
    return true;
  }
}

/** The board of one line. @throws {CliError} when it is none */
export function parseBoard(line: string): Board {
  try {
    const board = JSON.parse(line) as Partial<Board>;
    if (board.board === 1 && Array.isArray(board.readers)) {
      return board as Board;
    }
  } catch {
    // Told below.
  }
  throw new CliError(
    "refused",
    `Cannot read the daemon's board: ${
      JSON.stringify(line.slice(0, 40))
    } found, expected one of version 1`,
  );
}

/** The board of a manager in this process. */
export function boardOf(manager: ResourceManager): Board {
  return {
    board: 1,
    time: Date.now(),
    contexts: manager.contexts.length,
    readers: manager.readers.map(readerOf),
  };
}

/** What a service in another process shows by pcsc-lite's protocol alone. */
export function plainBoard(readers: readonly ReaderBackend[]): Board {
  return {
    board: 1,
    time: Date.now(),
    contexts: null,
    readers: readers.map((reader) => ({
      ...stateOf(reader),
      connections: null,
      waiting: 0,
      apdus: 0,
      bytesSent: 0,
      bytesReceived: 0,
    })),
  };
}

function stateOf({ name, state }: ReaderBackend | Reader) {
  const { flags, atr, eventCount: events } = state;
  return { name, flags, atr: atr === null ? null : toHex(atr), events };
}

function readerOf(reader: Reader): BoardReader {
  const { counters, lock, transmitCount } = reader;
  const established = [...reader.connections].filter((handle) =>
    handle.established
  );
  return {
    ...stateOf(reader),
    connections: established.map(connectionOf),
    waiting: lock.waiting,
    apdus: transmitCount,
    bytesSent: counters.bytesSent,
    bytesReceived: counters.bytesReceived,
  };
}

function connectionOf(handle: Handle): BoardConnection {
  const { reader, context, shareMode } = handle;
  const now = reader.timers.now();
  const since = (ms: number) => +((now - ms) / 1000).toFixed(1);
  return {
    context: context.label,
    share: shareMode,
    seconds: since(handle.sinceMs),
    transactionSeconds: reader.lock.owner === handle
      ? since(handle.transactionSinceMs)
      : null,
  };
}
