/**
 * One virtual card at the other end of a byte stream: strictly one request, one answer.
 *
 * @module
 */

import {
  MAXIMUM_ATR_LENGTH,
  STATUS_BUFFER_OVERFLOW,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../../smclib/mod.ts";
import {
  encodeFrame,
  FrameDecoder,
  VPCD_CTRL_ATR,
  VPCD_CTRL_OFF,
  VPCD_HEADER_BYTES,
  VPCD_MAX_PAYLOAD_BYTES,
  writeFrame,
} from "./framing.ts";

/** A stream of bytes to and from the card; `Deno.TcpConn` is one. */
export interface VpcdLink {
  /** Reads at least one byte; null at the end of the stream. */
  read(target: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and says how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the stream; a waiting `read` or `write` ends with it. */
  close(): void;
}

/** Shortest command APDU (ISO/IEC 7816-3 12.1.1); shorter frames are control codes or hang the card. */
const MINIMUM_APDU_BYTES = 4;
const MINIMUM_ATR_BYTES = 2;
const CHUNK_BYTES = 16384;
const NO_ANSWER = -1;

const CONTROL_FRAMES = [0, 1, 2, 3, 4].map((code) =>
  encodeFrame(Uint8Array.of(code))
);

/**
 * The reader's side of one card's connection.
 *
 * The protocol has no request identifiers. So whatever puts request and answer out of
 * step ends the connection: a missed deadline, bytes nobody asked for, a frame that is
 * too long. The stream is watched at all times, since its end is how a card is removed.
 */
export class VpcdConnection {
  readonly #link: VpcdLink;
  readonly #onEnd: () => void;
  readonly #decoder = new FrameDecoder();
  readonly #frame = new Uint8Array(VPCD_HEADER_BYTES + VPCD_MAX_PAYLOAD_BYTES);
  #settle: ((status: number) => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #awaitsAnswer = false;
  #awaitsWrite = false;
  #endStatus: number | null = null;
  #isPowered = false;

  /** Settles when nothing more comes from the stream. */
  readonly done: Promise<void>;

  /**
   * Takes over a stream.
   *
   * @param link the stream; the connection owns it from now on
   * @param onEnd called once when the connection ends, before a waiting request hears of it
   */
  constructor(link: VpcdLink, onEnd: () => void) {
    this.#link = link;
    this.#onEnd = onEnd;
    this.done = this.#watch();
  }

  /** Whether the card is still there. */
  get isOpen(): boolean {
    return this.#endStatus === null;
  }

  /** Whether the card was last told to power on. */
  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** The last answer: a view that holds until the next request. */
  get answer(): Uint8Array {
    return this.#decoder.payload;
  }

  /**
   * Sends a control code that has no answer: off, on or reset.
   *
   * @param code one of `VPCD_CTRL_OFF`, `VPCD_CTRL_ON`, `VPCD_CTRL_RESET`
   * @param timeoutMs deadline for the card to take it
   * @returns an NTSTATUS
   */
  async control(code: number, timeoutMs: number): Promise<number> {
    const status = await this.#request(
      CONTROL_FRAMES[code],
      NO_ANSWER,
      timeoutMs,
    );
    if (status === STATUS_SUCCESS) this.#isPowered = code !== VPCD_CTRL_OFF;
    return status;
  }

  /**
   * Asks for the ATR, which is then the {@linkcode answer}. A card without one is gone:
   * the connection ends with `STATUS_NO_MEDIA`. One byte is no ATR (ISO/IEC 7816-3 8.2: TS and T0
   * at least), but it is what somebody says who repeats all he hears.
   *
   * @param timeoutMs deadline for the answer
   * @returns an NTSTATUS
   */
  async readAtr(timeoutMs: number): Promise<number> {
    const status = await this.#request(
      CONTROL_FRAMES[VPCD_CTRL_ATR],
      MAXIMUM_ATR_LENGTH,
      timeoutMs,
    );
    const { length } = this.answer;
    if (status !== STATUS_SUCCESS || length >= MINIMUM_ATR_BYTES) return status;
    const problem = length === 0
      ? STATUS_NO_MEDIA
      : STATUS_DEVICE_PROTOCOL_ERROR;
    this.#end(problem);
    return problem;
  }

  /**
   * Sends a command APDU; the response APDU is then the {@linkcode answer}.
   *
   * @param apdu the command, copied before this returns
   * @param timeoutMs deadline for the answer
   * @returns an NTSTATUS: `STATUS_INVALID_PARAMETER` below 4 bytes, `STATUS_BUFFER_OVERFLOW`
   * above 65535, `STATUS_NO_MEDIA` when the card went away, `STATUS_IO_TIMEOUT`,
   * `STATUS_DEVICE_PROTOCOL_ERROR`
   */
  transmit(apdu: Uint8Array, timeoutMs: number): Promise<number> {
    if (apdu.length < MINIMUM_APDU_BYTES) {
      return Promise.resolve(STATUS_INVALID_PARAMETER);
    }
    if (apdu.length > VPCD_MAX_PAYLOAD_BYTES) {
      return Promise.resolve(STATUS_BUFFER_OVERFLOW);
    }
    if (this.#settle !== null) return Promise.resolve(STATUS_DEVICE_BUSY);
    const length = writeFrame(this.#frame, apdu);
    return this.#request(
      this.#frame.subarray(0, length),
      VPCD_MAX_PAYLOAD_BYTES,
      timeoutMs,
    );
  }

  /** The reader goes away: a waiting request ends with `STATUS_DEVICE_REMOVED`. */
  close(): void {
    this.#end(STATUS_DEVICE_REMOVED);
  }

  #request(
    frame: Uint8Array,
    answerLimitBytes: number,
    timeoutMs: number,
  ): Promise<number> {
    if (this.#endStatus !== null) return Promise.resolve(this.#endStatus);
    if (this.#settle !== null) return Promise.resolve(STATUS_DEVICE_BUSY);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#settle = resolve;
    this.#awaitsAnswer = answerLimitBytes !== NO_ANSWER;
    this.#awaitsWrite = true;
    this.#decoder.start(Math.max(answerLimitBytes, 0));
    this.#timer = setTimeout(() => this.#end(STATUS_IO_TIMEOUT), timeoutMs);
    this.#write(frame);
    return promise;
  }

  /** The whole frame in one write: some cards read it with a single recv(). */
  async #write(frame: Uint8Array): Promise<void> {
    try {
      let sent = await this.#link.write(frame);
      while (sent < frame.length && this.isOpen) {
        sent += await this.#link.write(frame.subarray(sent));
      }
    } catch {
      // A stream that takes nothing more is a card that went away.
      this.#end(STATUS_NO_MEDIA);
      return;
    }
    this.#awaitsWrite = false;
    this.#finish();
  }

  async #watch(): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    while (this.isOpen) {
      let count: number | null;
      try {
        count = await this.#link.read(chunk);
      } catch {
        // A reset stream is a card torn out, and one that was closed here has ended already.
        count = null;
      }
      if (count === null) this.#end(STATUS_NO_MEDIA);
      else if (count > 0) this.#receive(chunk.subarray(0, count));
    }
  }

  #receive(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    const taken = this.#awaitsAnswer ? this.#decoder.push(bytes) : 0;
    if (taken < bytes.length || this.#decoder.isRefused) {
      this.#end(STATUS_DEVICE_PROTOCOL_ERROR);
    } else if (this.#decoder.isComplete) {
      this.#awaitsAnswer = false;
      this.#finish();
    }
  }

  /** A card that answers before it has read everything is heard when the frame is out. */
  #finish(): void {
    if (this.#awaitsAnswer || this.#awaitsWrite) return;
    this.#resolve(STATUS_SUCCESS);
  }

  #end(status: number): void {
    if (this.#endStatus !== null) return;
    this.#endStatus = status;
    this.#isPowered = false;
    this.#link.close();
    this.#onEnd();
    this.#resolve(status);
  }

  #resolve(status: number): void {
    clearTimeout(this.#timer);
    const settle = this.#settle;
    this.#settle = null;
    settle?.(status);
  }
}
