/**
 * Lines on standard output, and a line of progress that on a terminal stays in place.
 *
 * @module
 */

import { printLine } from "../../src/cli/output.ts";

/** Between two lines of progress where there is no terminal, in milliseconds. */
const LOG_MS = 10_000;
/** Back to the start of the line, and erase it (ECMA-48 EL). */
const ERASE_LINE = "\r\x1b[K";
const ENCODER = new TextEncoder();

/** Where the command's lines go. */
export interface Output {
  /** Prints a line for good. */
  line(text: string): void;
  /** Shows how far the run is. */
  progress(text: string): void;
}

/** Standard output. Its methods throw `Deno.errors.BrokenPipe` when the reader of a pipe has gone. */
export function standardOutput(now: () => number): Output {
  if (Deno.stdout.isTerminal()) return terminalOutput();
  return logOutput(printLine, now);
}

/** Prints all lines with `print`, those of progress at most every 10 s. */
export function logOutput(
  print: (line: string) => void,
  now: () => number,
): Output {
  let next = now() + LOG_MS;
  return {
    line: print,
    progress(text) {
      const time = now();
      if (time < next) return;
      next = time + LOG_MS;
      print(text);
    },
  };
}

function terminalOutput(): Output {
  return {
    line(text) {
      printLine(`${ERASE_LINE}${text}`);
    },
    progress(text) {
      // A line that wraps could not be rewritten.
      const width = Deno.consoleSize().columns - 1;
      const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
      Deno.stdout.writeSync(ENCODER.encode(`${ERASE_LINE}${cut}`));
    },
  };
}
