/**
 * The card's side of one connection: requests of a reader in, answers out.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import { MAXIMUM_ATR_LENGTH } from "../../smclib/mod.ts";
import type { VpcdLink } from "./connection.ts";
import {
  FrameDecoder,
  VPCD_CTRL_ATR,
  VPCD_CTRL_OFF,
  VPCD_CTRL_ON,
  VPCD_CTRL_RESET,
  VPCD_HEADER_BYTES,
  VPCD_MAX_PAYLOAD_BYTES,
  writeFrame,
} from "./framing.ts";

/** A card that vpcd can carry: an ATR, and APDUs in and out. */
export interface VpcdApduCard {
  /** The ATR, 2 to 33 bytes; none when empty: the reader takes that for an empty slot. */
  readonly atr: Uint8Array;
  /** Power on: a cold reset. */
  powerOn(): MaybePromise<void>;
  /** A warm reset. */
  reset(): MaybePromise<void>;
  /** Power off, also by losing the reader, which may happen while another call is under way. */
  powerOff(): MaybePromise<void>;
  /**
   * One command.
   *
   * @param command the C-APDU, 4 to 65535 bytes, good during the call only
   * @returns the R-APDU, good until the next call
   */
  transmit(command: Uint8Array): MaybePromise<Uint8Array>;
}

/** Why a connection ended. */
export interface VpcdCardEnd {
  /**
   * `closed`: from this side. `reader-gone`: the reader closed the stream, or it broke.
   * `out-of-step`: the reader sent something while an answer was owed to it. `reader-stuck`: it took an
   * answer not in time. `card-failed`: the card threw, rejected, or has an impossible ATR.
   */
  readonly reason:
    | "closed"
    | "reader-gone"
    | "out-of-step"
    | "reader-stuck"
    | "card-failed";
  /** What the card threw; undefined for other reasons. */
  readonly error?: unknown;
}

/** '6700', wrong length: a command without a whole header, or an answer that no frame can carry. */
const WRONG_LENGTH = Uint8Array.of(0x67, 0x00);
/** '6985', conditions of use not satisfied: a command without power. */
const NO_POWER = Uint8Array.of(0x69, 0x85);

/** Shortest command APDU (ISO/IEC 7816-3 12.1.1). */
const MINIMUM_APDU_BYTES = 4;
const MINIMUM_ATR_BYTES = 2;
const CHUNK_BYTES = 16384;
/** Most bytes that may wait while a control code is served: two longest frames. */
const MAXIMUM_WAITING_BYTES = 2 * (VPCD_HEADER_BYTES + VPCD_MAX_PAYLOAD_BYTES);

/**
 * Serves one reader until it leaves. Control codes without a meaning are ignored. A command of less than 4
 * bytes, none included, is answered 6700, a command without power 6985, and neither reaches the card; an
 * answer of more than 65535 bytes becomes 6700. A card that fails has nothing to say, and no reader
 * of this protocol can be told so: the connection ends. At its end the card loses its power.
 */
export class VpcdCardSession {
  readonly #link: VpcdLink;
  readonly #card: VpcdApduCard;
  readonly #settleTimeoutMs: number;
  readonly #decoder = new FrameDecoder();
  readonly #frame = new Uint8Array(VPCD_HEADER_BYTES + VPCD_MAX_PAYLOAD_BYTES);
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isServing = false;
  #owesAnswer = false;
  #isPowered = false;
  #end: VpcdCardEnd | null = null;

  /** Settles when the connection is over and the card without power; never rejects. */
  readonly ended: Promise<VpcdCardEnd>;

  /**
   * Takes over a stream.
   *
   * @param link the stream to the reader; the session owns it from now on
   * @param card answers the reader
   * @param settleTimeoutMs deadline for the reader to take an answer, and for the card to lose its power
   */
  constructor(link: VpcdLink, card: VpcdApduCard, settleTimeoutMs: number) {
    this.#link = link;
    this.#card = card;
    this.#settleTimeoutMs = settleTimeoutMs;
    this.ended = this.#watch();
  }

  /** The card is taken out. */
  close(): void {
    this.#finish({ reason: "closed" });
  }

