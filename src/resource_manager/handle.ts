/**
 * What every operation of a connection rests on: is it still good, whose turn is it,
 * and what did a failure mean.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import { STATUS_DEVICE_REMOVED } from "../smclib/mod.ts";
import { raceAbort } from "./abort.ts";
import type { CardGrip } from "./card_slot.ts";
import {
  CONNECTION_TABLE,
  type ConnectionPhase,
  type ConnectionPhaseEvent,
} from "./connection_table.ts";
import type { ResourceContext } from "./context.ts";
import { ResourceManagerError } from "./errors.ts";
import { handleError, type HandleProblem } from "./handle_problem.ts";
import { describeTransaction } from "./metrics_holder.ts";
import { deviceError, type DeviceOperation } from "./nt_status.ts";
import type { Reader } from "./reader.ts";
import type { ShareMode } from "./sharing.ts";

/** What is seen of reader and card, and what it means to the connection. */
const SEEN = {
  open: "well",
  "card-reset": "card reset",
  "card-removed": "card removed",
  "reader-unavailable": "reader failed",
} as const;

/** The state of a connection. */
export class Handle {
  /** Unique within the manager. */
  readonly id: number;
  /** Whose connection it is. */
  readonly context: ResourceContext;
  /** Where to. */
  readonly reader: Reader;
  /** SCARD_PROTOCOL_* bit, 0 when none was negotiated. */
  activeProtocol = 0;
  /** When the connection was opened or got its share mode, in milliseconds of the manager's clock. */
  sinceMs = 0;
  /** When its transaction began. */
  transactionSinceMs = 0;
  #phase: ConnectionPhase = CONNECTION_TABLE.initial;
  #grip: CardGrip | null = null;
  #ending = new AbortController();
  #shareMode: ShareMode;

  /** Made by `ResourceContext.connect`. */
  constructor(
    id: number,
    context: ResourceContext,
    reader: Reader,
    shareMode: ShareMode,
  ) {
    this.id = id;
    this.context = context;
    this.reader = reader;
    this.#shareMode = shareMode;
  }

  /** Fires when what the connection waits for is given up. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether connecting has succeeded. */
  get established(): boolean {
    return this.#phase !== "opening";
  }

  /** Being closed: nothing new begins. */
  get closing(): boolean {
    return this.#phase === "closing";
  }

  /** Whether the connection has ended. */
  get closed(): boolean {
    return this.#phase === "closed";
  }

  /** How the reader is shared. */
  get shareMode(): ShareMode {
    return this.#shareMode;
  }

  set shareMode(mode: ShareMode) {
    this.#tally("remove");
    this.#shareMode = mode;
    this.#tally("add");
  }

  /** Becomes one of the reader's connections. */
  join(): void {
    this.reader.connections.add(this);
    this.#tally("add");
  }

  /** Connecting has succeeded. */
  open(): void {
    this.#tally("remove");
    this.#step("opened");
    this.#tally("add");
  }

  #tally(step: "add" | "remove"): void {
    const { connections, modes, shown } = this.reader;
    if (!connections.has(this)) return;
    modes[step](this.#shareMode);
    if (this.established) shown[step](this.#shareMode);
  }

  /**
   * A disconnect begins that disposes of the card first.
   *
   * @returns to be called when it was called off
   */
  startClosing(): () => void {
    this.#step("disconnecting");
    return () => {
      if (this.closing) this.#step("kept");
    };
  }

  #step(event: ConnectionPhaseEvent): void {
    this.#phase = CONNECTION_TABLE.next(this.#phase, event);
  }

  /**
   * Ties the connection to a card: earlier resets and removals no longer matter.
   *
   * @param activeProtocol SCARD_PROTOCOL_* bit, 0 for none
   * @param grip the card that `activeProtocol` was agreed with, as it was then; null for a reader without card
   */
  bind(activeProtocol: number, grip: CardGrip | null): void {
    this.#step("bound");
    this.activeProtocol = activeProtocol;
    this.#grip = grip;
  }

