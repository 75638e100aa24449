/**
 * The reader's T=1 machine by both its ways, which must agree block by block:
 * `build` and `digest`, and `step`.
 *
 * @module
 */

import {
  MACHINE_DONE,
  MACHINE_TRANSFER,
  type T1Options,
  T1Session,
} from "../../src/core/mod.ts";

/** Two sessions that are told the same. */
export class TwoWayReader implements Disposable {
  /** The session that builds and digests; what is received goes into its machine. */
  readonly session: T1Session = new T1Session();
  /** Length of the block to send, which lies in `session.machine.send`. */
  length = 0;
  /** Whether the other way has done the same so far. */
  isAgreed = true;
  readonly #other = new T1Session();

  /** The card was reset, or another one came. */
  reset(options: T1Options): void {
    this.session.reset(options);
    this.#other.reset(options);
    this.isAgreed = true;
  }

  /** Begins a command; returns an event. */
  start(command: Uint8Array): number {
    const event = this.session.start(command);
    return this.#next(event, this.#other.begin(command));
  }

  /** Takes the first `length` bytes of `session.machine.receive`; returns an event. */
  digest(length: number): number {
    const from = this.session.machine.receive;
    const to = this.#other.machine.receive;
    for (let i = 0; i < length; i++) to[i] = from[i];
    const event = this.session.digest(length);
    return this.#next(event, this.#other.step(length));
  }

  /** `other` is a length, 0 at the end, or an error. */
  #next(event: number, other: number): number {
    this.length = event === MACHINE_TRANSFER ? this.session.build() : 0;
    const wanted = event < 0 ? event : this.length;
    const { session } = this;
    this.isAgreed &&= other === wanted &&
      isSame(session.machine.send, this.#other.machine.send, this.length) &&
      (event !== MACHINE_DONE || this.#answersAgree());
    return event;
  }

  #answersAgree(): boolean {
    const length = this.session.bytesReceived;
    return length === this.#other.bytesReceived &&
      isSame(this.session.response(), this.#other.response(), length);
  }

  /** Gives both slots back. */
  [Symbol.dispose](): void {
    this.session[Symbol.dispose]();
    this.#other[Symbol.dispose]();
  }
}

function isSame(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}
