/**
 * Clocks for the simulated adaptor: one that runs as fast as nobody does anything, and
 * the computer's.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { systemTimer, type Timer } from "../../../src/contact_reader/mod.ts";

/** Time in milliseconds, and waiting. */
export interface Clock {
  readonly now: number;
  readonly timer: Timer;
  /** Keeps time from passing until the function that it returns is called. */
  hold(): () => void;
}

/** The computer's clock, which nothing holds. */
export const realClock: Clock = {
  get now() {
    return performance.now();
  },
  timer: systemTimer,
  hold: () => () => {},
};

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that passes when nothing else happens: the next alarm goes off once all promises
 * have run. Stands while somebody holds it.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #alarms: Alarm[] = [];
  #holders = 0;
  #isRunning = false;

  get now(): number {
    return this.#now;
  }

  readonly timer: Timer = (milliseconds, run) => {
    const alarm = { at: this.#now + milliseconds, run };
    let index = this.#alarms.length;
    while (index > 0 && this.#alarms[index - 1].at > alarm.at) index--;
    this.#alarms.splice(index, 0, alarm);
    this.#start();
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  };

  hold(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holders--;
      isHeld = false;
      this.#start();
    };
  }

  #start(): void {
    if (this.#isRunning || this.#holders > 0 || this.#alarms.length === 0) {
      return;
    }
    this.#isRunning = true;
    setImmediate(() => this.#step());
  }

  #step(): void {
    this.#isRunning = false;
    if (this.#holders > 0) return;
    const alarm = this.#alarms.shift();
    if (alarm === undefined) return;
    this.#now = Math.max(this.#now, alarm.at);
    alarm.run();
    this.#start();
  }
}
