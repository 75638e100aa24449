/**
 * What the stress suites that run by themselves do with wrong command lines.
 *
 * @module
 */

/** Where a suite prints. */
export interface Terminal {
  /** Prints a line of what came out. */
  line(text: string): void;
  /** Prints what is wrong with the command line. */
  warn(text: string): void;
}

/** The terminal that this process has. */
export const TERMINAL: Terminal = {
  line: (text) => console.log(text),
  warn: (text) => console.error(text),
};

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads a whole number, `low` to `high`. @throws {UsageError} when `text` is none */
export function wholeNumber(
  name: string,
  text: string,
  low: number,
  high: number,
): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= low && number <= high) return number;
  throw new UsageError(
    `${name} is ${JSON.stringify(text)}, expected ${low} to ${high}`,
  );
}

/** What `parseArgs` of `node:util` throws. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** Runs `main`; returns its exit code, or 2 after printing `usage` when the command line is wrong. */
export function withUsage(
  usage: string,
  { warn }: Terminal,
  main: () => number,
): number {
  try {
    return main();
  } catch (error) {
    if (!(error instanceof UsageError || isParseError(error))) throw error;
    warn(`${error.message}\n\n${usage}`);
    return 2;
  }
}
