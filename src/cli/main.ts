/**
 * The command `scard`: `scard VERB ...`.
 *
 * @module
 */

import { EXIT, exitCodeTable, exitOf } from "./exit_codes.ts";
import { type Io, ProcessIo } from "./io.ts";
import { readOptions } from "./options.ts";
import { type Verb, verbHelp } from "./verb.ts";
import { VERBS } from "./verbs.ts";

function usage(): string {
  const rows = VERBS.map(({ name, summary }) =>
    `  ${name.padEnd(12)}${summary}`
  );
  return `Usage: scard VERB [OPTIONS]

Verbs:
${rows.join("\n")}

scard VERB --help explains one of them.

Exit codes:
${exitCodeTable()}`;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

/** Tells of a failure; returns the exit code. */
function fail(error: unknown, name: string, io: Io): number {
  const exit = exitOf(error);
  if (exit === "outputClosed") return EXIT[exit].code;
  if (exit === null) {
    const trace = error instanceof Error ? error.stack : undefined;
    io.printError(`scard ${name}: a defect of this program:`);
    io.printError(trace ?? String(error));
    return EXIT.internal.code;
  }
  io.printError(
    `scard ${name}: ${error instanceof Error ? error.message : error}`,
  );
  if (exit === "usage") {
    io.printError(`scard ${name} --help explains the verb.`);
  }
  return EXIT[exit].code;
}

async function runVerb(
  verb: Verb,
  args: readonly string[],
  io: Io,
): Promise<number> {
  const { name } = verb;
  try {
    if (asksForHelp(args)) {
      io.print(verbHelp(verb));
      return EXIT.done.code;
    }
    return await verb.run(readOptions(name, verb.options, args), io);
  } catch (error) {
    return fail(error, name, io);
  }
}

/** Runs the command with `args`; returns the exit code. */
export async function main(
  args: readonly string[],
  io: Io = new ProcessIo(),
): Promise<number> {
  const [name, ...rest] = args;
  const entry = VERBS.find((verb) => verb.name === name);
  if (entry !== undefined) return await runVerb(await entry.load(), rest, io);
  if (name === "--help" || name === "-h") {
    io.print(usage());
    return EXIT.done.code;
  }
  io.printError(
    name === undefined
      ? usage()
      : `scard: there is no verb ${JSON.stringify(name)}\n\n${usage()}`,
  );
  return EXIT.usage.code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
