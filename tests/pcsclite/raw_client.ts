/** A client of pcsc-lite's protocol that can also say what no library would. */

import assert from "node:assert/strict";
import {
  type Command,
  COMMANDS,
  CONNECT,
  encodeRequest,
  ESTABLISH,
  type Struct,
  TRANSMIT,
  VERSION,
} from "../../src/pcsclite/wire/mod.ts";

/** Longest wait for anything, in milliseconds. */
const DEADLINE_MS = 10_000;

export class RawClient implements Disposable {
  hContext = 0;
  #socket: Deno.UnixConn;
  #rest: Uint8Array = new Uint8Array(0);
  #closed = false;

  constructor(socket: Deno.UnixConn) {
    this.#socket = socket;
  }

  static async connect(path: string): Promise<RawClient> {
    return new RawClient(await Deno.connect({ transport: "unix", path }));
  }

  /** A client that has said its version and has a context. */
  static async open(path: string, minor = 4): Promise<RawClient> {
    const client = await RawClient.connect(path);
    const { rv } = await client.ask(COMMANDS.VERSION, VERSION, {
      major: 4,
      minor,
    });
    assert.equal(rv, 0);
    const { hContext } = await client.ask(
      COMMANDS.ESTABLISH_CONTEXT,
      ESTABLISH,
      { dwScope: 2 },
    );
    client.hContext = hContext;
    return client;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#socket.write(bytes.subarray(at));
    }
  }

  /** Exactly so many bytes. */
  async read(bytes: number): Promise<Uint8Array> {
    const whole = new Uint8Array(bytes);
    let at = Math.min(this.#rest.length, bytes);
    whole.set(this.#rest.subarray(0, at));
    this.#rest = this.#rest.subarray(at);
    while (at < bytes) {
      const chunk = await this.#chunk();
      if (chunk === null) {
        throw new Error(`end of file after ${at} of ${bytes} bytes`);
      }
      const used = Math.min(chunk.length, bytes - at);
      whole.set(chunk.subarray(0, used), at);
      this.#rest = chunk.subarray(used);
      at += used;
    }
    return whole;
  }

  async #chunk(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(65536);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`nothing came for ${DEADLINE_MS} ms`)),
        DEADLINE_MS,
      );
    });
    try {
      const bytes = await Promise.race([this.#socket.read(buffer), late]);
      return bytes === null ? null : buffer.subarray(0, bytes);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The server ends the connection without another byte. */
  async ended(): Promise<void> {
    assert.equal(this.#rest.length, 0, "an answer before the end");
    try {
      assert.equal(await this.#chunk(), null, "an answer instead of the end");
    } catch (error) {
      // Ended while something that was sent had not been read.
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  }

  /** A request, and its answer of the same layout. */
  async ask<M extends object>(
    command: Command,
    struct: Struct<M>,
    value: Partial<M>,
    payload?: Uint8Array,
  ): Promise<M> {
    await this.send(encodeRequest(command, struct.encode(value), payload));
    return struct.decode(await this.read(struct.bytes));
  }

  /** A request without body. */
  async order(command: Command): Promise<void> {
    await this.send(encodeRequest(command));
  }

  /** CONNECT; shared, T=0 or T=1, unless told otherwise. */
  connectCard(
    szReader: string,
    dwShareMode = 2,
    dwPreferredProtocols = 3,
    hContext: number = this.hContext,
  ) {
    return this.ask(COMMANDS.CONNECT, CONNECT, {
      hContext,
      szReader,
      dwShareMode,
      dwPreferredProtocols,
    });
  }

  /** A connection that works. */
  async card(szReader: string, share = 2): Promise<number> {
    const { hCard, rv } = await this.connectCard(szReader, share);
    assert.equal(rv, 0, `CONNECT: ${rv.toString(16)}`);
    assert.ok(hCard > 0);
    return hCard;
  }

  /** TRANSMIT; the answer's data when there are any. */
  async transmit(
    hCard: number,
    apdu: Uint8Array,
    options: { protocol?: number; room?: number } = {},
  ): Promise<{ rv: number; length: number; data: Uint8Array }> {
    const answer = await this.ask(COMMANDS.TRANSMIT, TRANSMIT, {
      hCard,
      ioSendPciProtocol: options.protocol ?? 2,
      ioSendPciLength: 16,
      cbSendLength: apdu.length,
      ioRecvPciProtocol: 0x1000,
      ioRecvPciLength: 16,
      pcbRecvLength: options.room ?? 65548,
    }, apdu);
    const { rv, pcbRecvLength: length } = answer;
    const data = await this.read(rv === 0 ? length : 0);
    return { rv, length, data };
  }
}
