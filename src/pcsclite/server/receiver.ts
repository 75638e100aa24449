/**
 * Messages out of a stream of bytes: bounded memory, and sizes are checked before
 * anything is allocated.
 *
 * @module
 */

import {
  bodyBytes,
  type Dialect,
  HEADER,
  MAX_PAYLOAD_BYTES,
  payloadBytes,
  TRANSMIT,
} from "../wire/mod.ts";
import { ProtocolViolation } from "./violation.ts";

/** Room for most messages: what a client that says little costs. */
const BASE_BYTES = 1024;
/** Longest message of the protocol. */
const LIMIT_BYTES = HEADER.bytes + TRANSMIT.bytes + MAX_PAYLOAD_BYTES;

/** One message of a client. */
export interface Request {
  /** One that the dialect has. */
  readonly command: number;
  /** A copy of the body: the answer is written into it. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** What follows the body; valid until the next call of the receiver. */
  readonly payload: Uint8Array;
}

/** Collects bytes, and cuts them into messages. */
export class Receiver {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(BASE_BYTES);
  #start = 0;
  #end = 0;
  /** Bytes of the message at the start, as far as they are known. */
  #needed = HEADER.bytes;

  /** Bytes that are held at most, at this moment. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Where the next bytes go, or null when messages must be taken out first; moves what is there. */
  room(): Uint8Array<ArrayBuffer> | null {
    const held = this.#end - this.#start;
    const wanted = Math.max(BASE_BYTES, Math.min(this.#needed, LIMIT_BYTES));
    if (held === 0 && this.#buffer.length > wanted) {
      this.#buffer = new Uint8Array(wanted);
    } else if (this.#buffer.length < wanted) {
      const larger = new Uint8Array(wanted);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    } else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = held;
    return held === this.#buffer.length ? null : this.#buffer.subarray(held);
  }

  /** `bytes` came into {@linkcode room}. */
  received(bytes: number): void {
    this.#end += bytes;
  }

  /**
   * Takes the next message out, or null when it is not complete.
   *
   * @throws {ProtocolViolation} as soon as it is known not to be one
   */
  next(dialect: Dialect): Request | null {
    const held = this.#end - this.#start;
    this.#needed = HEADER.bytes;
    if (held < HEADER.bytes) return null;
    const size = HEADER.get(this.#buffer, "size", this.#start);
    const command = HEADER.get(this.#buffer, "command", this.#start);
    const expected = bodyBytes(command, dialect);
    if (expected === null) {
      throw new ProtocolViolation(
        `Cannot read a request: command ${command}, expected one of protocol 4:${dialect.minor}`,
      );
    }
    if (size !== expected) {
      throw new ProtocolViolation(
        `Cannot read command ${command}: a body of ${size} bytes, expected ${expected}`,
      );
    }
    this.#needed += size;
    if (held < this.#needed) return null;
    const bodyAt = this.#start + HEADER.bytes;
    const payload = payloadBytes(command, this.#buffer, bodyAt);
    if (payload === null) {
      throw new ProtocolViolation(
        `Cannot read command ${command}: it announces more than a buffer holds, expected ${MAX_PAYLOAD_BYTES} bytes at most`,
      );
    }
    this.#needed += payload;
    if (held < this.#needed) return null;
    const payloadAt = bodyAt + size;
    this.#start += this.#needed;
    this.#needed = HEADER.bytes;
    return {
      command,
      body: this.#buffer.slice(bodyAt, payloadAt),
      payload: this.#buffer.subarray(payloadAt, payloadAt + payload),
    };
  }
}
