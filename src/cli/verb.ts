/**
 * What a verb of the command is.
 *
 * @module
 */

/** One verb of `scard`. */
export interface Verb {
  /** As it is typed. */
  name: string;
  /** One line for the list of verbs. */
  summary: string;
  /** The text of `--help`. */
  help: string;
  /** Runs the verb; returns the exit code. */
  run(args: string[]): number | Promise<number>;
}
