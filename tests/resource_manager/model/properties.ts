/**
 * The properties: against the model to the letter, in the order of the commands, and
 * in the order of fast-check's scheduler.
 *
 * @module
 */

import fc from "fast-check";
import {
  CommandPacer,
  SchedulerPacer,
} from "../../smclib/concurrency/pacer.ts";
import { Bench } from "./bench.ts";
import { COMMANDS } from "./commands/mod.ts";
import type { ManagerCommand } from "./commands/command.ts";
import { pacing } from "./commands/pacing.ts";
import { compareWithModel } from "./oracle.ts";
import type { Rules } from "./rules.ts";
import type { Stack } from "./stack.ts";

/** Seed of every run, unless SMARTCARD_SEED names another. */
export const SEED: number = Number(Deno.env.get("SMARTCARD_SEED") ?? 78163);

/** Runs of one property; SMARTCARD_RUNS multiplies them. */
export const RUNS: number = 200 * Number(Deno.env.get("SMARTCARD_RUNS") ?? 1);

const MAX_COMMANDS = 40;

type Weighted = readonly (readonly [number, fc.Arbitrary<ManagerCommand>])[];

const commandsOf = (weighted: Weighted) =>
  fc.commands<Bench, Bench, false>([
    fc.oneof(
      ...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })),
    ),
  ], { maxCommands: MAX_COMMANDS, size: "max" });

/** A run, with a card in the reader and two clients. */
async function begin(bench: Bench): Promise<Bench> {
  for (const kind of ["establish", "establish"] as const) {
    await bench.observe(bench.perform({ kind }));
  }
  await bench.observe(bench.perform({ kind: "insert", mute: false }));
  return bench;
}

/** One call after the other: each is told what the model says. */
export function exactProperty(
  rules: Rules,
  stack: Stack,
): fc.IAsyncProperty<unknown[]> {
  return fc.asyncProperty(
    fc.constantFrom("sync", "async"),
    commandsOf(COMMANDS),
    async (pace, commands) => {
      const bench = await Bench.create(rules, stack, pace);
      compareWithModel(bench);
      await begin(bench);
      await fc.asyncModelRun(() => ({ model: bench, real: bench }), commands);
      await bench.finish(() => bench.settle());
    },
  );
}

/** The commands decide when the device answers and how long the others wait. */
export function orderedProperty(
  rules: Rules,
  stack: Stack,
): fc.IAsyncProperty<unknown[]> {
  return fc.asyncProperty(commandsOf(COMMANDS_AND_PACE), async (commands) => {
    const pacer = new CommandPacer();
    const bench = await begin(await Bench.create(rules, stack, "sync"));
    await bench.settle();
    bench.setPacer(pacer);
    await fc.asyncModelRun(() => ({ model: bench, real: bench }), commands);
    await bench.finish(() => pacer.finish());
  });
}

/** fast-check's scheduler decides. */
export function scheduledProperty(
  rules: Rules,
  stack: Stack,
): fc.IAsyncProperty<unknown[]> {
  return fc.asyncProperty(
    commandsOf(COMMANDS),
    fc.scheduler(),
    async (commands, scheduler) => {
      const pacer = new SchedulerPacer(scheduler);
      const bench = await begin(await Bench.create(rules, stack, "sync"));
      await bench.settle();
      bench.setPacer(pacer);
      const setup = () => ({ model: bench, real: bench });
      await fc.scheduledModelRun(scheduler, setup, commands);
      await bench.finish(() => pacer.finish());
    },
  );
}

const COMMANDS_AND_PACE: Weighted = [...COMMANDS, ...pacing(COMMANDS)];
