/**
 * T=1 exchanges over a lossy link, as many as you like:
 *
 *     deno run tests/conformance/lossy_exchanges_main.ts [--exchanges N] [--seed S]
 *     deno run tests/conformance/lossy_exchanges_main.ts --replay PAIR
 *
 * The first form prints its progress once a second, each counterexample, and the
 * totals; the exit code is 1 when an invariant is broken. The second prints the
 * transcript of the pair that a counterexample names.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { lossyExchanges, replayPair } from "./lossy_exchanges.ts";

function whole(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new RangeError(
      `Cannot take --${name} ${value}: expected a whole number`,
    );
  }
  return number;
}

function main(args: string[]): number {
  const options = parseArgs(args, {
    string: ["exchanges", "seed", "replay"],
    default: { exchanges: "1000000", seed: "78163" },
  });
  if (options.replay !== undefined) {
    console.log(replayPair(whole("replay", options.replay)).join("\n"));
    return 0;
  }
  const exchanges = whole("exchanges", options.exchanges);
  const seed = whole("seed", options.seed);
  console.log(`seed ${seed}, ${exchanges} exchanges`);
  const started = performance.now();
  let told = started;
  const { totals, flaws } = lossyExchanges(seed, exchanges, (soFar) => {
    const now = performance.now();
    if (now - told < 1000) return;
    told = now;
    const seconds = Math.round((now - started) / 1000);
    console.log(
      `${seconds} s: ${soFar.exchanges} exchanges, ${soFar.blocks} blocks`,
    );
  });
  const seconds = (performance.now() - started) / 1000;
  for (const flaw of flaws) console.log(`BROKEN: ${flaw}`);
  const errors = [...totals.errors].map(([name, count]) => `${name} ${count}`);
  console.log([
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
  return flaws.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main(Deno.args));
