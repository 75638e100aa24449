/**
 * Moves of the driver's event code, of its awaits, and of the event loop.
 *
 * @module
 */

import fc from "fast-check";
import type { Bench } from "./bench.ts";
import { BenchCommand, Move } from "./commands.ts";
import type { Model } from "./model.ts";
import {
  actText,
  anyCard,
  completion,
  type DriverAct,
  trackingEnd,
} from "./script.ts";

/** Event code runs: a card event, a completed transfer, a cleanup. */
export class EventCommand extends Move {
  readonly #event: DriverAct;

  /** Makes the move. */
  constructor(event: DriverAct) {
    super();
    this.#event = event;
  }

  act(bench: Bench): void {
    bench.act(this.#event);
  }

  toString(): string {
    return actText(this.#event);
  }
}

/** One of the driver's awaits ends, where the commands decide that. */
export class ReleaseCommand extends Move {
  readonly #index: number;

  /** Makes the move; `index` counts the awaits, oldest first, and wraps. */
  constructor(index: number) {
    super();
    this.#index = index;
  }

  act(bench: Bench): void {
    bench.pacer.release(this.#index);
  }

  toString(): string {
    return `await ${this.#index} ends`;
  }
}

/** Some turns of the microtask queue pass. */
export class TurnsCommand extends BenchCommand {
  readonly #turns: number;

  /** Makes the move. */
  constructor(turns: number) {
    super();
    this.#turns = turns;
  }

  async run(_model: Model, bench: Bench): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn++) await Promise.resolve();
    bench.check();
  }

  toString(): string {
    return `${this.#turns} turns`;
  }
}

/** Everything settles that can, and what holds when all is quiet is checked. */
export class SettleCommand extends BenchCommand {
  async run(_model: Model, bench: Bench): Promise<void> {
    await bench.settle();
  }

  toString(): string {
    return "settle";
  }
}

/** The slot changes. */
export const cards: fc.Arbitrary<Move> = anyCard.map((card) =>
  new EventCommand({ do: "card", card })
);

/** A pending, running or parked request ends without a card event. */
export const completions: fc.Arbitrary<Move> = fc.oneof(completion, trackingEnd)
  .map((event) => new EventCommand(event));

/** One await ends; the oldest more often than not. */
export const releases: fc.Arbitrary<Move> = fc.constantFrom(0, 0, 1, 2).map((
  index,
) => new ReleaseCommand(index));

/** Promises settle, some or all. */
export const turns: fc.Arbitrary<BenchCommand> = fc.oneof<
  fc.Arbitrary<BenchCommand>[]
>(
  fc.integer({ min: 1, max: 4 }).map((turns) => new TurnsCommand(turns)),
  fc.constant(new SettleCommand()),
);
