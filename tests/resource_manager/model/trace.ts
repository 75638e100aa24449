/**
 * What is known for certain from outside: of every call when it was made and what it
 * was told, of every connection what it may know of the card.
 *
 * @module
 */

import type {
  Connection,
  ShareMode,
} from "../../../src/resource_manager/mod.ts";
import type { ModelReader } from "./model_reader.ts";
import type { Operation } from "./operations.ts";

/** A card at a moment. */
export interface Moment {
  readonly session: number;
  readonly resets: number;
  /** Grows with everything that ends transactions without a call. */
  readonly losses: number;
  /** Whether there was no card. */
  readonly isAbsent: boolean;
}

/** A call of an application, or another operation. */
export interface Call {
  readonly number: number;
  readonly operation: Operation;
  /** Context that makes the call; null for what no application does. */
  readonly context: number | null;
  /** Connection that it goes through. */
  readonly handle: Trace | null;
  /** When it was made. */
  readonly start: Moment;
  /** Whether the connection or its context had ended by then. */
  readonly wasEnded: boolean;
  /** Whether its connection had a transaction, or waited for one. */
  readonly wasOwner: boolean;
  readonly abort: AbortController;
  /** What a caller of a status request believes. */
  readonly believed: { readonly flags: number; readonly count: number };
  /** `ok ...` or the name of the error; null until then. */
  outcome: string | null;
  /** Calls that had been made when it was told. */
  toldAfter: number;
}

/** A connection, seen from outside. */
export interface Trace {
  readonly number: number;
  readonly context: number;
  readonly connection: Connection;
  readonly device: ModelReader;
  /** Null while it is open which one holds. */
  mode: ShareMode | null;
  /** Given back, or its context has ended. */
  ended: boolean;
  /** A disconnect was called off: it may have come too late for that. */
  mayBeOpen: boolean;
  /** The oldest card that it may be tied to. */
  oldest: Moment;
  /** The newest. */
  newest: Moment;
  /** Calls under way that may tie it to another card. */
  binding: number;
  /** Transactions begun and not ended, at most. */
  begun: number;
  /** Whether it certainly owns the reader as long as `begun` exceeds `ending`. */
  sure: boolean;
  /** Ends of transactions under way. */
  ending: number;
  /** {@linkcode Moment.losses} when the transaction began. */
  since: number;
}

/** An invariant does not hold. */
export class BrokenInvariant extends Error {
  override name = "BrokenInvariant";
}

/** Fails unless `holds`. */
export function law(holds: boolean, text: () => string): asserts holds {
  if (!holds) throw new BrokenInvariant(text());
}

/** Whether the connection certainly owns its reader. */
export function owns(trace: Trace, losses: number): boolean {
  return trace.sure && !trace.ended && trace.since === losses &&
    trace.begun > trace.ending;
}

/** Whether something has happened to the card between. */
export function isNewer(
  later: Pick<Moment, "session" | "resets">,
  earlier: Pick<Moment, "session" | "resets">,
): boolean {
  return later.session > earlier.session || later.resets > earlier.resets;
}
