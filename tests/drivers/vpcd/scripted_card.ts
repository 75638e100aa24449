/**
 * The card's side of vpcd as a script: what it answers to each frame, and how it misbehaves.
 *
 * @module
 */

import { fromHex, toHex } from "../../../src/bytes.ts";
import { encodeFrame, FrameDecoder } from "../../../src/drivers/vpcd/mod.ts";

/** T=1 only, TA1 = 13: negotiable. The card of vicc. */
export const ATR_T1 = fromHex("3B951381018073FF01000B");
/** T=0 only, no TA1: specific at once. */
export const ATR_T0 = fromHex("3B00");

/** What the card does about a frame: bytes that go out as they are, nothing, or leaving. */
export type Reaction = Uint8Array | "silence" | "leave";
/** Told the payload of each frame. */
export type Script = (payload: Uint8Array) => Reaction | Promise<Reaction>;

/** A frame around hexadecimal text. */
export function frame(hex: string): Uint8Array<ArrayBuffer> {
  return encodeFrame(fromHex(hex));
}

/** A card with an ATR that leaves control codes alone and gives APDUs to `onApdu`. */
export function plainCard(
  onApdu: Script = () => frame("9000"),
  atr: Uint8Array = ATR_T1,
): Script {
  return (payload) => {
    if (payload.length !== 1) return onApdu(payload);
    return payload[0] === 4 ? encodeFrame(atr) : "silence";
  };
}

/** A card that connects to a reader and follows its script. */
export class ScriptedCard implements AsyncDisposable {
  /** Payloads received so far, in hexadecimal. */
  readonly received: string[] = [];
  /** Settles when the connection has ended, whoever ended it. */
  readonly gone: Promise<void>;
  readonly #link: Deno.TcpConn;
  #isClosed = false;

  private constructor(link: Deno.TcpConn, script: Script) {
    this.#link = link;
    this.gone = this.#run(script);
  }

  /** Connects to the reader on `port` of the loopback. */
  static async insert(port: number, script: Script): Promise<ScriptedCard> {
    const link = await Deno.connect({ hostname: "127.0.0.1", port });
    link.setNoDelay(true);
    return new ScriptedCard(link, script);
  }

  /** Sends bytes nobody asked for. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#link.write(bytes.subarray(sent));
    }
  }

  /** Takes the card out and waits until that is done. */
  remove(): Promise<void> {
    if (!this.#isClosed) this.#link.close();
    this.#isClosed = true;
    return this.gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  async #run(script: Script): Promise<void> {
    const decoder = new FrameDecoder();
    const chunk = new Uint8Array(4096);
    try {
      for (;;) {
        const count = await this.#link.read(chunk);
        if (count === null) break;
        let rest = chunk.subarray(0, count);
        while (rest.length > 0) {
          rest = rest.subarray(decoder.push(rest));
          if (!decoder.isComplete) continue;
          const payload = decoder.payload.slice();
          decoder.start();
          this.received.push(toHex(payload));
          const reaction = await script(payload);
          if (reaction === "leave") return;
          if (reaction !== "silence") await this.send(reaction);
        }
      }
    } catch (error) {
      if (!isEnd(error)) throw error;
    } finally {
      if (!this.#isClosed) this.#link.close();
      this.#isClosed = true;
    }
  }
}

/** The reader dropped the connection, or the test took the card out. */
function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe;
}
