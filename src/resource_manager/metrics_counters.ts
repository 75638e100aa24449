/**
 * What is counted while the resource manager works. On the way of an APDU these are
 * increments, and nothing else.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { ResourceManagerError } from "./errors.ts";
import { Histogram } from "./metrics_histogram.ts";
import type { PolicyRule } from "./policy.ts";

/**
 * Why a card lost its state: the disposition of a transaction or disconnect, a connect
 * that needed another protocol or a dead card alive, a reconnect, a control request,
 * the release of a context, the death of a client, the rules for idle transactions
 * and idle cards.
 */
export type ResetCause =
  | "disposition"
  | "connect"
  | "reconnect"
  | "control"
  | "release"
  | "client-death"
  | "idle-transaction"
  | "idle-power-off";

/** Counters of one reader. */
export class ReaderCounters {
  /** Bytes of APDUs sent. */
  bytesSent = 0;
  /** Bytes of answers received, SW1 SW2 included. */
  bytesReceived = 0;
  /** Cards that came in. */
  insertions = 0;
  /** Cards that went. */
  removals = 0;
  /** Exchanges. */
  readonly exchanges: Histogram = new Histogram();
  /** Waits of beginning transactions. */
  readonly transactionWaits: Histogram = new Histogram();
  /** Resets and power-downs. */
  readonly resets: Record<ResetCause, number> = {
    disposition: 0,
    connect: 0,
    reconnect: 0,
    control: 0,
    release: 0,
    "client-death": 0,
    "idle-transaction": 0,
    "idle-power-off": 0,
  };
  #eventCount = 0;

  /**
   * Insertions and removals have happened; they take turns.
   *
   * @param eventCount both together since the reader came
   * @param present whether a card is in now
   */
  cardEvents(eventCount: number, present: boolean): void {
    const news = eventCount - this.#eventCount;
    this.#eventCount = eventCount;
    const half = Math.floor(news / 2);
    this.insertions += present ? news - half : half;
    this.removals += present ? half : news - half;
  }
}

/** What {@linkcode countResets} needs of a reader. */
export interface ResettableReader {
  /** The card. */
  readonly slot: { readonly resets: number };
  /** Where resets are counted. */
  readonly counters: ReaderCounters;
}

/** In a section: counts the resets that `work` does to the card, also if it fails. */
export function countResets<T>(
  reader: ResettableReader,
  cause: ResetCause,
  work: () => MaybePromise<T>,
): MaybePromise<T> {
  const before = reader.slot.resets;
  const note = () => {
    reader.counters.resets[cause] += reader.slot.resets - before;
  };
  let result: MaybePromise<T>;
  try {
    result = work();
  } catch (error) {
    note();
    throw error;
  }
  if (result instanceof Promise) return result.finally(note);
  note();
  return result;
}

/** Counters that belong to no reader. */
export class ManagerCounters {
  /** Failed calls by the name of their code; `other` for aborts by a reason of the caller's. */
  readonly errors: Map<string, number> = new Map();
  /** Refusals of policies by rule. */
  readonly refusals: Map<PolicyRule, number> = new Map();

  /** Counts an error, and throws it again; a function of its own, so that it can be handed on. */
  readonly failed = (error: unknown): never => {
    const name = error instanceof ResourceManagerError ? error.name : "other";
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    throw error;
  };

  /** A policy has refused. */
  countRefusal(rule: PolicyRule): void {
    this.refusals.set(rule, (this.refusals.get(rule) ?? 0) + 1);
  }

  /** Counts the error with which `work` fails. */
  watch<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    let result: MaybePromise<T>;
    try {
      result = work();
    } catch (error) {
      return this.failed(error);
    }
    return result instanceof Promise ? result.catch(this.failed) : result;
  }
}
