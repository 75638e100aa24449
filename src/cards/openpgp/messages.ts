/**
 * Commands longer than one C-APDU, and answers longer than one R-APDU (specification 3.4, 7: command chaining, GET RESPONSE).
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { LONGEST_MESSAGE_BYTES } from "./data_objects.ts";
import { SW } from "./status_words.ts";
import { concatBytes } from "./tlv.ts";

const CLA_CHAINED = 0x10;
const MOST_IN_LOW_BYTE = 0xff;

/** Puts chained commands together. */
export class CommandChain {
  #first: CardCommand | null = null;
  #data: Uint8Array = NO_BYTES;

  /** Forgets what has come. */
  clear(): void {
    this.#first = null;
    this.#data = NO_BYTES;
  }

  /**
   * Takes a link of a chain, or a command that is whole. Another command in between breaks
   * the chain, and counts itself. Ends the command with 6700 when it grows too long.
   *
   * @returns the whole command, null when more of it is to come
   */
  add(command: CardCommand): CardCommand | null {
    const first = this.#first;
    if (first !== null && !isSame(first, command)) this.clear();
    const data = this.#data.length === 0
      ? command.data
      : concatBytes(this.#data, command.data);
    if (data.length > LONGEST_MESSAGE_BYTES) {
      this.clear();
      return fail(SW.WRONG_LENGTH);
    }
    if ((command.cla & CLA_CHAINED) !== 0) {
      this.#first = command;
      this.#data = data;
      return null;
    }
    this.clear();
    return { ...command, data };
  }
}

function isSame(a: CardCommand, b: CardCommand): boolean {
  return a.ins === b.ins && a.p1 === b.p1 && a.p2 === b.p2;
}

/** Hands a response out in pieces. */
export class ResponseRest {
  #rest: Uint8Array = NO_BYTES;

  /** Forgets what was not fetched. */
  clear(): void {
    this.#rest = NO_BYTES;
  }

  /** The first `ne` bytes with 61xx when there are more, which GET RESPONSE fetches; all with 9000 otherwise. */
  deliver(data: Uint8Array, ne: number): Uint8Array {
    const rest = data.subarray(ne);
    this.#rest = rest;
    const { length } = rest;
    const status = length === 0
      ? SW.OK
      : SW.MORE_DATA | (length > MOST_IN_LOW_BYTE ? 0 : length);
    return response(status, data.subarray(0, ne));
  }

  /** GET RESPONSE. Ends the command with 6985 when there is nothing to fetch. */
  next({ p1, p2, data, ne }: CardCommand): Uint8Array {
    const rest = this.#rest;
    this.clear();
    if (p1 !== 0 || p2 !== 0) fail(SW.WRONG_PARAMETERS);
    if (data.length > 0 || ne === 0) fail(SW.WRONG_LENGTH);
    if (rest.length === 0) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
    return this.deliver(rest, ne);
  }
}

/** An R-APDU. */
export function response(
  status: number,
  data: Uint8Array = NO_BYTES,
): Uint8Array {
  return concatBytes(data, Uint8Array.of(status >> 8, status & 0xff));
}
