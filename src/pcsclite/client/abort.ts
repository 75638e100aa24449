/**
 * Work that is called off.
 *
 * @module
 */

/**
 * Settles like `work`, or rejects with the signal's reason as soon as it fires.
 *
 * @param late given what `work` brings after that
 */
export function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  late?: (value: T) => void,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    let isOver = false;
    const onAbort = () => {
      isOver = true;
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const done = () => signal.removeEventListener("abort", onAbort);
    work.then((value) => {
      done();
      if (isOver) late?.(value);
      else resolve(value);
    }, (error) => {
      done();
      reject(error);
    });
  });
}
