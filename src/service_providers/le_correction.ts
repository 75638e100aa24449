/**
 * 6Cxx: the command again, with the Le that the card tells (ISO/IEC 7816-3 12.2.1, 7816-4 5.3.4).
 *
 * @module
 */

import type { Send } from "./sender.ts";

/**
 * Sends a command that was answered 6Cxx once more with Le = xx, and gives back no more
 * bytes than were asked for first. A second 6Cxx is final. Commands that ask for nothing
 * are left alone.
 */
export function withLeCorrection(send: Send): Send {
  return async (command, options) => {
    const response = await send(command, options);
    const { ne = 0 } = command;
    if (response.sw >> 8 !== 0x6c || ne === 0) return response;
    const exact = (response.sw & 0xff) || 256;
    const { data, sw } = await send({ ...command, ne: exact }, options);
    return { data: data.subarray(0, ne), sw };
  };
}
