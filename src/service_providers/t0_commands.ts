/**
 * Commands over T=0, which carries either data or an answer (ISO/IEC 7816-3 12.2).
 *
 * @module
 */

import {
  type CommandApdu,
  commandName,
  encodeCommand,
  isExtended,
  MAX_SHORT_NC,
  MAX_SHORT_NE,
} from "./command_apdu.ts";
import { SW_OK } from "./response_apdu.ts";
import { plainClass, type Send } from "./sender.ts";

const INS_ENVELOPE = 0xc2;
const INS_GET_RESPONSE = 0xc0;

/**
 * Makes commands fit T=0. Le stays at home where there are data (case 4); when the card then
 * says 9000 and nothing else, the answer is asked for by GET RESPONSE. More than 256
 * response bytes come by 61xx, for which {@linkcode withGetResponse} goes around this.
 * More than 255 data bytes go in ENVELOPE commands.
 */
export function withT0Commands(send: Send): Send {
  return async (command, options) => {
    const { data, ne = 0, extended: _, ...header } = command;
    const nc = data?.length ?? 0;
    if (nc > MAX_SHORT_NC) return await envelope(send, command, options);
    if (nc === 0) {
      const fitting = Math.min(ne, MAX_SHORT_NE);
      return await send({ ...header, ne: fitting }, options);
    }
    const response = await send({ ...header, data }, options);
    if (ne === 0 || response.sw !== SW_OK) return response;
    const fetched = await send({
      cla: plainClass(command.cla),
      ins: INS_GET_RESPONSE,
      p1: 0,
      p2: 0,
      ne: Math.min(ne, MAX_SHORT_NE),
    }, options);
    // A card that has nothing says so by some error: the command itself was done.
    const hasNothing = fetched.data.length === 0 && isError(fetched.sw);
    return hasNothing ? response : fetched;
  };
}

/** The whole command, in parts (12.2.2: case 3E and 4E). */
async function envelope(
  send: Send,
  command: CommandApdu,
  options: Parameters<Send>[1],
): ReturnType<Send> {
  const bytes = encodeCommand(command);
  if (!isExtended(command)) {
    throw new RangeError(
      `Cannot send ${
        commandName(command)
      }: it is short, expected an extended one`,
    );
  }
  const cla = plainClass(command.cla);
  try {
    for (let at = 0;; at += MAX_SHORT_NC) {
      const part = bytes.subarray(at, at + MAX_SHORT_NC);
      const secret = command.secret;
      const link = { cla, ins: INS_ENVELOPE, p1: 0, p2: 0, data: part, secret };
      const response = await send(link, options);
      const isLast = at + MAX_SHORT_NC >= bytes.length;
      if (isLast || response.sw !== SW_OK) return response;
    }
  } finally {
    if (command.secret) bytes.fill(0);
  }
}

function isError(sw: number): boolean {
  const sw1 = sw >> 8;
  return sw1 >= 0x64 && sw1 <= 0x6f && sw1 !== 0x6c;
}
