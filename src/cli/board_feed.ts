/**
 * The board of a service whenever it has changed.
 *
 * @module
 */

import type { ContextBackend } from "../resource_manager/mod.ts";
import {
  type Board,
  BoardNews,
  boardOf,
  parseBoard,
  plainBoard,
} from "./board.ts";
import { exitOf } from "./exit_codes.ts";
import type { Io } from "./io.ts";
import { askMonitor } from "./monitor_client.ts";
import type { Options } from "./options.ts";
import { openService, type Service, wantsOwnReaders } from "./service.ts";
import { chooseSocket } from "./socket_path.ts";

/** How often counters and the service are looked at, in milliseconds. */
const LOOK_MS = 1000;

/** Boards from somewhere, the first at once. */
export interface BoardFeed extends AsyncDisposable {
  /** Where they come from. */
  readonly from: string;
  /** Ends with the signal of the command, or the service. */
  readonly boards: AsyncGenerator<Board>;
}

/** Wakes whoever waits, by changes, by time, and by the wish to end. */
async function* looks(
  { manager }: ContextBackend,
  signal: AbortSignal,
): AsyncGenerator<void> {
  let wake = () => {};
  let isDue = true;
  const look = () => {
    isDue = true;
    wake();
  };
  const unsubscribe = manager.subscribe(look);
  const timer = setInterval(look, LOOK_MS);
  signal.addEventListener("abort", look);
  try {
    while (!signal.aborted) {
      if (isDue) {
        isDue = false;
        yield;
      } else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", look);
    unsubscribe();
  }
}

async function* boardsOf(
  { context, own, manager }: Service,
  signal: AbortSignal,
): AsyncGenerator<Board> {
  const news = new BoardNews();
  for await (const _ of looks(context, signal)) {
    context.assertOpen("watch the readers");
    const board = own === null ? plainBoard(manager.readers) : boardOf(own);
    if (news.isNews(board)) yield board;
  }
}

async function* parsed(
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<Board> {
  try {
    for await (const line of lines) yield parseBoard(line);
  } catch (error) {
    // Its socket was closed because the user wants no more.
    if (!signal.aborted) throw error;
  }
}

/**
 * The boards of the resource manager that the options name: of a daemon of this package
 * all that it knows, of another service what pcsc-lite's protocol tells.
 *
 * @throws {CliError | ResourceManagerError} when there is none
 */
export async function openFeed(options: Options, io: Io): Promise<BoardFeed> {
  const { signal } = io;
  if (!wantsOwnReaders(options)) {
    const { path } = await chooseSocket(options.value("socket"), io);
    const client = await askMonitor(path, "board").catch((error) => {
      // Another user's daemon shows strangers what any service shows.
      if (exitOf(error) === "denied") return null;
      throw error;
    });
    if (client !== null) {
      const stop = () => client[Symbol.dispose]();
      signal.addEventListener("abort", stop);
      return {
        from: path,
        boards: parsed(client.lines, signal),
        [Symbol.asyncDispose]() {
          signal.removeEventListener("abort", stop);
          stop();
          return Promise.resolve();
        },
      };
    }
  }
  const service = await openService(options, io);
  return {
    from: service.socket ?? "readers of this process",
    boards: boardsOf(service, signal),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
