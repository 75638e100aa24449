/**
 * Waiting until a reader differs from what a caller believes.
 *
 * @module
 */

import type {
  ReaderStateAnswer,
  StatusChangeOptions,
  Timers,
} from "../../resource_manager/mod.ts";
import { failure } from "./errors.ts";
import type { RequestLine } from "./request_line.ts";
import type { StatusComparison } from "./status_change.ts";

/** Longest delay that a timer keeps, in milliseconds; longer ones are no limit. */
const LONGEST_TIMER_MS = 0x7FFFFFFF;

/**
 * Looks now and after every change.
 *
 * @param cancelled ends the wait with its reason, as the signal of the options does
 * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER, SCARD_E_TIMEOUT, and why the line ended
 */
export function waitForChange(
  line: RequestLine,
  comparison: StatusComparison,
  timers: Timers,
  { timeoutMs = Infinity, signal }: StatusChangeOptions,
  cancelled: AbortSignal,
): Promise<ReaderStateAnswer[]> {
  return new Promise((resolve, reject) => {
    let timer: unknown = null;
    let isFirst = true;
    let unwatch = () => {};
    const finish = () => {
      unwatch();
      if (timer !== null) timers.clear(timer);
      signal?.removeEventListener("abort", onAbort);
      cancelled.removeEventListener("abort", onCancel);
    };
    const fail = (reason: unknown) => {
      finish();
      reject(reason);
    };
    const onAbort = () => fail(signal?.reason);
    const onCancel = () => fail(cancelled.reason);
    const tooLate = () =>
      fail(failure(
        "SCARD_E_TIMEOUT",
        "wait longer for a change of readers",
        `${timeoutMs} ms passed`,
        "a change",
      ));
    signal?.addEventListener("abort", onAbort, { once: true });
    cancelled.addEventListener("abort", onCancel, { once: true });
    if (timeoutMs > 0 && timeoutMs <= LONGEST_TIMER_MS) {
      timer = timers.set(tooLate, timeoutMs);
    }
    unwatch = line.watch({
      wantsEvents: comparison.wantsEvents,
      see(view) {
        try {
          if (isFirst) comparison.assertKnown(view);
        } catch (error) {
          return fail(error);
        }
        isFirst = false;
        const { answers, isChanged } = comparison.look(view);
        if (isChanged) {
          finish();
          resolve(answers);
        } else if (timeoutMs <= 0) tooLate();
      },
      fail,
    });
  });
}
