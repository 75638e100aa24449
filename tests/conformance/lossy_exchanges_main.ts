/**
 * T=1 exchanges over a lossy link, as many as you like:
 *
 *     deno run tests/conformance/lossy_exchanges_main.ts [--exchanges N] [--seed S]
 *     deno run tests/conformance/lossy_exchanges_main.ts --replay PAIR
 *
 * The first form prints its progress once a second, each counterexample, and the
 * totals; the exit code is 1 when an invariant is broken, and 2 when the command line
 * is wrong. The second prints the transcript of the pair that a counterexample names.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  TERMINAL,
  type Terminal,
  UsageError,
  wholeNumber,
  withUsage,
} from "./command_line.ts";
import { lossyExchanges, MOST_FLAWS, replayPair } from "./lossy_exchanges.ts";

const DEFAULT_EXCHANGES = 1_000_000;
const MOST_EXCHANGES = 1_000_000_000;
const DEFAULT_SEED = 78163;
const MOST_SEED = 0xffff_ffff;

const USAGE = `Usage: deno task lossy [--exchanges N] [--seed S]
       deno task lossy --replay PAIR

  --exchanges N  1 to ${MOST_EXCHANGES}, default ${DEFAULT_EXCHANGES}
  --seed S       0 to ${MOST_SEED}, default ${DEFAULT_SEED}
  --replay PAIR  print the pair that a counterexample names`;

function run(exchanges: number, seed: number, { line }: Terminal): number {
  line(`seed ${seed}, ${exchanges} exchanges`);
  const started = performance.now();
  let told = started;
  const { totals, flaws } = lossyExchanges(seed, exchanges, (soFar) => {
    const now = performance.now();
    if (now - told < 1000) return;
    told = now;
    const seconds = Math.round((now - started) / 1000);
    line(`${seconds} s: ${soFar.exchanges} exchanges, ${soFar.blocks} blocks`);
  });
  const seconds = (performance.now() - started) / 1000;
  for (const flaw of flaws) line(`BROKEN: ${flaw}`);
  if (flaws.length === MOST_FLAWS) line(`no more after ${MOST_FLAWS} of them`);
  const errors = [...totals.errors].map(([name, count]) => `${name} ${count}`);
  line([
    `${totals.exchanges} exchanges`,
    `${totals.blocks} blocks`,
    `right ${totals.right}`,
    ...errors,
    `longest ${totals.longest} blocks`,
    `most runs ${totals.mostRuns}`,
    `${seconds.toFixed(1)} s`,
    `${Math.round(totals.blocks / seconds)} blocks/s`,
    `${flaws.length} pairs broken`,
  ].join(", "));
  return flaws.length === 0 && totals.blocks > 0 ? 0 : 1;
}

/** Runs the suite with `args`; returns the exit code. */
export function main(
  args: string[],
  terminal: Terminal = TERMINAL,
): number {
  return withUsage(USAGE, terminal, () => {
    const { values } = parseArgs({
      args,
      options: {
        exchanges: { type: "string" },
        seed: { type: "string" },
        replay: { type: "string" },
      },
    });
    const { exchanges, seed, replay } = values;
    if (replay === undefined) {
      return run(
        exchanges === undefined
          ? DEFAULT_EXCHANGES
          : wholeNumber("--exchanges", exchanges, 1, MOST_EXCHANGES),
        seed === undefined
          ? DEFAULT_SEED
          : wholeNumber("--seed", seed, 0, MOST_SEED),
        terminal,
      );
    }
    if (exchanges !== undefined || seed !== undefined) {
      throw new UsageError("--replay stands alone");
    }
    const pair = wholeNumber("--replay", replay, 0, MOST_SEED);
    terminal.line(replayPair(pair).join("\n"));
    return 0;
  });
}

if (import.meta.main) Deno.exit(main(Deno.args));
