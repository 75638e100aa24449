/**
 * A service whose answers tests write, byte by byte.
 *
 * @module
 */

import {
  PcscLiteClient,
  type PcscLiteClientOptions,
} from "../../src/pcsclite/client/mod.ts";
import {
  type Command,
  encodeReaderStates,
  HEADER,
  payloadBytes,
  type ReaderStateEntry,
  WAIT,
} from "../../src/pcsclite/wire/mod.ts";
import {
  goodAnswer,
  type Peer,
  type Request,
  type Script,
} from "./client_answers.ts";

export { CARD, type Peer, type Reply, type Request } from "./client_answers.ts";

/** A reader's name. */
export const READER = "Scripted 00 00";
/** A reader with a card, as {@linkcode ScriptedService} has it. */
export const ENTRY: Partial<ReaderStateEntry> = {
  readerName: READER,
  eventCounter: 1,
  readerState: 0x34,
  cardAtr: Uint8Array.of(0x3B, 0x00),
  cardAtrLength: 2,
  cardProtocol: 2,
};

/** A signal of an event, or of a cancelled wait. */
export function signal(rv = 0): Uint8Array {
  return WAIT.encode({ rv });
}

/** Listens until disposed. */
export class ScriptedService implements AsyncDisposable {
  /** Where it listens. */
  readonly path: string;
  /** Commands in the order in which they came, all connections together. */
  readonly heard: number[] = [];
  /** Readers that it tells of. */
  readers: Partial<ReaderStateEntry>[] = [ENTRY];
  /** What it answers. */
  script: Script;
  readonly #minor: number;
  readonly #folder: string;
  readonly #listener: Deno.UnixListener;
  readonly #peers = new Set<Deno.Conn>();
  readonly #registered = new Set<Peer>();
  readonly #hearers = new Set<(command: number) => void>();
  #count = 0;
  readonly #accepting: Promise<void>;
  readonly #serving = new Set<Promise<void>>();

  /** Speaks version 4:`minor` alone. */
  constructor(script: Script = {}, minor = 4) {
    this.script = script;
    this.#minor = minor;
    this.#folder = Deno.makeTempDirSync({ prefix: "scripted-" });
    this.path = `${this.#folder}/socket`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.#accepting = this.#accept();
  }

  /** A client of it. */
  connect(options: PcscLiteClientOptions = {}): Promise<PcscLiteClient> {
    return PcscLiteClient.connect({
      socketPath: this.path,
      minor: this.#minor,
      ...options,
    });
  }

  /** How many connections have been made. */
  get connections(): number {
    return this.#count;
  }

  /** The array of readers as it is sent. */
  states(slots = 16): Uint8Array {
    return encodeReaderStates(this.readers, slots);
  }

  /** Resolves when a command comes. */
  hears(command: Command): Promise<void> {
    return new Promise((resolve) => {
      const hearer = (heard: number) => {
        if (heard !== command) return;
        this.#hearers.delete(hearer);
        resolve();
      };
      this.#hearers.add(hearer);
    });
  }

  /** Has other readers, and tells who waits, once. */
  async change(readers: Partial<ReaderStateEntry>[]): Promise<void> {
    this.readers = readers;
    await this.signal();
  }

  /** Ends the waits. */
  async signal(rv = 0): Promise<void> {
    const peers = [...this.#registered];
    this.#registered.clear();
    for (const peer of peers) await peer.send(signal(rv));
  }

  /** Ends all connections; new ones are taken. */
  hangUp(): void {
    for (const connection of this.#peers) close(connection);
  }

  /** Ends all connections; new ones are refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.hangUp();
    await this.#accepting;
    await Promise.all(this.#serving);
    Deno.removeSync(this.#folder, { recursive: true });
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        const serving = this.#serve(connection);
        this.#serving.add(serving);
        serving.finally(() => this.#serving.delete(serving));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#peers.add(connection);
    const peer: Peer = {
      index: this.#count++,
      send: (bytes) => writeAll(connection, bytes),
      close: () => close(connection),
    };
    try {
      for (;;) {
        const header = await readAll(connection, HEADER.bytes);
        if (header === null) return;
        const { size, command } = HEADER.decode(header);
        const body = await readAll(connection, size);
        if (body === null) return;
        const more = payloadBytes(command, body) ?? 0;
        const payload = await readAll(connection, more);
        if (payload === null) return;
        this.heard.push(command);
        const request = { command, body, payload, peer };
        const own = this.script[command as Command];
        const reply =
          await (own === undefined ? this.#answer(request) : own(request));
        if (reply === "close") return;
        if (reply !== null) await peer.send(reply);
        for (const hearer of [...this.#hearers]) hearer(command);
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      close(connection);
      this.#peers.delete(connection);
      this.#registered.delete(peer);
    }
  }

  #answer(request: Request): Uint8Array | null {
    return goodAnswer(request, {
      minor: this.#minor,
      registered: this.#registered,
      states: () => this.states(),
    });
  }
}

async function readAll(
  connection: Deno.Conn,
  length: number,
): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = await connection.read(bytes.subarray(at));
    if (count === null) return null;
    at += count;
  }
  return bytes;
}

async function writeAll(
  connection: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Of the client, which may go at any time. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.Interrupted;
}
