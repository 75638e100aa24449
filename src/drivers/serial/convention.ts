/**
 * Direct and inverse convention as a UART sees them (ISO/IEC 7816-3 8.1).
 *
 * @module
 */

import { UNCONVERTED_INVERSE_TS } from "../../contact_reader/mod.ts";
import { CHARACTER_DAMAGED } from "./serial_port.ts";

/** Tells the convention by TS, and characters whose parity is right in it. */
export class Convention {
  #isUnknown = true;
  #isInverse = false;
  #seesParity = false;

  /** Whether TS has not come yet. */
  get isUnknown(): boolean {
    return this.#isUnknown;
  }

  /** The parity to send with: in inverse convention all nine bits are inverted, so that even becomes odd. */
  get parity(): "even" | "odd" {
    return this.#isInverse ? "odd" : "even";
  }

  /** After a reset. @param checkParity whether wrong parity is to be seen at all */
  reset(checkParity: boolean): void {
    this.#isUnknown = true;
    this.#isInverse = false;
    this.#seesParity = checkParity;
  }

  /**
   * Whether a character of the card has the right parity. The first one is TS.
   *
   * @param portParity the parity that the port looked for
   */
  isRight(character: number, portParity: "even" | "odd"): boolean {
    const isMarked = (character & CHARACTER_DAMAGED) !== 0;
    if (this.#isUnknown) {
      this.#isUnknown = false;
      this.#isInverse = (character & 0xFF) === UNCONVERTED_INVERSE_TS;
      // Under even parity an inverse TS is wrong: a port that takes it for right sees no parity.
      this.#seesParity &&= !this.#isInverse || isMarked;
    }
    return !this.#seesParity || isMarked === (portParity !== this.parity);
  }
}
