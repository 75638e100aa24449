/**
 * The command line of the fuzzer.
 *
 * @module
 */

/** What to fuzz. */
export interface FuzzCommand {
  readonly kind: "fuzz";
  /** Greater than 0. */
  readonly seconds: number;
  /** Unsigned 32-bit number; null: to be drawn. */
  readonly seed: number | null;
  /** Names of targets, each once; null: all of them. */
  readonly targets: readonly string[] | null;
}

/** The reproducer to run. */
export interface ReproduceCommand {
  readonly kind: "reproduce";
  readonly path: string;
}

/** A command line; `help` asks for the usage. */
export type Command = FuzzCommand | ReproduceCommand | { kind: "help" };

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const DEFAULT_SECONDS = 60;
const MAX_SEED = 0xffff_ffff;

/** The usage, for these targets. */
export function usage(names: readonly string[]): string {
  return `Usage: deno task fuzz [--seconds N] [--seed S] [--target NAME[,NAME]]...
       deno task fuzz --reproduce FILE

Runs changing inputs against the targets and reports those that break an invariant.

  --seconds N       time for all targets together, default ${DEFAULT_SECONDS}
  --seed S          0 to ${MAX_SEED}; default: drawn at random and printed
  --target NAME     ${names.join(", ") || "(there are none)"}; default: all
  --reproduce FILE  run the one input of a reproducer

Exit codes: 0 nothing found, 1 an input failed, 2 wrong usage.`;
}

/** Reads a command line; `names` are those of the targets. @throws {UsageError} when it is wrong */
export function parseCommand(
  args: readonly string[],
  names: readonly string[],
): Command {
  let seconds = DEFAULT_SECONDS;
  let seed: number | null = null;
  let path: string | null = null;
  const targets = new Set<string>();
  const given = new Set<string>();
  const rest = args.flatMap(splitAtEquals);
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--help" || arg === "-h") return { kind: "help" };
    if (!OPTIONS.has(arg)) {
      throw new UsageError(`there is no option ${JSON.stringify(arg)}`);
    }
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${arg} needs a value`);
    given.add(arg);
    if (arg === "--seconds") seconds = readSeconds(value);
    else if (arg === "--seed") seed = readSeed(value);
    else if (arg === "--reproduce") path = value;
    else {
      for (const name of value.split(",")) {
        targets.add(checkTarget(name, names));
      }
    }
  }
  if (path === null) {
    return {
      kind: "fuzz",
      seconds,
      seed,
      targets: targets.size > 0 ? [...targets] : null,
    };
  }
  if (given.size > 1) throw new UsageError("--reproduce stands alone");
  return { kind: "reproduce", path };
}

const OPTIONS = new Set(["--seconds", "--seed", "--target", "--reproduce"]);

/** `--name=value` as `--name value`. */
function splitAtEquals(arg: string): string[] {
  const at = arg.indexOf("=");
  return arg.startsWith("--") && at > 0
    ? [arg.slice(0, at), arg.slice(at + 1)]
    : [arg];
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0) return seconds;
  throw new UsageError(
    `--seconds is ${JSON.stringify(text)}, expected a number greater than 0`,
  );
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MAX_SEED) return seed;
  throw new UsageError(
    `--seed is ${JSON.stringify(text)}, expected an integer 0 to ${MAX_SEED}`,
  );
}

function checkTarget(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new UsageError(`there is no target ${JSON.stringify(name)}`);
}
