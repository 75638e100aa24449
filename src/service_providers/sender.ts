/**
 * What sends commands. The wrappers of this folder take a {@linkcode Send} and are one.
 *
 * @module
 */

import type {
  SmartCardConnection,
  SmartCardWaitOptions,
} from "../smart_card/mod.ts";
import {
  type CommandApdu,
  commandName,
  encodeCommand,
} from "./command_apdu.ts";
import { parseResponse, type ResponseApdu } from "./response_apdu.ts";

/** What ends the waiting for an answer; the card goes on with what it was sent. */
export type SendOptions = SmartCardWaitOptions;

/** Sends a command, and resolves with whatever the card answers. */
export type Send = (
  command: CommandApdu,
  options?: SendOptions,
) => Promise<ResponseApdu>;

/** Where bytes go; a `SmartCardConnection` is one. */
export type Transmitter = Pick<SmartCardConnection, "transmit">;

/**
 * The sender at the bottom: each command is one `transmit`, as it is. The bytes of a
 * secret command are wiped afterwards.
 */
export function connectionSender(connection: Transmitter): Send {
  return async (command, options = {}) => {
    const bytes = encodeCommand(command);
    try {
      const answer = await connection.transmit(bytes, options);
      return parseResponse(new Uint8Array(answer), commandName(command));
    } finally {
      if (command.secret) bytes.fill(0);
    }
  };
}

/** The class byte without chaining and secure messaging, on the same channel (ISO/IEC 7816-4 5.4.1). */
export function plainClass(cla: number): number {
  if ((cla & 0xe0) === 0x00) return cla & ~0x1c;
  return (cla & 0xc0) === 0x40 ? cla & ~0x30 : cla;
}
