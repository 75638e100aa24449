/**
 * SCardGetStatusChange.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Belief, Operation } from "../operations.ts";
import { ManagerCommand, pickContext } from "./command.ts";

/** A client waits for a change of the reader. */
export class WatchCommand extends ManagerCommand {
  readonly #index: number;
  readonly #belief: Belief;
  readonly #timeoutMs: number | null;

  /** Makes the command; `index` counts the open contexts, and wraps; null = no limit. */
  constructor(index: number, belief: Belief, timeoutMs: number | null) {
    super();
    this.#index = index;
    this.#belief = belief;
    this.#timeoutMs = timeoutMs;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const context = pickContext(bench, this.#index);
    const belief = this.#belief;
    const timeoutMs = this.#timeoutMs;
    return context === null
      ? null
      : { kind: "watch", context, belief, timeoutMs };
  }
}
