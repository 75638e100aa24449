/**
 * Calls that end in time: by the caller's signal, or after so many milliseconds.
 *
 * @module
 */

import { ResourceManagerError, type Timers } from "../resource_manager/mod.ts";
import { toWebError } from "./errors.ts";

/** Longest delay that a runtime's timer keeps, in milliseconds; longer ones are no limit. */
const LONGEST_TIMER_MS = 0x7FFFFFFF;

/** What ends a call before it is done. */
export interface CallLimits {
  /** The call rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now; then the call rejects with UnknownError, for SCARD_E_TIMEOUT. */
  readonly timeoutMs?: number;
}

/** A call that takes as long as it takes. */
export const NO_LIMITS: CallLimits = Object.freeze({});

/**
 * Runs `work` with a signal for both limits, or none where there is none. `work` sees to it
 * that it ends when the signal fires.
 *
 * @param attempt for the message: `connect`
 */
export function withLimits<T>(
  timers: Timers,
  attempt: string,
  { signal, timeoutMs }: CallLimits,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS) {
    return work(signal);
  }
  const either = new AbortController();
  const onAbort = () => either.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timers.set(() => {
    const message =
      `Cannot ${attempt}: ${timeoutMs} ms passed, expected an end before`;
    const error = new ResourceManagerError("SCARD_E_TIMEOUT", message);
    either.abort(toWebError(error));
  }, timeoutMs);
  return work(either.signal).finally(() => {
    timers.clear(timer);
    signal?.removeEventListener("abort", onAbort);
  });
}
