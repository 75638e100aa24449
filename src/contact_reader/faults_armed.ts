/**
 * A fault in force: whether it strikes here, and whether it is over.
 *
 * @module
 */

import type {
  BlockPlace,
  BytePlace,
  FaultDirection,
  LinkFault,
} from "./faults.ts";
import type { LinePosition } from "./faults_counts.ts";

/** One fault of the list, and what it has done so far. */
export class ArmedFault {
  /** Place in the list. */
  readonly index: number;
  /** The fault itself. */
  readonly fault: LinkFault;
  /** Which way it strikes. */
  readonly direction: FaultDirection;
  readonly #place: BlockPlace & BytePlace;
  #isOver = false;
  #strikes = 0;
  #characters = 0;
  #exchanges = 0;
  #candidates = 0;
  #random: number;

  /** Puts a fault in force. */
  constructor(fault: LinkFault, index: number) {
    this.index = index;
    this.fault = fault;
    // The parser has let each kind of fault have its own kind of place only.
    this.#place = (fault.what.at ?? {}) as BlockPlace & BytePlace;
    this.direction = this.#place.direction ?? "from-card";
    const { which } = this.#place;
    this.#random = which?.kind === "random" ? which.seed : 0;
  }

  /** Whether it will not strike any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the next character, or the block that it begins, is in the place; draws nothing. */
  fits(position: LinePosition): boolean {
    const { phase = "after-atr", exchange, block, byte, since } = this.#place;
    if (phase !== "any" && position.isInAtr !== (phase === "atr")) return false;
    if (exchange !== undefined && exchange !== position.exchange) return false;
    const counts = phase === "after-atr" ? position.afterAtr : position.withAtr;
    const isOfExchange = since === "exchange";
    if (block !== undefined) {
      const found = isOfExchange ? counts.blockOfExchange : counts.block;
      if (found !== block) return false;
    }
    if (byte === undefined) return true;
    if (isOfExchange) return counts.byteOfExchange === byte;
    return byte === (since === "reset" ? counts.byte : position.byteOfBlock);
  }

  /** Whether this one of the places that fit is struck. */
  draw(): boolean {
    const { which } = this.#place;
    if (which === undefined) return true;
    if (which.kind === "random") {
      return this.#next() * 1_000_000 < which.perMillion;
    }
    const number = this.#candidates++ - (which.first ?? 0);
    return number >= 0 && number % which.every === 0;
  }

  /** It has struck. */
  strike(): void {
    const { until } = this.fault;
    this.#strikes++;
    if (until.kind === "times") this.#endAt(this.#strikes, until.times);
  }

  /** A character of its direction went by. */
  passed(): void {
    const { until } = this.fault;
    this.#characters++;
    if (until.kind === "bytes") this.#endAt(this.#characters, until.bytes);
  }

  /** An exchange begins. */
  beginExchange(): void {
    const { until } = this.fault;
    this.#exchanges++;
    if (until.kind === "exchanges") {
      this.#endAt(this.#exchanges, until.exchanges + 1);
    }
  }

  /** The card is reset. */
  reset(): void {
    if (this.fault.until.kind === "reset") this.#endAt(this.#strikes, 1);
    this.beginExchange();
  }

  #endAt(count: number, limit: number): void {
    if (count >= limit) this.#isOver = true;
  }

  /** Mulberry32: small, and the same everywhere; 0 to 1, without 1. */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ this.#random >>> 15, this.#random | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 0x1_0000_0000;
  }
}
