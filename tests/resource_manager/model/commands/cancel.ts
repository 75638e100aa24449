/**
 * SCardCancel.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickContext } from "./command.ts";

/** A client calls its status requests off. */
export class CancelCommand extends ManagerCommand {
  readonly #index: number;

  /** Makes the command; `index` counts the open contexts, and wraps. */
  constructor(index: number) {
    super();
    this.#index = index;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const context = pickContext(bench, this.#index);
    return context === null ? null : { kind: "cancel", context };
  }
}
