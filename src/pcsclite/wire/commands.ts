/**
 * The commands of the protocol: numbers, and how long their messages are.
 *
 * @module
 */

import type { Dialect } from "./dialects.ts";
import { MAX_ATTRIBUTE_BYTES, MAX_PAYLOAD_BYTES } from "./limits.ts";
import {
  ATTRIBUTE,
  BEGIN,
  CANCEL,
  CONNECT,
  CONTROL,
  DISCONNECT,
  END,
  ESTABLISH,
  HEADER,
  RECONNECT,
  RELEASE,
  STATUS,
  TRANSMIT,
  VERSION,
} from "./messages.ts";

/** Numbers of the commands that are in use on the wire (pcsc_msg_commands). */
export const COMMANDS = {
  ESTABLISH_CONTEXT: 0x01,
  RELEASE_CONTEXT: 0x02,
  CONNECT: 0x04,
  RECONNECT: 0x05,
  DISCONNECT: 0x06,
  BEGIN_TRANSACTION: 0x07,
  END_TRANSACTION: 0x08,
  TRANSMIT: 0x09,
  CONTROL: 0x0A,
  STATUS: 0x0B,
  CANCEL: 0x0D,
  GET_ATTRIB: 0x0F,
  SET_ATTRIB: 0x10,
  VERSION: 0x11,
  GET_READERS_STATE: 0x12,
  WAIT_READER_STATE_CHANGE: 0x13,
  STOP_WAITING_READER_STATE_CHANGE: 0x14,
  GET_READER_EVENTS: 0x15,
  GET_READERS_STATE_SIZE: 0x16,
  GET_READERS_STATE_ARRAY: 0x17,
} as const;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;
/** The number of a command. */
export type Command = (typeof COMMANDS)[CommandName];

const BODY_BYTES: ReadonlyMap<number, number> = new Map<Command, number>([
  [COMMANDS.ESTABLISH_CONTEXT, ESTABLISH.bytes],
  [COMMANDS.RELEASE_CONTEXT, RELEASE.bytes],
  [COMMANDS.CONNECT, CONNECT.bytes],
  [COMMANDS.RECONNECT, RECONNECT.bytes],
  [COMMANDS.DISCONNECT, DISCONNECT.bytes],
  [COMMANDS.BEGIN_TRANSACTION, BEGIN.bytes],
  [COMMANDS.END_TRANSACTION, END.bytes],
  [COMMANDS.TRANSMIT, TRANSMIT.bytes],
  [COMMANDS.CONTROL, CONTROL.bytes],
  [COMMANDS.STATUS, STATUS.bytes],
  [COMMANDS.CANCEL, CANCEL.bytes],
  [COMMANDS.GET_ATTRIB, ATTRIBUTE.bytes],
  [COMMANDS.SET_ATTRIB, ATTRIBUTE.bytes],
  [COMMANDS.VERSION, VERSION.bytes],
  [COMMANDS.GET_READERS_STATE, 0],
]);

/**
 * Length of a command's body in bytes, without payload; null for a command that the
 * dialect does not have.
 */
export function bodyBytes(command: number, dialect: Dialect): number | null {
  switch (command) {
    case COMMANDS.WAIT_READER_STATE_CHANGE:
    case COMMANDS.STOP_WAITING_READER_STATE_CHANGE:
      return dialect.waitBodyBytes;
    case COMMANDS.GET_READER_EVENTS:
      return dialect.readerEvents ? 0 : null;
    case COMMANDS.GET_READERS_STATE_SIZE:
    case COMMANDS.GET_READERS_STATE_ARRAY:
      return dialect.variableStates ? 0 : null;
    default:
      return BODY_BYTES.get(command) ?? null;
  }
}

/**
 * Length of what follows a request's body, in bytes; null when the body announces more
 * than a buffer of the protocol holds.
 *
 * @param body at least {@linkcode bodyBytes} long
 * @param at where it begins
 */
export function payloadBytes(
  command: number,
  body: Uint8Array,
  at = 0,
): number | null {
  switch (command) {
    case COMMANDS.TRANSMIT:
      return within(TRANSMIT.get(body, "cbSendLength", at), MAX_PAYLOAD_BYTES);
    case COMMANDS.CONTROL:
      return within(CONTROL.get(body, "cbSendLength", at), MAX_PAYLOAD_BYTES);
    case COMMANDS.GET_ATTRIB:
    case COMMANDS.SET_ATTRIB: {
      const bytes = ATTRIBUTE.get(body, "cbAttrLen", at);
      return bytes > MAX_ATTRIBUTE_BYTES ? null : 0;
    }
    default:
      return 0;
  }
}

function within(bytes: number, limit: number): number | null {
  return bytes > limit ? null : bytes;
}

/**
 * A request as it goes over the socket, in one piece.
 *
 * @param body none for commands without
 * @param payload what follows the body of TRANSMIT and CONTROL
 */
export function encodeRequest(
  command: Command,
  body: Uint8Array = NOTHING,
  payload: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(HEADER.bytes + body.length + payload.length);
  HEADER.write(request, 0, { size: body.length, command });
  request.set(body, HEADER.bytes);
  request.set(payload, HEADER.bytes + body.length);
  return request;
}

const NOTHING: Uint8Array = new Uint8Array(0);
