/**
 * The daemon's second socket, for its owner alone: who uses what, and what passes. A
 * client asks with one line of JSON and hears lines of JSON until it goes:
 * `{"want":"board"}`, the board now and whenever it has changed; `{"want":"trace"}`, the
 * events of a trace.
 *
 * @module
 */

import type { ResourceManager } from "../resource_manager/mod.ts";
import { jsonSink, StreamOutput, type Tracer } from "../tracing/mod.ts";
import { BoardNews, boardOf } from "./board.ts";
import { linesOf } from "./io.ts";
import { MAX_SOCKET_PATH_BYTES } from "./socket_path.ts";

/** Clients at a time. */
const MAX_CLIENTS = 16;
/** A question comes at once, or never. */
const QUESTION_MS = 5000;
/** How often counters are looked at while somebody looks at the board, in milliseconds. */
const BOARD_MS = 1000;
const MAX_QUESTION = 256;

/** Where a daemon tells who uses what. */
export function monitorPath(socketPath: string): string {
  return `${socketPath}.monitor`;
}

/** Answers those who look at the daemon. */
export class MonitorSocket implements AsyncDisposable {
  readonly #manager: ResourceManager;
  readonly #tracer: Tracer;
  readonly #path: string;
  readonly #listener: Deno.UnixListener;
  readonly #clients = new Set<Deno.UnixConn>();
  readonly #accepting: Promise<void>;
  #isClosed = false;

  private constructor(
    manager: ResourceManager,
    tracer: Tracer,
    path: string,
    listener: Deno.UnixListener,
  ) {
    this.#manager = manager;
    this.#tracer = tracer;
    this.#path = path;
    this.#listener = listener;
    this.#accepting = this.#accept();
  }

  /**
   * Listens beside the socket of a daemon, which this process must own: what was left
   * there by one that died is taken over. Null when the path would be too long.
   */
  static listen(
    manager: ResourceManager,
    tracer: Tracer,
    socketPath: string,
  ): MonitorSocket | null {
    const path = monitorPath(socketPath);
    const { length } = new TextEncoder().encode(path);
    if (length > MAX_SOCKET_PATH_BYTES) return null;
    removeSocket(path);
    const before = Deno.umask(0o177);
    try {
      const listener = Deno.listen({ transport: "unix", path });
      return new MonitorSocket(manager, tracer, path, listener);
    } finally {
      Deno.umask(before);
    }
  }

  /** Takes the socket away, and ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    removeSocket(this.#path);
    this.#listener.close();
    for (const client of this.#clients) closeQuietly(client);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for (;;) {
      let client: Deno.UnixConn;
      try {
        client = await this.#listener.accept();
      } catch {
        if (this.#isClosed) return;
        await new Promise((go) => setTimeout(go, BOARD_MS));
        continue;
      }
      if (this.#isClosed || this.#clients.size >= MAX_CLIENTS) client.close();
      else this.#serve(client);
    }
  }

  async #serve(client: Deno.UnixConn): Promise<void> {
    this.#clients.add(client);
    const timer = setTimeout(() => closeQuietly(client), QUESTION_MS);
    let stop = () => {};
    try {
      for await (const line of linesOf(client.readable, MAX_QUESTION)) {
        clearTimeout(timer);
        stop();
        stop = this.#answer(line, client);
      }
    } catch {
      // The client has gone: so ends every conversation here.
    } finally {
      clearTimeout(timer);
      stop();
      this.#clients.delete(client);
      closeQuietly(client);
    }
  }

  /** Begins to answer; returns how to stop. */
  #answer(question: string, client: Deno.UnixConn): () => void {
    const { want } = JSON.parse(question) as { want?: unknown };
    if (want !== "board" && want !== "trace") {
      throw new RangeError("Cannot answer: neither board nor trace is wanted");
    }
    const output = new StreamOutput(client.writable);
    return want === "board" ? this.#tellBoard(output) : this.#tellTrace(output);
  }

  #tellTrace(output: StreamOutput): () => void {
    const sink = jsonSink(output.print);
    this.#tracer.addSink(sink);
    return () => this.#tracer.removeSink(sink);
  }

  #tellBoard(output: StreamOutput): () => void {
    const news = new BoardNews();
    const tell = () => {
      const board = boardOf(this.#manager);
      if (news.isNews(board)) output.print(JSON.stringify(board));
    };
    tell();
    const unsubscribe = this.#manager.subscribe(tell);
    const timer = setInterval(tell, BOARD_MS);
    return () => {
      clearInterval(timer);
      unsubscribe();
    };
  }
}

function removeSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function closeQuietly(client: Deno.UnixConn): void {
  try {
    client.close();
  } catch {
    // Closed already, by whoever read from it.
  }
}
