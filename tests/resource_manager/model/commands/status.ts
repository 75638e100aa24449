/**
 * SCardStatus.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickHandle } from "./command.ts";

/** A client asks for the state of its card. */
export class StatusCommand extends ManagerCommand {
  readonly #index: number;

  /** Makes the command; `index` counts the connections, and wraps. */
  constructor(index: number) {
    super();
    this.#index = index;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const handle = pickHandle(bench, this.#index);
    return handle && { kind: "status", handle: handle.number };
  }
}
