/**
 * The two properties: the order of events comes from the commands, or from fast-check's scheduler.
 *
 * @module
 */

import fc from "fast-check";
import { Bench } from "./bench.ts";
import { type BenchCommand, BurstCommand, type Move } from "./commands.ts";
import {
  cards,
  completions,
  releases,
  SettleCommand,
  turns,
} from "./commands_driver.ts";
import { lives, locks } from "./commands_life.ts";
import { aborts, submits } from "./commands_request.ts";
import type { DriverLibrary } from "./library.ts";
import type { Model } from "./model.ts";
import { CommandPacer, type Pacer, SchedulerPacer } from "./pacer.ts";

/** Seed of every run, unless SMARTCARD_SEED names another. */
export const SEED: number = Number(Deno.env.get("SMARTCARD_SEED") ?? 78163);

/** Runs of one property; SMARTCARD_RUNS multiplies them. */
export const RUNS: number = 1000 * Number(Deno.env.get("SMARTCARD_RUNS") ?? 1);

const MAX_COMMANDS = 40;

const weighted = <T>(pairs: readonly [number, fc.Arbitrary<T>][]) =>
  fc.oneof(...pairs.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Moves that take one synchronous step. */
const steps: [number, fc.Arbitrary<Move>][] = [
  [14, submits],
  [2, aborts],
  [4, cards],
  [2, completions],
  [3, lives],
  [4, locks],
];

const bursts: fc.Arbitrary<BenchCommand> = fc.array(
  fc.record({
    turns: fc.constantFrom(0, 0, 0, 1, 2, 3),
    move: weighted([...steps, [8, releases]]),
  }),
  { minLength: 2, maxLength: 5, size: "max" },
).map((moves) => new BurstCommand(moves));

/** Commands that decide themselves when awaits end and promises settle. */
const orderedCommands: fc.Arbitrary<BenchCommand> = weighted<BenchCommand>([
  ...steps,
  [8, releases],
  [8, turns],
  [6, bursts],
]);

/** Commands where the scheduler decides. */
const scheduledCommands: fc.Arbitrary<BenchCommand> = weighted<BenchCommand>([
  ...steps,
  [3, bursts],
]);

const commands = (one: fc.Arbitrary<BenchCommand>) =>
  fc.commands<Model, Bench, false>([one], {
    maxCommands: MAX_COMMANDS,
    size: "max",
  });

function setup(library: DriverLibrary, pacer: Pacer) {
  const real = new Bench(library, pacer);
  return { model: real.model, real };
}

/** The order of events is that of the commands. */
export function orderedProperty(
  library: DriverLibrary,
): fc.IAsyncProperty<unknown[]> {
  return fc.asyncProperty(commands(orderedCommands), async (moves) => {
    const run = setup(library, new CommandPacer());
    await fc.asyncModelRun(() => run, moves);
    await run.real.finish();
  });
}

/** The order of events is the scheduler's. */
export function scheduledProperty(
  library: DriverLibrary,
): fc.IAsyncProperty<unknown[]> {
  return fc.asyncProperty(
    commands(scheduledCommands),
    fc.scheduler(),
    async (moves, scheduler) => {
      const run = setup(library, new SchedulerPacer(scheduler));
      await fc.scheduledModelRun(scheduler, () => run, moves);
      await run.real.finish();
    },
  );
}

/** Plays moves one after the other; what a named counterexample is made of. */
export async function play(
  library: DriverLibrary,
  commands: readonly BenchCommand[],
): Promise<void> {
  const { model, real } = setup(library, new CommandPacer());
  for (const command of [...commands, new SettleCommand()]) {
    if (command.check(model)) await command.run(model, real);
  }
  await real.finish();
}
