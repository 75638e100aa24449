/**
 * Requests that name a connection.
 *
 * @module
 */

import { hex32 } from "../../bytes.ts";
import {
  type Answered,
  type Command,
  encodeRequest,
  type Struct,
} from "../wire/mod.ts";
import { garbled } from "./errors.ts";
import type { LineOptions, RequestLine } from "./request_line.ts";

/** What requests that name a connection have in common. */
export interface CardAnswer extends Answered {
  /** The connection. */
  hCard: number;
}

/** A request to be sent. */
export interface CardRequest<Message extends CardAnswer> {
  /** Its number. */
  readonly command: Command;
  /** Its layout. */
  readonly struct: Struct<Message>;
  /** Its fields. */
  readonly body: Partial<Message>;
  /** Bytes that follow. */
  readonly payload?: Uint8Array;
  /** Bytes that follow the answer when its code is 0. */
  readonly restOf?: (answer: Message) => number;
  /** Most of them, as the request says. */
  readonly mostRest?: number;
  /** Milliseconds for the answer, from when the request is sent. */
  readonly timeoutMs: number;
}

/** What came back. */
export interface CardReply<Message> {
  /** The struct. */
  readonly answer: Message;
  /** What followed. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Sends a request when its turn has come, as often as it is called. */
export type CardQuestion<Message> = (
  options?: LineOptions<CardReply<Message>>,
) => Promise<CardReply<Message>>;

/**
 * A request, encoded once. An answer that repeats another connection than the request
 * named, or announces more than there was room for, ends the socket.
 */
export function cardQuestion<Message extends CardAnswer>(
  line: RequestLine,
  request: CardRequest<Message>,
): CardQuestion<Message> {
  const { command, struct, body, payload, mostRest = 0 } = request;
  const message = encodeRequest(command, struct.encode(body), payload);
  const rest = (bytes: Uint8Array) => {
    const answer = struct.decode(bytes);
    if (answer.hCard !== body.hCard) {
      const found = `an answer for connection ${hex32(answer.hCard)}`;
      throw garbled(found, hex32(body.hCard ?? 0));
    }
    const length = answer.rv === 0 ? request.restOf?.(answer) ?? 0 : 0;
    if (length <= mostRest) return length;
    throw garbled(`${length} bytes behind an answer`, `${mostRest} at most`);
  };
  const shape = { bytes: struct.bytes, rest };
  return (options) =>
    line.run(async (socket) => {
      const bytes = await socket.exchange(message, shape, request.timeoutMs);
      const answer = struct.decode(bytes);
      return { answer, rest: bytes.slice(struct.bytes) };
    }, options);
}
