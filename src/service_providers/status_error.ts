/**
 * Status words that are failures.
 *
 * @module
 */

import type { ScardName } from "../resource_manager/mod.ts";
import { type ResponseApdu, SW_OK } from "./response_apdu.ts";
import {
  retriesLeft,
  statusMeaning,
  statusScardName,
  statusText,
} from "./status_words.ts";

/** A card refused a command; compare by {@linkcode CardStatusError.sw}. */
export class CardStatusError extends Error {
  /** SW1 SW2. */
  readonly sw: number;

  /**
   * An error by its status.
   *
   * @param attempt what failed, without data: `READ BINARY`
   * @param sw SW1 SW2
   */
  constructor(attempt: string, sw: number) {
    super(
      `Cannot ${attempt}: the card answers ${statusText(sw)} (${
        statusMeaning(sw)
      }), expected 9000`,
    );
    this.name = "CardStatusError";
    this.sw = sw;
  }

  /** What ISO/IEC 7816-4 says about the status. */
  get meaning(): string {
    return statusMeaning(this.sw);
  }

  /** Tries left, where the status is 63Cx; 0 where it is 6983. */
  get retriesLeft(): number | undefined {
    return this.sw === 0x6983 ? 0 : retriesLeft(this.sw);
  }

  /** The return code of PC/SC that says the same, where one does. */
  get scardName(): ScardName | undefined {
    return statusScardName(this.sw);
  }
}

/**
 * Gives the data of a response back.
 *
 * @param attempt what was sent, for the message
 * @param allowed status words that are no failures either
 * @throws {CardStatusError} when the status is neither 9000 nor allowed
 */
export function expectOk(
  { data, sw }: ResponseApdu,
  attempt: string,
  allowed: readonly number[] = [],
): Uint8Array {
  if (sw === SW_OK || allowed.includes(sw)) return data;
  throw new CardStatusError(attempt, sw);
}
