/**
 * Virtual time.
 *
 * @module
 */

import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** Time passes. */
export class AdvanceCommand extends ManagerCommand {
  readonly #milliseconds: number;

  /** Makes the command. */
  constructor(milliseconds: number) {
    super();
    this.#milliseconds = milliseconds;
  }

  operation(): Operation {
    return { kind: "advance", milliseconds: this.#milliseconds };
  }
}
