/**
 * Text from outside on a terminal.
 *
 * @module
 */

/** Text whose control characters are made harmless for a terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
