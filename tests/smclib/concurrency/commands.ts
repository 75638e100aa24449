/**
 * What every command has, and several of them close together.
 *
 * @module
 */

import type fc from "fast-check";
import type { Bench } from "./bench.ts";
import type { Model } from "./model.ts";

/** Something that a run does. */
export abstract class BenchCommand
  implements fc.AsyncCommand<Model, Bench, false> {
  /** Whether it makes sense now. */
  check(_model: Readonly<Model>): boolean {
    return true;
  }

  /** Does it, and checks what must hold then. */
  abstract run(model: Model, bench: Bench): Promise<void>;

  /** A line of a counterexample. */
  abstract toString(): string;
}

/** A move of a caller, the driver, the card or the system, in one synchronous step. */
export abstract class Move extends BenchCommand {
  /** Makes the move. */
  abstract act(bench: Bench): void;

  /** Makes the move and checks what holds at every moment. */
  run(model: Model, bench: Bench): Promise<void> {
    // fast-check awaits between check and run, and the library runs meanwhile.
    if (this.check(model)) this.act(bench);
    bench.check();
    return Promise.resolve();
  }
}

/** A move, and the turns of the microtask queue that pass before it. */
export interface TimedMove {
  /** How many turns; with none the library cannot run between the moves. */
  readonly turns: number;
  /** The move. */
  readonly move: Move;
}

/** Several moves close together, to hit what lasts for one turn only. */
export class BurstCommand extends BenchCommand {
  readonly #moves: readonly TimedMove[];

  /** Makes one command of several moves. */
  constructor(moves: readonly TimedMove[]) {
    super();
    this.#moves = moves;
  }

  async run(model: Model, bench: Bench): Promise<void> {
    for (const { turns, move } of this.#moves) {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      if (move.check(model)) move.act(bench);
      bench.check();
    }
  }

  toString(): string {
    const words = this.#moves.map(({ turns, move }) =>
      `${turns === 0 ? "" : `${turns} turns, `}${move}`
    );
    return `close together { ${words.join(" | ")} }`;
  }
}
