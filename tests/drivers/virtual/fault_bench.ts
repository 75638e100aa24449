/**
 * A faulty link over contacts that always say the same.
 *
 * @module
 */

import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  type CardLink,
  type FaultStrike,
  type FaultyLink,
  faultyLink,
  type LinkFault,
} from "../../../src/drivers/virtual/mod.ts";
import { FakeClock } from "./fake_clock.ts";

/** What the reader sends: a T=1 block of ten characters. */
export const COMMAND = fromHex("000006 112233445566 71");
/** What the card answers: a block of as many. */
export const ANSWER = fromHex("004006 A1A2A3A4A5A6 41");
/** The ATR. */
export const ATR = fromHex("3B021450");
/** How long the reader waits. */
const WAIT_MICROSECONDS = 100_000;
const ROOM = 64;

/** Contacts of a card that always says the same. */
export class ScriptedLink implements CardLink {
  heard: string[] = [];
  atr: Uint8Array = ATR;
  #said: number[] = [];
  reset(): void {
    this.#said = [...this.atr];
  }
  powerOff(): void {}
  send(bytes: Uint8Array): void {
    this.heard.push(toHex(bytes));
    this.#said = [...ANSWER];
  }
  receive(target: Uint8Array, offset: number, wanted: number): number {
    const taken = this.#said.splice(0, wanted);
    target.set(taken, offset);
    return taken.length;
  }
  get available(): number {
    return this.#said.length;
  }
}

/** A faulty link, and what passes over it. */
export class Bench {
  readonly clock = new FakeClock();
  readonly inner = new ScriptedLink();
  readonly strikes: FaultStrike[] = [];
  removals = 0;
  readonly link: FaultyLink;

  constructor(
    faults: readonly LinkFault[],
    protocol: "t0" | "t1" | null = null,
  ) {
    this.link = faultyLink(this.inner, faults, {
      timer: this.clock.timer,
      onFault: (strike) => this.strikes.push(strike),
      remove: () => {
        this.removals++;
      },
      protocol: () => protocol,
    });
  }

  /** Receives all there is. */
  async receive(atLeast: number): Promise<string> {
    const target = new Uint8Array(ROOM);
    const wanted = Math.max(atLeast, this.link.available);
    const count = await this.clock.until(
      this.link.receive(target, 0, wanted, WAIT_MICROSECONDS),
    );
    return toHex(target.subarray(0, count));
  }

  /** Resets; the ATR as it arrives. */
  async reset(): Promise<string> {
    this.link.reset("cold");
    return await this.receive(this.inner.atr.length);
  }

  /** One exchange: what the card heard, what the reader got, and how long it took. */
  async exchange(): Promise<string> {
    const start = this.clock.now;
    this.inner.heard = [];
    this.link.beginExchange();
    await this.link.send(COMMAND.slice());
    const received = await this.receive(ANSWER.length);
    const ms = this.clock.now - start;
    return `${this.inner.heard.join("+")} ${received} ${ms}`;
  }
}

/** An exchange without a fault. */
export const CLEAN = `${toHex(COMMAND)} ${toHex(ANSWER)} 0`;

/** COMMAND in hexadecimal. */
export const C = toHex(COMMAND);
/** ANSWER in hexadecimal. */
export const A = toHex(ANSWER);

/** An exchange: what the card heard, what the reader got, and how long it took. */
export function both(heard: string, received: string, ms = 0): string {
  return `${heard} ${received} ${ms}`;
}
