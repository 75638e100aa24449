/**
 * What the daemon tells of its life: lines for people, or JSON.
 *
 * @module
 */

import type { ServerEvent } from "../pcsclite/server/mod.ts";
import type { Io } from "./io.ts";
import type { ReaderLog } from "./own_readers.ts";
import { harmless } from "./harmless.ts";

/** Whether a client went by itself, in whatever way. */
function isOwnEnd(error: unknown): boolean {
  return error === null || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe;
}

/** The daemon's log. */
export class ServeLog implements ReaderLog {
  readonly #io: Io;
  readonly #json: boolean;

  /** A log on standard output. */
  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  /** One entry: words for people, members for programs. */
  tell(
    event: string,
    words: string,
    members: Readonly<Record<string, unknown>> = {},
  ): void {
    const time = new Date().toISOString();
    this.#print(
      this.#json
        ? JSON.stringify({ time, event, ...members })
        : harmless(words),
    );
  }

  /** A daemon whose log nobody reads any more goes on. */
  #print(line: string): void {
    try {
      this.#io.print(line);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  /** See {@linkcode ReaderLog.added}. */
  added(reader: string, words: string): void {
    this.tell("reader-added", `${reader}: ${words}`, { reader, words });
  }

  /** See {@linkcode ReaderLog.lost}. */
  lost(reader: string, reason: string): void {
    this.tell("reader-lost", `${reader}: gone, ${reason}`, { reader, reason });
  }

  /** What happened at the server; clients that come and go are for programs alone. */
  server(event: ServerEvent): void {
    const { kind, ...rest } = event;
    const error = "error" in rest && rest.error !== null
      ? rest.error instanceof Error ? rest.error.message : String(rest.error)
      : undefined;
    const members = { ...rest, error };
    if (this.#json) this.tell(`client-${kind}`, "", members);
    else if (event.kind === "refused") {
      this.tell(kind, `a client was refused: there are ${event.clients}`);
    } else if (event.kind === "disconnected" && !isOwnEnd(event.error)) {
      this.tell(kind, `client ${event.client} was sent away: ${error}`);
    }
  }
}
