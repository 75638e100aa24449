/**
 * A link with faults.
 *
 * @module
 */

import type { CardLink, Timer } from "./card_link.ts";
import type { FaultStrike, LinkFault } from "./faults.ts";
import { FaultyCardLink } from "./faults_card_link.ts";
import type { LinkCounts } from "./faults_counts.ts";

/** What a faulty link needs to know of its reader. */
export interface FaultyLinkOptions {
  /** How to wait; default: the runtime's timer. */
  readonly timer?: Timer;
  /** Hears of each fault that struck. */
  readonly onFault?: (strike: FaultStrike) => void;
  /** Takes the card out of the slot; without it, faults of kind "remove" are refused. */
  readonly remove?: () => void;
  /** The protocol in force: T=0 repeats characters, T=1 has blocks. Default: none. */
  readonly protocol?: () => "t0" | "t1" | null;
  /** What has passed over the link before it was wrapped; the faulty link counts on in it. Default: nothing. */
  readonly counts?: LinkCounts;
}

/** A link with faults, and what its reader may tell it. */
export interface FaultyLink extends CardLink {
  /** The faults that are not over. */
  readonly faults: readonly LinkFault[];
  /**
   * Sets other faults in place of those before; an empty list ends all of them.
   *
   * @throws {RangeError} as {@linkcode faultyLink}; those before stay then
   */
  inject(faults: readonly LinkFault[]): void;
  /** An exchange begins: a driver says so at RDF_TRANSMIT. A link that is never told has exchange 0 only. */
  beginExchange(): void;
  /** The card is out of the slot: what it said is dropped, and a reception held up by a fault ends. */
  cardGone(): void;
}

/**
 * Wraps `link`: the same link, with faults. While none is in force it adds no promise;
 * a fault adds one only where an answer is late. A character that a fault takes away
 * makes the reception wait for the next one, its share of the wait anew.
 *
 * @throws {RangeError} `Cannot read link fault: ...` when `faults` are none, as
 * `parseLinkFaults`; `Cannot use link fault: ...` when the card is to be taken out and
 * `options.remove` is missing
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type CardLink, faultyLink } from "./mod.ts";
 *
 * const echo: CardLink & { said: number[] } = {
 *   said: [],
 *   reset() {},
 *   powerOff() {},
 *   send(bytes) {
 *     this.said = [...bytes];
 *   },
 *   receive(target, offset, wanted) {
 *     const taken = this.said.splice(0, wanted);
 *     target.set(taken, offset);
 *     return taken.length;
 *   },
 *   get available() {
 *     return this.said.length;
 *   },
 * };
 * const link = faultyLink(echo, [{
 *   what: { kind: "flip", bit: 0, at: { direction: "from-card", byte: 1 } },
 *   until: { kind: "times", times: 1 },
 * }]);
 * const target = new Uint8Array(2);
 * link.reset("cold");
 * link.send(Uint8Array.of(8, 8));
 * assert.equal(link.receive(target, 0, 2, 1000), 2);
 * assert.deepEqual([...target], [8, 9]);
 * link.send(Uint8Array.of(8, 8));
 * assert.equal(link.receive(target, 0, 2, 1000), 2);
 * assert.deepEqual([...target], [8, 8]);
 * ```
 */
export function faultyLink(
  link: CardLink,
  faults: readonly LinkFault[] = [],
  options: FaultyLinkOptions = {},
): FaultyLink {
  return new FaultyCardLink(link, faults, options);
}
