/**
 * Moves of plug and play: the reader goes, comes back, and its driver counts who is inside.
 *
 * @module
 */

import fc from "fast-check";
import type { Bench } from "./bench.ts";
import { Move } from "./commands.ts";
import { type Model, TAGS } from "./model.ts";

/** SmartcardExit. */
export class ExitCommand extends Move {
  act(bench: Bench): void {
    bench.exit();
  }

  toString(): string {
    return "exit";
  }
}

/** SmartcardInitialize, also when the reader is initialized already. */
export class InitializeCommand extends Move {
  act(bench: Bench): void {
    bench.initialize();
  }

  toString(): string {
    return "initialize";
  }
}

/** An entry point of the driver takes the remove lock, with a tag or without. */
export class AcquireCommand extends Move {
  readonly #tag: string | null;

  /** Makes the move. */
  constructor(tag: string | null) {
    super();
    this.#tag = tag;
  }

  override check(model: Readonly<Model>): boolean {
    return model.isInitialized;
  }

  act(bench: Bench): void {
    bench.lock.acquire(this.#tag);
  }

  toString(): string {
    return `acquire ${this.#tag ?? "without tag"}`;
  }
}

/** How a holder of the remove lock leaves. */
type Leaving = "plainly" | "with a wrong tag" | "to begin removal";

/** A holder leaves; the remove handler does so to wait for the others. */
export class LeaveCommand extends Move {
  readonly #index: number;
  readonly #how: Leaving;

  /** Makes the move; `index` counts the holders, oldest first, and wraps. */
  constructor(index: number, how: Leaving) {
    super();
    this.#index = index;
    this.#how = how;
  }

  override check({ lock, isInitialized }: Readonly<Model>): boolean {
    const mayLeave = isInitialized && lock.holders.length > 0;
    return mayLeave && !(this.#how === "to begin removal" && lock.isRemoved);
  }

  act(bench: Bench): void {
    if (this.#how === "to begin removal") {
      bench.lock.releaseAndWait(this.#index);
    } else bench.lock.release(this.#index, this.#how === "with a wrong tag");
  }

  toString(): string {
    return `holder ${this.#index} leaves ${this.#how}`;
  }
}

/** The reader goes or comes. */
export const lives: fc.Arbitrary<Move> = fc.constantFrom(
  ...Array.from({ length: 4 }, () => new InitializeCommand()),
  new ExitCommand(),
);

/** The remove lock is taken or given up. */
export const locks: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(null, ...TAGS).map((tag) =>
      new AcquireCommand(tag)
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.nat(3),
      fc.constantFrom<Leaving>(
        "plainly",
        "to begin removal",
        "with a wrong tag",
      ),
    ).map(([index, how]) => new LeaveCommand(index, how)),
  },
);
