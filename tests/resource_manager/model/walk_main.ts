/**
 * The walk in full: two clients with three calls each, every pair of programs, one
 * event, every interleaving, under every profile. It takes about ten minutes.
 *
 *     deno run -A tests/resource_manager/model/walk_main.ts [--part N/M]
 *
 * A line is printed for each pair of programs. The exit code is 1 when an invariant is
 * broken, and 2 when the command line is wrong.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ALL_RULES } from "./rules.ts";
import { REAL_STACK } from "./stack.ts";
import { BrokenInvariant } from "./trace.ts";
import { walk } from "./walk.ts";
import { castName } from "./walk_players.ts";
import { allCasts } from "./walk_casts.ts";

const USAGE = "Usage: walk_main.ts [--part N/M], with 1 <= N <= M";

/** Which part of how many; null when the command line is wrong. */
function partOf(args: string[]): { part: number; parts: number } | null {
  try {
    const { values } = parseArgs({
      args,
      options: { part: { type: "string", default: "1/1" } },
    });
    const match = /^([0-9]+)\/([0-9]+)$/.exec(values.part);
    if (match === null) return null;
    const [part, parts] = match.slice(1).map(Number);
    return part >= 1 && part <= parts ? { part, parts } : null;
  } catch {
    return null;
  }
}

/** Walks; returns the exit code. */
async function main(args: string[]): Promise<number> {
  const asked = partOf(args);
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  const casts = allCasts().filter((_, index) =>
    index % asked.parts === asked.part - 1
  );
  let sum = 0;
  let broken = 0;
  for (const rules of ALL_RULES) {
    for (const cast of casts) {
      const totals = { interleavings: 0, choices: 0 };
      let flaw = "";
      try {
        await walk(rules, REAL_STACK, cast, totals);
      } catch (error) {
        if (!(error instanceof BrokenInvariant)) throw error;
        broken++;
        flaw = `\nBROKEN ${error.message}`;
      }
      sum += totals.interleavings;
      const name = `${rules.profile.name}: ${castName(cast)}`;
      console.log(`${totals.interleavings} ${name}${flaw}`);
    }
  }
  console.log(`${sum} interleavings, ${broken} casts broken`);
  return broken === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
