/**
 * How long a transaction waits for those of others.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { withSignals } from "./abort.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { describeTransaction } from "./metrics_holder.ts";

/**
 * Runs `work` when no other connection is in a transaction, as `TransactionLock.whenFree`
 * does, but waits no longer than the profile wants.
 *
 * @param attempt for messages, ending in a preposition
 * @throws {ResourceManagerError} SCARD_E_SHARING_VIOLATION after `Profile.beginWaitMs`
 */
export function whenFreeInTime<T>(
  connection: Handle,
  attempt: string,
  work: () => MaybePromise<T>,
  signal?: AbortSignal,
): MaybePromise<T> {
  const { lock, profile, timers, name } = connection.reader;
  const { beginWaitMs } = profile;
  if (beginWaitMs === Infinity || lock.isFreeFor(connection)) {
    return lock.whenFree(connection, work, signal);
  }
  const late = new AbortController();
  const timer = timers.set(() => {
    const found = lock.owner === null
      ? "others were first"
      : describeTransaction(lock.owner);
    late.abort(
      new ResourceManagerError(
        "SCARD_E_SHARING_VIOLATION",
        `Cannot ${attempt} "${name}": ${found}, expected none within ${beginWaitMs} ms`,
      ),
    );
  }, beginWaitMs);
  const stop = () => timers.clear(timer);
  const begin = () => {
    stop();
    return work();
  };
  const waiting = withSignals(
    [signal, late.signal],
    (either) => lock.whenFree(connection, begin, either),
  );
  return waiting instanceof Promise ? waiting.finally(stop) : waiting;
}
