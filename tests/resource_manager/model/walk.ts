/**
 * Every interleaving of a small cast: at each choice point a client makes its next
 * call, the device answers, or what happens once happens; all orders are walked, one
 * run each.
 *
 * @module
 */

import type { Rules } from "./rules.ts";
import type { Stack } from "./stack.ts";
import { BrokenInvariant, law } from "./trace.ts";
import { type Cast, castName, Players } from "./walk_players.ts";

/** What a walk came across. */
export interface WalkTotals {
  /** Orders of events. */
  interleavings: number;
  /** Choice points. */
  choices: number;
}

/**
 * Walks every interleaving of `cast`.
 *
 * @throws {BrokenInvariant} with the order of events that broke it
 */
export async function walk(
  rules: Rules,
  stack: Stack,
  cast: Cast,
  totals: WalkTotals,
): Promise<void> {
  const path: { chosen: number; among: number }[] = [];
  while (true) {
    await walkOnce(rules, stack, cast, path);
    totals.interleavings++;
    totals.choices += path.length;
    // The last choice that has an alternative is made otherwise, the ones after it anew.
    let last = path.pop();
    while (last !== undefined && last.chosen + 1 === last.among) {
      last = path.pop();
    }
    if (last === undefined) return;
    path.push({ chosen: last.chosen + 1, among: last.among });
  }
}

async function walkOnce(
  rules: Rules,
  stack: Stack,
  cast: Cast,
  path: { chosen: number; among: number }[],
): Promise<void> {
  const told: string[] = [];
  try {
    const players = await Players.create(rules, stack, cast);
    for (let depth = 0;; depth++) {
      const choices = players.choices();
      if (choices.length === 0) break;
      const choice = path[depth] ?? { chosen: 0, among: choices.length };
      path[depth] = choice;
      law(choice.among === choices.length, () => "a run is not repeatable");
      const { word, make } = choices[choice.chosen];
      told.push(word);
      make();
      await players.bench.settle();
    }
    await players.finish();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokenInvariant(
      `${rules.profile.name}: ${castName(cast)}\n${told.join("; ")}\n${reason}`,
      { cause: error },
    );
  }
}
