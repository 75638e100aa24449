/**
 * Lines to standard output that notice when nobody reads them any more.
 *
 * @module
 */

const ENCODER = new TextEncoder();

/** Exit code of a command whose output was closed, as a shell would report it. */
export const OUTPUT_CLOSED = 141;

/** Writes a line. @throws {Deno.errors.BrokenPipe} when the reader of a pipe has gone */
export function printLine(text: string): void {
  let rest = ENCODER.encode(`${text}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
