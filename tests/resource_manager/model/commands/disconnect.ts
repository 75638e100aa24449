/**
 * SCardDisconnect.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickHandle } from "./command.ts";

/** A connection is given back, with a disposition. */
export class DisconnectCommand extends ManagerCommand {
  readonly #index: number;
  readonly #disposition: number;

  /** Makes the command; `index` counts the connections, and wraps. */
  constructor(index: number, disposition: number) {
    super();
    this.#index = index;
    this.#disposition = disposition;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const handle = pickHandle(bench, this.#index);
    const disposition = this.#disposition;
    return handle && { kind: "disconnect", handle: handle.number, disposition };
  }
}
