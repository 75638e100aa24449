/**
 * The reader's side of vpcd, frame by frame: what a test sends to a card, and what comes back.
 *
 * @module
 */

import { fromHex, toHex } from "../../../src/bytes.ts";
import { FrameDecoder } from "../../../src/drivers/vpcd/mod.ts";

const DEADLINE_MS = 10_000;

/** A raw connection to a card. */
export class ScriptedReader implements Disposable {
  readonly #link: Deno.TcpConn;
  readonly #decoder = new FrameDecoder();

  /** Takes over a connection. */
  constructor(link: Deno.TcpConn) {
    this.#link = link;
    link.setNoDelay(true);
  }

  /** Connects to a card that listens on `port` of the loopback. */
  static async connect(port: number): Promise<ScriptedReader> {
    return new ScriptedReader(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
  }

  /** Sends bytes as they are, given in hexadecimal. */
  async send(hex: string): Promise<void> {
    const bytes = fromHex(hex);
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#link.write(bytes.subarray(sent));
    }
  }

  /** The payload of the next frame in hexadecimal; `end` when the card has left. */
  async receive(): Promise<string> {
    const chunk = new Uint8Array(1);
    const timer = setTimeout(() => this.#link.close(), DEADLINE_MS);
    this.#decoder.start();
    try {
      while (!this.#decoder.isComplete) {
        const count = await this.#link.read(chunk);
        if (count === null) return "end";
        this.#decoder.push(chunk);
      }
      return toHex(this.#decoder.payload);
    } catch (error) {
      // The card left with bytes unread, which resets the connection.
      if (error instanceof Deno.errors.ConnectionReset) return "end";
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends bytes, and returns the payload of the answer. */
  async ask(hex: string): Promise<string> {
    await this.send(hex);
    return await this.receive();
  }

  /** One read: what has come in a piece, in hexadecimal. */
  async readPiece(): Promise<string> {
    const chunk = new Uint8Array(4096);
    const count = await this.#link.read(chunk);
    return count === null ? "end" : toHex(chunk.subarray(0, count));
  }

  /** Says that nothing more will be sent. */
  async closeWrite(): Promise<void> {
    await this.#link.closeWrite();
  }

  [Symbol.dispose](): void {
    this.#link.close();
  }
}
