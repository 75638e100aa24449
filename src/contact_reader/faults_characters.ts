/**
 * What faults make of one character.
 *
 * @module
 */

import type { ByteFault } from "./faults.ts";
import type { ArmedFault } from "./faults_armed.ts";
import type { FaultStrikes, LineHost } from "./faults_strikes.ts";

/** T=0's error signal asks for a character so often; ISO/IEC 7816-3 sets no limit, EMV this one. */
const MOST_REPETITIONS = 3;

/** The fate of the character that passes. */
export class CharacterFaults {
  /** What arrives. */
  character = 0;
  /** How often; 0 for a character that is lost. */
  copies = 0;
  /** Whether the card was taken out at it. */
  isLast = false;
  readonly #host: LineHost;
  readonly #strikes: FaultStrikes;

  /** Judges the characters of one direction. */
  constructor(host: LineHost, strikes: FaultStrikes) {
    this.#host = host;
    this.#strikes = strikes;
  }

  /** A character passes: each fault in turn has its say on it. @param copies 0 where it is lost already */
  pass(
    character: number,
    copies: number,
    faults: readonly ArmedFault[],
  ): void {
    this.character = character;
    this.copies = copies;
    this.isLast = false;
    for (const fault of faults) {
      const { what } = fault.fault;
      // A character that is gone cannot be struck; the card can be taken out all the same.
      const canStrike = what.kind === "remove" || this.copies > 0;
      if (canStrike && isOfByte(what) && this.#strikes.isDue(fault)) {
        this.#change(fault, what);
      }
    }
  }

  #change(fault: ArmedFault, what: ByteFault): void {
    let repetitions = 0;
    switch (what.kind) {
      case "flip":
        this.character ^= mask(what.bit);
        break;
      case "lose":
        this.copies = 0;
        break;
      case "double":
        this.copies *= 2;
        break;
      case "remove":
        this.copies = 0;
        this.isLast = true;
        break;
      case "parity": {
        const { bit, arrivals = 1 } = what;
        const asks = this.#host.protocol() === "t0" ? MOST_REPETITIONS : 0;
        if (arrivals > asks) this.character ^= mask(bit);
        repetitions = Math.min(arrivals, asks);
      }
    }
    this.#strikes.strikeCharacter(fault, repetitions);
  }
}

function isOfByte(what: { readonly kind: string }): what is ByteFault {
  switch (what.kind) {
    case "flip":
    case "lose":
    case "double":
    case "remove":
    case "parity":
      return true;
    default:
      return false;
  }
}

function mask(bit: number | readonly number[]): number {
  return typeof bit === "number"
    ? 1 << bit
    : bit.reduce((all, each) => all | 1 << each, 0);
}
