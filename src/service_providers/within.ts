/**
 * Waiting that has an end.
 *
 * @module
 */

import { SYSTEM_TIMERS, type Timers } from "../resource_manager/mod.ts";

/** What ends a wait. */
export interface WaitLimits {
  /** The wait rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now; then the wait rejects with TimeoutError. Default: no limit. */
  readonly timeout?: number;
}

/** Longest delay that a runtime's timer keeps, in milliseconds; longer ones are no limit. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/**
 * Runs `work` with a signal for both limits, whose reason is that of the one that came first.
 *
 * @param attempt for the message: `find a card`
 */
export async function withLimits<T>(
  attempt: string,
  { signal, timeout = Infinity }: WaitLimits,
  work: (signal: AbortSignal) => Promise<T>,
  timers: Timers = SYSTEM_TIMERS,
): Promise<T> {
  const either = new AbortController();
  const onAbort = () => either.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeout > LONGEST_TIMER_MS ? null : timers.set(() => {
    const message =
      `Cannot ${attempt}: ${timeout} ms passed, expected an end before`;
    either.abort(new DOMException(message, "TimeoutError"));
  }, Math.max(0, timeout));
  try {
    return await work(either.signal);
  } finally {
    if (timer !== null) timers.clear(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Settles like `work`, or rejects as soon as a limit is reached; `work` then goes on unheard.
 *
 * @throws the reason of the signal; DOMException TimeoutError
 */
export async function within<T>(
  work: Promise<T>,
  limits: WaitLimits,
): Promise<T> {
  const { signal, timeout } = limits;
  if (signal === undefined && timeout === undefined) return await work;
  // Whoever loses the race may fail later.
  work.catch(() => {});
  return await withLimits("wait for its turn", limits, async (either) => {
    const abort = Promise.withResolvers<never>();
    const onAbort = () => abort.reject(either.reason);
    if (either.aborted) onAbort();
    else either.addEventListener("abort", onAbort, { once: true });
    return await Promise.race([work, abort.promise]);
  });
}
