/**
 * What `scard doctor` finds.
 *
 * @module
 */

import type { ExitName } from "./exit_codes.ts";

/** Why something would fail: stable names. */
export type Cause =
  | "no-service"
  | "stale-socket"
  | "no-socket"
  | "wrong-version"
  | "no-answer"
  | "permission"
  | "no-reader"
  | "reader-broken"
  | "held-exclusively"
  | "long-transaction"
  | "mute-card"
  | "card-failed";

/** One finding. */
export interface Finding {
  /** What was looked at. */
  readonly about: string;
  /** "ok": as it should; "note": good to know; "problem": something would fail. */
  readonly status: "ok" | "note" | "problem";
  /** Why it would fail; null unless it is a problem. */
  readonly cause: Cause | null;
  /** What was found. */
  readonly words: string;
  /** What to do about it; null where nothing has to be done. */
  readonly remedy: string | null;
}

/** All is well. */
export function ok(about: string, words: string): Finding {
  return { about, status: "ok", cause: null, words, remedy: null };
}

/** Good to know. */
export function note(
  about: string,
  words: string,
  remedy: string | null = null,
): Finding {
  return { about, status: "note", cause: null, words, remedy };
}

/** Something would fail. */
export function problem(
  about: string,
  cause: Cause,
  words: string,
  remedy: string,
): Finding {
  return { about, status: "problem", cause, words, remedy };
}

/** What the command ends with, by cause. */
const EXIT_OF: Readonly<Record<Cause, ExitName>> = {
  "no-service": "noService",
  "stale-socket": "noService",
  "no-socket": "noService",
  "wrong-version": "noService",
  "no-answer": "noService",
  "permission": "denied",
  "no-reader": "noReader",
  "reader-broken": "refused",
  "held-exclusively": "busy",
  "long-transaction": "busy",
  "mute-card": "refused",
  "card-failed": "refused",
};

/** The exit code of what was found: that of the first problem. */
export function exitOfFindings(findings: readonly Finding[]): ExitName {
  const first = findings.find(({ cause }) => cause !== null);
  return first === undefined || first.cause === null
    ? "done"
    : EXIT_OF[first.cause];
}
