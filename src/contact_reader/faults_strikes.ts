/**
 * Which fault strikes at the place where a direction of a link stands, and who hears of
 * it.
 *
 * @module
 */

import { SmartcardLogError, STATUS_UNSUCCESSFUL } from "../smclib/mod.ts";
import type { ArmedFault } from "./faults_armed.ts";
import { type LinePosition, LinkCounts } from "./faults_counts.ts";
import type { FaultyLinkOptions } from "./faults_link.ts";

/** What both directions know of the link. */
export interface LineHost {
  /** What has passed both ways, and the card's convention. */
  readonly counts: LinkCounts;
  /** The protocol in force. */
  readonly protocol: () => "t0" | "t1" | null;
  /** Hears of a strike at the present place. */
  readonly struck: (
    fault: ArmedFault,
    position: LinePosition,
    byte: number,
    repetitions: number,
  ) => void;
}

/** What the options of a link say of it. Who hears of strikes and throws is logged, and disturbs no exchange. */
export function lineHost(options: FaultyLinkOptions): LineHost {
  return {
    counts: options.counts ?? new LinkCounts(),
    protocol: options.protocol ?? (() => null),
    struck: (armed, { exchange, isInAtr, afterAtr }, byte, repetitions) => {
      try {
        options.onFault?.({
          index: armed.index,
          fault: armed.fault,
          direction: armed.direction,
          exchange,
          block: isInAtr ? 0 : afterAtr.block,
          byte,
          isLast: armed.isOver,
          repetitions,
        });
      } catch (error) {
        SmartcardLogError(null, STATUS_UNSUCCESSFUL, `onFault: ${error}`);
      }
    },
  };
}

/** The strikes of one direction. */
export class FaultStrikes {
  readonly #host: LineHost;
  readonly #position: LinePosition;

  /** Watches a direction that stands at `position`. */
  constructor(host: LineHost, position: LinePosition) {
    this.#host = host;
    this.#position = position;
  }

  /** Whether a fault strikes here; asked once for each place. */
  isDue(fault: ArmedFault): boolean {
    return !fault.isOver && fault.fits(this.#position) && fault.draw();
  }

  /** A fault has struck the block. */
  strikeBlock(fault: ArmedFault): void {
    this.#strike(fault, 0, 0);
  }

  /** A fault has struck the character. @param repetitions how often it was asked for again */
  strikeCharacter(fault: ArmedFault, repetitions = 0): void {
    this.#strike(fault, this.#position.byteOfBlock, repetitions);
  }

  #strike(fault: ArmedFault, byte: number, repetitions: number): void {
    fault.strike();
    this.#host.struck(fault, this.#position, byte, repetitions);
  }
}
