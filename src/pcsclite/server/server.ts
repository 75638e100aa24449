/**
 * A server that unmodified PC/SC programs take for pcscd.
 *
 * @module
 */

import {
  type ResourceManager,
  SYSTEM_TIMERS,
} from "../../resource_manager/mod.ts";
import { MAX_CLIENTS } from "../wire/mod.ts";
import type { Client, Hall } from "./client.ts";
import {
  DEFAULT_SOCKET_MODE,
  DEFAULT_WRITE_TIMEOUT_MS,
  type PcscLiteServerOptions,
} from "./options.ts";
import { ReaderBoard } from "./reader_board.ts";
import { Session } from "./session.ts";
import { bindSocket } from "./socket_file.ts";
import { WireNumbers } from "./wire_numbers.ts";

/** After an accept that failed (too many open files), the next one is tried this much later. */
const ACCEPT_PAUSE_MS = 100;

/** Offers a resource manager on a Unix socket, by pcsc-lite's protocol 4:3 to 4:6. */
export class PcscLiteServer implements AsyncDisposable {
  /** Where clients find it (PCSCLITE_CSOCK_NAME). */
  readonly socketPath: string;
  #options: PcscLiteServerOptions;
  #listener: Deno.UnixListener;
  #hall: Hall;
  #sessions = new Map<Session, Promise<void>>();
  #lastId = 0;
  #accepting: Promise<void>;
  #closing: Promise<void> | null = null;

  private constructor(
    options: PcscLiteServerOptions,
    listener: Deno.UnixListener,
  ) {
    this.socketPath = options.socketPath;
    this.#options = options;
    this.#listener = listener;
    this.#hall = {
      manager: options.manager,
      board: new ReaderBoard(options.manager, (name) => this.#tell(name)),
      contexts: new WireNumbers<Client>(),
      cards: new WireNumbers<Client>(),
      lines: new WeakMap(),
      timers: options.timers ?? SYSTEM_TIMERS,
      report: options.onEvent ?? (() => {}),
    };
    this.#accepting = this.#accept();
  }

  /**
   * Listens. The socket of a server that has died is taken over.
   *
   * @throws {Error} when another server listens there, or the socket cannot be made
   * @throws {RangeError} when an option is out of range
   */
  static async listen(options: PcscLiteServerOptions): Promise<PcscLiteServer> {
    const {
      socketPath,
      mode = DEFAULT_SOCKET_MODE,
      maxClients = MAX_CLIENTS,
      writeTimeoutMs = DEFAULT_WRITE_TIMEOUT_MS,
    } = options;
    assertRange("mode", mode, 0, 0o777);
    assertRange("maxClients", maxClients, 1, 0xFFFFFF);
    assertRange("writeTimeoutMs", writeTimeoutMs, 1, 0x7FFFFFFF);
    return new PcscLiteServer(options, await bindSocket(socketPath, mode));
  }

  /** Whose readers are offered. */
  get manager(): ResourceManager {
    return this.#options.manager;
  }

  /** Clients that are connected. */
  get clientCount(): number {
    return this.#sessions.size;
  }

  /**
   * Takes the socket away, cancels the waits of clients, ends their connections, and
   * gives back what they had, as the profile does with the dead. Takes the manager's
   * `graceMs` at most. The manager stays open.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    const running = [...this.#sessions];
    await Promise.all(running.map(([session]) => session.shutDown()));
    await Promise.all(running.map(([, ended]) => ended));
    this.#hall.board.close();
  }

  async #accept(): Promise<void> {
    const { timers } = this.#hall;
    for (;;) {
      let socket: Deno.UnixConn;
      try {
        socket = await this.#listener.accept();
      } catch {
        if (this.#closing !== null) return;
        await new Promise<void>((go) => timers.set(go, ACCEPT_PAUSE_MS));
        continue;
      }
      if (this.#closing !== null) socket.close();
      else this.#welcome(socket);
    }
  }

  #welcome(socket: Deno.UnixConn): void {
    const { maxClients = MAX_CLIENTS, writeTimeoutMs } = this.#options;
    if (this.#sessions.size >= maxClients) {
      socket.close();
      this.#hall.report({ kind: "refused", clients: this.#sessions.size });
      return;
    }
    const session = new Session(
      ++this.#lastId,
      socket,
      this.#hall,
      writeTimeoutMs ?? DEFAULT_WRITE_TIMEOUT_MS,
    );
    const ended = session.run().finally(() => this.#sessions.delete(session));
    this.#sessions.set(session, ended);
  }

  #tell(readerName: string): void {
    for (const { client } of this.#sessions.keys()) {
      if (client.wait.registered && client.sees(readerName)) {
        client.wait.changed();
      }
    }
  }
}

function assertRange(
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot listen: ${name} is ${value}, expected ${least} to ${most}`,
  );
}
