/**
 * Colours on a terminal, and nowhere else.
 *
 * @module
 */

import type { Io } from "./io.ts";

/** Makes text stand out, or leaves it as it is. */
export interface Paint {
  /** For headings. */
  bold(text: string): string;
  /** For what is less important. */
  dim(text: string): string;
  /** For what is well. */
  green(text: string): string;
  /** For what is not. */
  red(text: string): string;
  /** For what may be. */
  yellow(text: string): string;
}

/** Colours for standard output: none where it is no terminal, or `NO_COLOR` is set and not empty. */
export function paintFor(io: Io): Paint {
  const isWanted = io.outputIsTerminal && io.env("NO_COLOR") === undefined &&
    io.env("TERM") !== "dumb";
  const style = (code: number) => (text: string) =>
    isWanted ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: style(1),
    dim: style(2),
    green: style(32),
    red: style(31),
    yellow: style(33),
  };
}
