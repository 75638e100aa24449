/**
 * Commands that decide when the device answers, and several operations close together.
 *
 * @module
 */

import fc from "fast-check";
import type { Bench } from "../bench.ts";
import { ManagerCommand } from "./command.ts";

/** The device answers one request. */
export class AnswerCommand extends ManagerCommand {
  operation(): null {
    return null;
  }

  override check({ pacer }: Readonly<Bench>): boolean {
    return (pacer?.waiting ?? 0) > 0;
  }

  override run(_view: Bench, bench: Bench): Promise<void> {
    bench.pacer?.release(0);
    bench.check();
    return Promise.resolve();
  }

  override toString(): string {
    return "the device answers";
  }
}

/** A turn of the event loop passes: what can settle has settled. */
export class TurnCommand extends ManagerCommand {
  operation(): null {
    return null;
  }

  override check(): boolean {
    return true;
  }

  override run(_view: Bench, bench: Bench): Promise<void> {
    return bench.settle();
  }

  override toString(): string {
    return "a turn passes";
  }
}

/** A command, and the turns of the microtask queue that pass before it. */
interface Timed {
  readonly turns: number;
  readonly command: ManagerCommand;
}

/** Several close together, to hit what lasts for one turn only. */
export class BurstCommand extends ManagerCommand {
  readonly #timed: readonly Timed[];

  /** Makes one command of several. */
  constructor(timed: readonly Timed[]) {
    super();
    this.#timed = timed;
  }

  operation(): null {
    return null;
  }

  override check(): boolean {
    return true;
  }

  override async run(_view: Bench, bench: Bench): Promise<void> {
    for (const { turns, command } of this.#timed) {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      if (command instanceof AnswerCommand) bench.pacer?.release(0);
      else command.act(bench);
      bench.check();
    }
  }

  override toString(): string {
    const words = this.#timed.map(({ turns, command }) =>
      `${turns === 0 ? "" : `${turns} turns, `}${command}`
    );
    return `close together { ${words.join(" | ")} }`;
  }
}

/** Commands about time, for these others. */
export function pacing(
  others: readonly (readonly [number, fc.Arbitrary<ManagerCommand>])[],
): readonly (readonly [number, fc.Arbitrary<ManagerCommand>])[] {
  const answer = fc.constantFrom(new AnswerCommand());
  const command = fc.oneof(
    ...[...others, [8, answer] as const].map(([weight, arbitrary]) => ({
      weight,
      arbitrary,
    })),
  );
  const timed = fc.record({
    turns: fc.constantFrom(0, 0, 0, 1, 2, 3),
    command,
  });
  const bursts = fc.array(timed, { minLength: 2, maxLength: 5, size: "max" });
  return [
    [12, answer],
    [10, fc.constantFrom(new TurnCommand())],
    [6, bursts.map((timed) => new BurstCommand(timed))],
  ];
}
