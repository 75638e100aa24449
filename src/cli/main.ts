/**
 * The command `scard`: `scard VERB ...`.
 *
 * @module
 */

import { ATR_VERB } from "./atr.ts";
import { OUTPUT_CLOSED } from "./output.ts";
import type { Verb } from "./verb.ts";

const VERBS: readonly Verb[] = [ATR_VERB];

function usage(): string {
  const rows = VERBS.map(({ name, summary }) =>
    `  ${name.padEnd(8)}${summary}`
  );
  return `Usage: scard VERB [OPTIONS]

Verbs:
${rows.join("\n")}

scard VERB --help explains one of them. Exit codes: 0 done, 1 not valid, 2 wrong usage.`;
}

/** Runs the command with `args`; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  const verb = VERBS.find((verb) => verb.name === name);
  if (verb !== undefined) {
    if (rest.includes("--help") || rest.includes("-h")) {
      console.log(verb.help);
      return 0;
    }
    try {
      return await verb.run(rest);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return OUTPUT_CLOSED;
      throw error;
    }
  }
  if (name === "--help" || name === "-h") {
    console.log(usage());
    return 0;
  }
  console.error(
    name === undefined
      ? usage()
      : `scard: there is no verb ${JSON.stringify(name)}\n\n${usage()}`,
  );
  return 2;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
