/**
 * Waiting no longer than agreed.
 *
 * @module
 */

/** What {@linkcode within} gives when the time is up. */
export const LATE: unique symbol = Symbol("late");

/**
 * Waits for `value`, `milliseconds` at most, and never leaves a timer behind.
 *
 * @returns the value, or {@linkcode LATE}
 */
export async function within<T>(
  value: Promise<T>,
  milliseconds: number,
): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), milliseconds);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
