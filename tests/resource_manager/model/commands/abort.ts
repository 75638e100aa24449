/**
 * The signal of a call fires.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** A client does not want the answer to a call any more. */
export class AbortCommand extends ManagerCommand {
  readonly #index: number;

  /** Makes the command; `index` counts the calls without an answer, and wraps. */
  constructor(index: number) {
    super();
    this.#index = index;
  }

  operation({ witness }: Readonly<Bench>): Operation | null {
    const { pending } = witness;
    if (pending.length === 0) return null;
    return {
      kind: "abort",
      call: pending[this.#index % pending.length].number,
    };
  }
}