  /** What keeps the connection from using the card, null when nothing does. */
  get problem(): HandleProblem | null {
    this.reader.notice();
    if (this.#phase === "closed" || this.#phase === "closing") return "closed";
    const seen = this.#look();
    if (seen !== this.#phase) this.#step(SEEN[seen]);
    return seen === "open" ? null : seen;
  }

  #look(): keyof typeof SEEN {
    if (!this.reader.available) return "reader-unavailable";
    if (this.#grip === null) return "open";
    const { slot } = this.reader;
    if (this.#grip.session !== slot.session) return "card-removed";
    return this.#grip.resets === slot.resets ? "open" : "card-reset";
  }

  /**
   * The connection can be used.
   *
   * @param needsCard whether a reset or removed card matters
   * @throws {ResourceManagerError} what {@linkcode problem} means
   */
  assertUsable(attempt: string, needsCard = true): void {
    const { problem } = this;
    if (problem === null) return;
    const aboutCard = problem === "card-removed" || problem === "card-reset";
    if (aboutCard && !needsCard) return;
    throw handleError(problem, `${attempt} "${this.reader.name}"`);
  }

  /**
   * Runs `section` at the reader when the lock and the requests before it allow it.
   *
   * @param attempt for messages, ending in a preposition: `transmit to`
   */
  perform<T>(
    attempt: string,
    section: () => MaybePromise<T>,
    signal?: AbortSignal,
    needsCard = true,
  ): MaybePromise<T> {
    signal?.throwIfAborted();
    this.assertUsable(attempt, needsCard);
    const { io, lock, profile, idleRule } = this.reader;
    const work = () =>
      io.run(
        () => {
          // Much may have happened while this waited.
          this.assertUsable(attempt, needsCard);
          return section();
        },
        signal,
        this.ending,
      );
    if (lock.owner === this) idleRule.touch();
    else if (lock.owner !== null && profile.otherCallsWhileLocked !== "wait") {
      throw new ResourceManagerError(
        "SCARD_E_SHARING_VIOLATION",
        `Cannot ${attempt} "${this.reader.name}": ${
          describeTransaction(lock.owner)
        }, expected none`,
      );
    }
    const result = lock.whenFree(this, work, signal);
    return result instanceof Promise && signal !== undefined
      ? raceAbort(result, signal)
      : result;
  }

  /** In a section: turns a failed request into the error that the application sees. */
  fail(
    status: number,
    operation: DeviceOperation,
    attempt: string,
    needsCard = true,
  ): MaybePromise<never> {
    const { io } = this.reader;
    const cause = io.failure;
    const bound = this.#grip !== null;
    return chain(this.reader.confirmCard(status), () => {
      // A closed connection still wants to know why its last request failed.
      const closing = this.closing || this.closed;
      if (!closing && status !== STATUS_DEVICE_REMOVED) {
        this.assertUsable(attempt, needsCard && bound);
      }
      throw deviceError(
        status,
        operation,
        `${attempt} "${this.reader.name}"`,
        cause,
      );
    });
  }

  /** Gives up what waits in this connection's name: for others' transactions, for its turn at the reader, for the answer to a control request. */
  cancelWaits(): void {
    const { lock, name } = this.reader;
    const reason = handleError("closed", `wait for "${name}"`);
    lock.cancel(this, reason);
    this.#ending.abort(reason);
  }

  /** Forgets the connection; what waits in its name is refused. */
  close(): void {
    if (this.closed) return;
    this.#tally("remove");
    this.#step("closed");
    const { reader } = this;
    reader.connections.delete(this);
    this.context.connections.delete(this);
    if (reader.lock.owner === this) reader.idleRule.stop();
    this.cancelWaits();
    reader.lock.release(this, true);
    reader.publish();
  }
}
