/**
 * What the resource manager does, in numbers.
 *
 * @module
 */

import type { ResourceManager } from "./manager.ts";
import type { ResetCause } from "./metrics_counters.ts";
import type { HistogramSnapshot } from "./metrics_histogram.ts";
import type { PolicyRule } from "./policy.ts";
import type { Reader } from "./reader.ts";

/** Numbers of one reader, counted since it came; they leave with it. */
export interface ReaderMetrics {
  /** The reader's name. */
  readonly name: string;
  /** Whether it works. */
  readonly available: boolean;
  /** Whether a card is in. */
  readonly cardPresent: boolean;
  /** Whether the card has power. */
  readonly cardPowered: boolean;
  /** Connections, also those that are being made. */
  readonly connections: number;
  /** How many wait for a transaction to end. */
  readonly waiting: number;
  /** APDUs that were answered. */
  readonly apdus: number;
  /** Bytes of APDUs sent. */
  readonly bytesSent: number;
  /** Bytes of answers received, SW1 SW2 included. */
  readonly bytesReceived: number;
  /**
   * How long answered APDUs took at the reader. An answer that comes without any wait
   * counts as 0 s: reading the clock would cost a good part of such an exchange.
   */
  readonly exchangeSeconds: HistogramSnapshot;
  /** How long transactions waited for their beginning; one that did not wait counts as 0 s. */
  readonly transactionWaitSeconds: HistogramSnapshot;
  /** Resets and power-downs of cards by cause; the first power-up of a card is none. */
  readonly resets: Readonly<Record<ResetCause, number>>;
  /** Cards that came in. */
  readonly insertions: number;
  /** Cards that went. */
  readonly removals: number;
}

/** Numbers of a resource manager at one moment. */
export interface MetricsSnapshot {
  /** Contexts that are open. */
  readonly contexts: number;
  /** The readers that are there, in order of arrival. */
  readonly readers: readonly ReaderMetrics[];
  /** Readers that have come or gone so far. */
  readonly readerChanges: number;
  /**
   * Calls of contexts and connections that have failed, by the name of the code, for
   * example `SCARD_E_TIMEOUT`; `other` stands for calls that their caller aborted.
   */
  readonly errors: Readonly<Record<string, number>>;
  /** Refusals of policies, by rule; hidden readers are not counted. */
  readonly policyRefusals: Readonly<Partial<Record<PolicyRule, number>>>;
}

/** The numbers as they are now. */
export function metricsOf(manager: ResourceManager): MetricsSnapshot {
  const { errors, refusals } = manager.counters;
  return {
    contexts: manager.contexts.length,
    readers: manager.readers.map(readerMetrics),
    readerChanges: manager.arrivals,
    errors: Object.fromEntries(errors),
    policyRefusals: Object.fromEntries(refusals),
  };
}

function readerMetrics(reader: Reader): ReaderMetrics {
  const { counters, slot } = reader;
  return {
    name: reader.name,
    available: reader.available,
    cardPresent: slot.present,
    cardPowered: slot.powered,
    connections: reader.connections.size,
    waiting: reader.lock.waiting,
    apdus: reader.transmitCount,
    bytesSent: counters.bytesSent,
    bytesReceived: counters.bytesReceived,
    exchangeSeconds: counters.exchanges.snapshot(),
    transactionWaitSeconds: counters.transactionWaits.snapshot(),
    resets: { ...counters.resets },
    insertions: counters.insertions,
    removals: counters.removals,
  };
}
