/**
 * Command chaining: long data in several commands (ISO/IEC 7816-4 5.3.3).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import { assertRange, MAX_EXTENDED_NC, MAX_SHORT_NC } from "./command_apdu.ts";
import { SW_OK } from "./response_apdu.ts";
import type { Send } from "./sender.ts";

const CLA_CHAINING = 0x10;

/**
 * Sends commands whose data are longer than `maxDataBytes` in parts, all but the last with
 * CLA bit 5 set. A part that is not answered 9000 is the last that is sent, and its answer
 * that of the command.
 *
 * @param maxDataBytes most data of one part, 1..65 535; default 255
 * @throws {RangeError} when it is out of range
 */
export function withCommandChaining(
  send: Send,
  maxDataBytes: number = MAX_SHORT_NC,
): Send {
  assertRange(maxDataBytes, 1, MAX_EXTENDED_NC, "the length of a part");
  return async (command, options) => {
    const { data = NO_BYTES, cla, ne, ...rest } = command;
    let at = 0;
    for (; data.length - at > maxDataBytes; at += maxDataBytes) {
      const part = data.subarray(at, at + maxDataBytes);
      const link = { ...rest, cla: cla | CLA_CHAINING, data: part };
      const response = await send(link, options);
      if (response.sw !== SW_OK) return response;
    }
    if (at === 0) return await send(command, options);
    return await send({ ...rest, cla, data: data.subarray(at), ne }, options);
  };
}
