/**
 * Waiting for a policy's verdict.
 *
 * @module
 */

import { raceAbort, withSignals } from "./abort.ts";
import type { PolicyVerdict } from "./policy.ts";
import type { Timers } from "./timers.ts";

/** A rule threw, or its promise was rejected. */
export class RuleFailure {
  /** What it threw. */
  readonly cause: unknown;

  /** Keeps what a rule threw. */
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/**
 * The verdict that a promise brings; a refusal when it brings none in time.
 *
 * @param limitMs milliseconds
 * @param signals abort of one rejects with its reason
 */
export async function awaitVerdict(
  verdict: Promise<PolicyVerdict>,
  timers: Timers,
  limitMs: number,
  signals: readonly (AbortSignal | undefined)[],
): Promise<PolicyVerdict | RuleFailure> {
  const late = Promise.withResolvers<PolicyVerdict>();
  const timer = timers.set(
    () => late.resolve(`no verdict within ${limitMs} ms`),
    limitMs,
  );
  const judged = verdict.catch((error) => new RuleFailure(error));
  try {
    return await withSignals(
      signals,
      (signal) => raceAbort(Promise.race([judged, late.promise]), signal),
    );
  } finally {
    timers.clear(timer);
  }
}