  /** Read at all times: the end of the stream must be heard while the card works. */
  async #watch(): Promise<VpcdCardEnd> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    while (this.#end === null) {
      let count: number | null;
      try {
        count = await this.#link.read(chunk);
      } catch {
        // A stream that breaks is a reader that went away, and one closed here has ended already.
        count = null;
      }
      if (count === null) this.#finish({ reason: "reader-gone" });
      else if (count > 0) this.#receive(chunk.slice(0, count));
    }
    return await this.#losePower(this.#end!);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#end !== null) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#owesAnswer || this.#waitingBytes > MAXIMUM_WAITING_BYTES) {
      this.#finish({ reason: "out-of-step" });
    } else if (!this.#isServing) this.#serve();
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    try {
      while (this.#end === null && this.#waiting.length > 0) {
        this.#take();
        if (!this.#decoder.isComplete) continue;
        await this.#obey(this.#decoder.payload);
        this.#decoder.start();
      }
    } catch (error) {
      this.#finish({ reason: "card-failed", error });
    }
    this.#isServing = false;
  }

  /** Moves what belongs to the current frame to the decoder. */
  #take(): void {
    const [bytes] = this.#waiting;
    const count = this.#decoder.push(bytes);
    this.#waitingBytes -= count;
    if (count === bytes.length) this.#waiting.shift();
    else this.#waiting[0] = bytes.subarray(count);
  }

  async #obey(payload: Uint8Array): Promise<void> {
    if (payload.length === 1 && payload[0] !== VPCD_CTRL_ATR) {
      return await this.#control(payload[0]);
    }
    if (this.#waitingBytes > 0) return this.#finish({ reason: "out-of-step" });
    this.#owesAnswer = true;
    const answer = payload.length === 1
      ? checkedAtr(this.#card.atr)
      : await this.#answerTo(payload);
    if (this.#end !== null) return;
    // From here on the reader may have it, and may go on.
    this.#owesAnswer = false;
    await this.#send(answer);
  }

  #control(code: number): MaybePromise<void> {
    const wasPowered = this.#isPowered;
    if (code === VPCD_CTRL_OFF) {
      this.#isPowered = false;
      return wasPowered ? this.#card.powerOff() : undefined;
    }
    // Warm without power is cold; all other codes are undefined.
    if (code === VPCD_CTRL_RESET && wasPowered) return this.#card.reset();
    if (code !== VPCD_CTRL_RESET && code !== VPCD_CTRL_ON) return;
    this.#isPowered = true;
    return this.#card.powerOn();
  }

  #answerTo(command: Uint8Array): MaybePromise<Uint8Array> {
    if (command.length < MINIMUM_APDU_BYTES) return WRONG_LENGTH;
    return this.#isPowered ? this.#card.transmit(command) : NO_POWER;
  }

  /** The whole frame in one write: some readers read it with a single recv(). */
  async #send(answer: Uint8Array): Promise<void> {
    const fits = answer.length <= VPCD_MAX_PAYLOAD_BYTES;
    const length = writeFrame(this.#frame, fits ? answer : WRONG_LENGTH);
    const timer = setTimeout(
      () => this.#finish({ reason: "reader-stuck" }),
      this.#settleTimeoutMs,
    );
    try {
      for (let sent = 0; sent < length && this.#end === null;) {
        sent += await this.#link.write(this.#frame.subarray(sent, length));
      }
    } catch {
      // A stream that takes nothing more is a reader that went away.
      this.#finish({ reason: "reader-gone" });
    } finally {
      clearTimeout(timer);
    }
  }

  #finish(end: VpcdCardEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#link.close();
  }

  async #losePower(end: VpcdCardEnd): Promise<VpcdCardEnd> {
    if (!this.#isPowered) return end;
    this.#isPowered = false;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.#settleTimeoutMs);
    try {
      await Promise.race([this.#card.powerOff(), late.promise]);
    } catch (error) {
      return { reason: "card-failed", error };
    } finally {
      clearTimeout(timer);
    }
    return end;
  }
}

function checkedAtr(atr: Uint8Array): Uint8Array {
  const { length } = atr;
  const isAtr = length >= MINIMUM_ATR_BYTES && length <= MAXIMUM_ATR_LENGTH;
  if (isAtr || length === 0) return atr;
  throw new RangeError(
    `Cannot tell ATR: it has ${length} bytes, expected none or ${MINIMUM_ATR_BYTES} to ${MAXIMUM_ATR_LENGTH}`,
  );
}
