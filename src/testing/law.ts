/**
 * What a law is, and what its breach looks like.
 *
 * @module
 */

import type { ReaderDevice } from "../smclib/mod.ts";
import type { LawContext } from "./law_context.ts";
import type { ReaderUnderTest } from "./reader_under_test.ts";

/** A protocol of contact cards. */
export type LawProtocol = "t0" | "t1";

/** What the reader under test is, and how its laws are run. */
export interface LawOptions {
  /** Stands before the name of each law; default "reader". */
  readonly name?: string;
  /**
   * Who runs T=0 and T=1: the driver, character by character (default), or the reader
   * or card behind it. Laws about what passes over the contacts hold for the first only.
   */
  readonly level?: "character" | "apdu";
  /** Protocols that the reader has; default both. */
  readonly protocols?: readonly LawProtocol[];
  /** Whether EJECT takes the card out; default false: it is NOT_SUPPORTED. */
  readonly canEject?: boolean;
  /** Whether SWALLOW draws the card in; default false: it is NOT_SUPPORTED. */
  readonly canSwallow?: boolean;
  /**
   * Statuses beside NO_MEDIA with which a request may end whose card went away during it: for
   * links that tell of a failure before they tell of the removal. Default none.
   */
  readonly removalStatuses?: readonly number[];
  /**
   * Whether disposal waits until `deviceControl` has returned from all requests, as the
   * remove lock has it; default false: only that all of them have ended is looked at.
   */
  readonly waitsForRequests?: boolean;
  /** Longest command APDU that the reader takes over T=1, in bytes; default 600 at level "character", else 261, the longest short one. */
  readonly maxApduBytes?: number;
  /** Laws that are left out, each as `name: reason`. */
  readonly without?: readonly string[];
  /** Longest wait for anything, in milliseconds; default 5000. */
  readonly deadlineMs?: number;
  /** Insertions and removals of the law that counts them; default 200. */
  readonly inserts?: number;
  /** Takes each law for a test runner; default `Deno.test`. */
  readonly register?: RegisterLaw;
}

/**
 * Takes a test. `leftOut` says why a law does not apply, null where it does; the name of
 * one that does not says so as well, and its `run` does nothing. What `run` resolves to is
 * the reason why a law was left out once the reader was there to be looked at, null where
 * it was kept: it belongs into the report.
 */
export type RegisterLaw = (
  name: string,
  run: () => Promise<string | null>,
  leftOut: string | null,
) => void;

/** {@linkcode LawOptions} with the defaults filled in. */
export type LawSettings = Required<Omit<LawOptions, "register">>;

/** Something that every reader driver has to do. */
export interface Law {
  /** What it is called, without a colon. */
  readonly name: string;
  /** What it demands, in a sentence. */
  readonly demands: string;
  /** Where the demand comes from: a clause of the contract, a part of IFDTest, a logo requirement. */
  readonly source: string;
  /** Why it does not apply to such a reader; null or absent: it does. */
  readonly leftOut?: (settings: LawSettings) => string | null;
  /** Why it does not apply to this very device; null or absent: it does. */
  readonly leftOutOf?: (device: ReaderDevice) => string | null;
  /** Whether it has to let real time pass, some tenths of a second; default false. */
  readonly takesTime?: boolean;
  /**
   * Tries the reader, whose slot is empty.
   *
   * @throws {LawBroken} when the reader breaks the law
   */
  run(reader: ReaderUnderTest, context: LawContext): Promise<void>;
}

/** A reader broke a law. */
export class LawBroken extends Error {
  /** "LawBroken". */
  override readonly name = "LawBroken";
  /** Name of the law. */
  readonly law: string;

  /** A breach of `law`. @param finding what was found, and what was expected */
  constructor(law: string, finding: string, options?: ErrorOptions) {
    super(`Cannot keep the law "${law}": ${finding}`, options);
    this.law = law;
  }
}

/** Left out where the reader lacks one of `protocols`. */
export function needsProtocols(
  ...protocols: LawProtocol[]
): (settings: LawSettings) => string | null {
  return (settings) => {
    const missing = protocols.find((one) => !settings.protocols.includes(one));
    return missing === undefined
      ? null
      : `the reader has no T=${missing.slice(1)}`;
  };
}

/** Left out at level "apdu", and where the reader lacks one of `protocols`. */
export function needsCharacters(
  ...protocols: LawProtocol[]
): (settings: LawSettings) => string | null {
  const lacks = needsProtocols(...protocols);
  return (settings) =>
    settings.level === "apdu"
      ? "what passes over the contacts is not this driver's doing"
      : lacks(settings);
}
