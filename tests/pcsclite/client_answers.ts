/**
 * The answers of a service that grants everything.
 *
 * @module
 */

import {
  bodyBytes,
  type Command,
  COMMANDS,
  CONNECT,
  dialectOf,
  ESTABLISH,
  READER_EVENTS,
  RECONNECT,
  STATE_SIZE,
  VERSION,
  WAIT,
} from "../../src/pcsclite/wire/mod.ts";

/** One request as it came. */
export interface Request {
  /** Its number. */
  readonly command: number;
  /** Its struct. */
  readonly body: Uint8Array;
  /** What followed. */
  readonly payload: Uint8Array;
  /** Who sent it; bytes may be sent there at any time. */
  readonly peer: Peer;
}

/** Bytes of an answer, in pieces; null sends nothing, "close" ends the connection. */
export type Reply =
  | Uint8Array
  | null
  | "close"
  | Promise<Uint8Array | null | "close">;

/** What to answer a command; for others there are answers that succeed. */
export type Script = Partial<Record<Command, (request: Request) => Reply>>;

/** One client's connection. */
export interface Peer {
  /** Connections are counted from 0 on. */
  readonly index: number;
  /** Sends bytes. */
  send(bytes: Uint8Array): Promise<void>;
  /** Ends the connection. */
  close(): void;
}

/** A number that {@linkcode ScriptedService} gives every connection. */
export const CARD = 0x1234_5678;

/** What answers depend on. */
export interface Situation {
  /** Minor version that is spoken. */
  readonly minor: number;
  /** Who waits for a signal. */
  readonly registered: Set<Peer>;
  /** The array of readers. */
  states(): Uint8Array;
}

/** What a service answers that grants everything. */
export function goodAnswer(
  { command, body, peer }: Request,
  { minor, registered, states }: Situation,
): Uint8Array | null {
  const dialect = dialectOf(4, minor)!;
  if (bodyBytes(command, dialect) !== body.length) {
    throw new Error(`command ${command} with ${body.length} bytes`);
  }
  switch (command) {
    case COMMANDS.VERSION: {
      const proposed = VERSION.decode(body);
      const isSpoken = proposed.major === 4 && proposed.minor === minor;
      const rv = isSpoken ? 0 : 0x8010_001E;
      return VERSION.encode({ major: 4, minor, rv });
    }
    case COMMANDS.ESTABLISH_CONTEXT:
      return ESTABLISH.encode({
        ...ESTABLISH.decode(body),
        hContext: 0x0100 + peer.index,
      });
    case COMMANDS.CONNECT:
      return CONNECT.encode({
        ...CONNECT.decode(body),
        hCard: CARD,
        dwActiveProtocol: 2,
      });
    case COMMANDS.RECONNECT:
      return RECONNECT.encode({
        ...RECONNECT.decode(body),
        dwActiveProtocol: 1,
      });
    case COMMANDS.GET_READERS_STATE:
      return states();
    case COMMANDS.GET_READERS_STATE_SIZE:
      return STATE_SIZE.encode({ readers: 16 });
    case COMMANDS.GET_READERS_STATE_ARRAY:
      return states();
    case COMMANDS.GET_READER_EVENTS:
      return READER_EVENTS.encode({ readerEvents: 7 });
    case COMMANDS.WAIT_READER_STATE_CHANGE:
      registered.add(peer);
      return dialect.waitAnswers ? states() : null;
    case COMMANDS.STOP_WAITING_READER_STATE_CHANGE:
      return registered.delete(peer) ? WAIT.encode() : null;
    default:
      return body;
  }
}
