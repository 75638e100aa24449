/**
 * The socket of one client: one request at a time, while it is watched whether the
 * client is still there.
 *
 * @module
 */

import { WAIT } from "../wire/mod.ts";
import { Client, type Hall } from "./client.ts";
import { COMMAND_TABLE } from "./command_table.ts";
import { Receiver, type Request } from "./receiver.ts";
import { Sender } from "./sender.ts";

/** How long a client has to take the cancellation of its wait when the server ends, in milliseconds. */
export const FAREWELL_MS = 200;

/** The part of a socket that is used. */
export interface ClientSocket {
  /** Reads some bytes; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends both directions; pending reads end, too. */
  close(): void;
}

/** Serves one client until it goes. */
export class Session {
  /** The client's state. */
  readonly client: Client;
  #socket: ClientSocket;
  #receiver = new Receiver();
  #sender: Sender;
  #busy = false;
  #idle: (() => void) | null = null;
  #closed = false;
  #cause: unknown = null;

  /**
   * Nothing is read before {@linkcode run}.
   *
   * @param writeTimeoutMs milliseconds that a client has to read what was written
   */
  constructor(
    id: number,
    socket: ClientSocket,
    hall: Hall,
    writeTimeoutMs: number,
  ) {
    this.#socket = socket;
    this.#sender = new Sender(
      socket,
      hall.timers,
      writeTimeoutMs,
      (error) => this.close(error),
    );
    this.client = new Client(
      id,
      hall,
      (rv) => void this.#sender.send(WAIT.encode({ rv })),
    );
  }

  /** Serves the client; resolves when it has gone and everything of it was given back. */
  async run(): Promise<void> {
    const { report } = this.client.hall;
    report({ kind: "connected", client: this.client.id });
    await this.#read();
    this.close();
    await this.client.abandon();
    report({
      kind: "disconnected",
      client: this.client.id,
      error: this.#cause,
    });
  }

  /** Ends a wait for events with its cancellation, then the connection; takes {@linkcode FAREWELL_MS} at most. */
  async shutDown(): Promise<void> {
    const { wait, hall } = this.client;
    // Nothing is held back any more: no answer will follow.
    wait.hold(0);
    if (wait.cancel()) {
      await new Promise<void>((resolve) => {
        const late = hall.timers.set(resolve, FAREWELL_MS);
        this.#sender.send(NO_BYTES).then(() => {
          hall.timers.clear(late);
          resolve();
        });
      });
    }
    this.close();
  }

  /**
   * Ends the connection.
   *
   * @param cause why the client is sent away, if it is
   */
  close(cause: unknown = null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cause = cause;
    this.#sender.close();
    this.#idle?.();
    this.#socket.close();
  }

  async #read(): Promise<void> {
    while (!this.#closed) {
      const room = this.#receiver.room();
      if (room === null) {
        await this.#whenIdle();
        continue;
      }
      let bytes: number | null;
      try {
        bytes = await this.#socket.read(room);
      } catch (error) {
        // Reset by the client, or closed here.
        this.close(this.#closed ? null : error);
        return;
      }
      if (bytes === null) return;
      this.#receiver.received(bytes);
      if (!this.#busy) this.#work();
    }
  }

  #whenIdle(): Promise<void> {
    return new Promise((resolve) => this.#idle = resolve);
  }

  /** Answers the requests that are there; the next one when the answer to the last is written. */
  #work(): void {
    if (this.#closed) return;
    try {
      const request = this.#receiver.next(this.client.dialect);
      if (request !== null) return this.#serve(request);
    } catch (error) {
      return this.close(error);
    }
    this.#idle?.();
    this.#idle = null;
  }

  #serve({ command, body, payload }: Request): void {
    this.#busy = true;
    const answer = COMMAND_TABLE.get(command)!(this.client, body, payload);
    if (answer instanceof Promise) {
      answer.then(
        (late) => this.#answer(late),
        (error) => this.close(error),
      );
    } else this.#answer(answer);
  }

  #answer(answer: Uint8Array<ArrayBuffer> | null): void {
    const { client } = this;
    const next = () => {
      this.#busy = false;
      this.#work();
    };
    if (answer === null) queueMicrotask(next);
    else this.#sender.send(answer).then(next);
    client.afterAnswer?.();
    client.afterAnswer = null;
  }
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
