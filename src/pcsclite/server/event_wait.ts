/**
 * A client's wait for a change of readers. It gets one message per wait, a signal or the
 * answer to STOP, never both: taking it off and deciding what it gets are one step.
 *
 * @module
 */

import { SCARD_CODES, type Timers } from "../../resource_manager/mod.ts";

/** State of one client: idle, or registered for one signal. */
export class EventWait {
  #timers: Timers;
  #send: (rv: number) => void;
  #registered = false;
  #heldUntilMs = 0;
  #pending: number | null = null;
  #timer: unknown = null;

  /**
   * An idle one.
   *
   * @param send sends the signal with this code
   */
  constructor(timers: Timers, send: (rv: number) => void) {
    this.#timers = timers;
    this.#send = send;
  }

  /** Whether a signal is due at the next change. */
  get registered(): boolean {
    return this.#registered;
  }

  /** WAIT. */
  register(): void {
    this.#registered = true;
  }

  /** STOP; returns whether the client is owed an answer. */
  stop(): boolean {
    const owed = this.#registered;
    this.#registered = false;
    this.#settle();
    return owed;
  }

  /** Something changed. */
  changed(): void {
    this.#signal(SCARD_CODES.SCARD_S_SUCCESS);
  }

  /** Somebody cancels the wait; returns whether there was one. */
  cancel(): boolean {
    const { registered } = this;
    this.#signal(SCARD_CODES.SCARD_E_CANCELLED);
    return registered;
  }

  /**
   * A signal of the next milliseconds waits until they are over: the client is about to
   * read something else, and signals look like any other answer.
   *
   * @param forMs 0 lets a signal that waits go
   */
  hold(forMs: number): void {
    this.#heldUntilMs = this.#timers.now() + forMs;
    if (this.#pending === null) return;
    const rv = this.#pending;
    this.#settle();
    this.#signal(rv);
  }

  #signal(rv: number): void {
    if (!this.#registered) return;
    const heldMs = this.#heldUntilMs - this.#timers.now();
    if (heldMs <= 0) {
      this.#registered = false;
      this.#settle();
      this.#send(rv);
    } else if (this.#pending === null) {
      this.#pending = rv;
      this.#timer = this.#timers.set(() => this.hold(0), heldMs);
    } else if (rv !== SCARD_CODES.SCARD_S_SUCCESS) {
      this.#pending = rv;
    }
  }

  #settle(): void {
    this.#pending = null;
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }
}
