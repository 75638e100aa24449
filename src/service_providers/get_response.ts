/**
 * 61xx: response data that GET RESPONSE fetches (ISO/IEC 7816-3 12.2.1, 7816-4 5.3.4).
 *
 * @module
 */

import { commandName, MAX_EXTENDED_NE } from "./command_apdu.ts";
import { CardAnswerError, type ResponseApdu, SW_OK } from "./response_apdu.ts";
import { plainClass, type Send } from "./sender.ts";
import { statusText } from "./status_words.ts";

/** How {@linkcode withGetResponse} goes on. */
export interface GetResponseOptions {
  /** Most GET RESPONSE commands for one command; default 1024. */
  readonly maxExchanges?: number;
  /** Most response bytes of one command; default 65 536. */
  readonly maxBytes?: number;
  /** Fetches also what a command did not ask for; default false, 61xx is given back then. */
  readonly unasked?: boolean;
  /** The class byte of GET RESPONSE; default that of the command without chaining and secure messaging. */
  readonly classOf?: (cla: number) => number;
}

const DEFAULT_MAX_EXCHANGES = 1024;
const INS_GET_RESPONSE = 0xc0;

/**
 * Fetches what 61xx announces, until the card has no more or Ne bytes are there; the
 * answer then carries all data and the last status, 9000 where that is still 61xx.
 *
 * @param options limits; a card that goes beyond them, or announces data and gives none,
 * makes the command fail with {@linkcode CardAnswerError}
 */
export function withGetResponse(
  send: Send,
  options: GetResponseOptions = {},
): Send {
  const {
    maxExchanges = DEFAULT_MAX_EXCHANGES,
    maxBytes = MAX_EXTENDED_NE,
    unasked = false,
    classOf = plainClass,
  } = options;
  return async (command, sendOptions) => {
    let response = await send(command, sendOptions);
    if (!announcesMore(response)) return response;
    const wanted = command.ne || (unasked ? MAX_EXTENDED_NE : 0);
    if (wanted === 0 || command.ins === INS_GET_RESPONSE) return response;
    const name = commandName(command);
    const cla = classOf(command.cla);
    const parts = [response.data];
    let length = response.data.length;
    for (let count = 0; announcesMore(response); count++) {
      const rest = wanted - length;
      if (rest <= 0) return { data: join(parts, length), sw: SW_OK };
      if (count >= maxExchanges) {
        throw endless(name, `more after ${count} times`, `${maxExchanges}`);
      }
      const ne = Math.min((response.sw & 0xff) || 256, rest);
      const get = { cla, ins: INS_GET_RESPONSE, p1: 0, p2: 0, ne };
      response = await send(get, sendOptions);
      if (response.data.length > ne) {
        throw endless(name, `${response.data.length} bytes`, `${ne}`);
      }
      if (response.data.length === 0 && announcesMore(response)) {
        throw endless(name, `${statusText(response.sw)} and no data`, "some");
      }
      parts.push(response.data);
      length += response.data.length;
      if (length > maxBytes) {
        throw endless(name, `${length} bytes in all`, `${maxBytes}`);
      }
    }
    return { data: join(parts, length), sw: response.sw };
  };
}

function announcesMore({ sw }: ResponseApdu): boolean {
  return sw >> 8 === 0x61;
}

function endless(name: string, found: string, most: string): CardAnswerError {
  return new CardAnswerError(
    `Cannot fetch the answer to ${name}: GET RESPONSE gave ${found}, expected ${
      most === "some" ? most : `${most} at most`
    }`,
  );
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
