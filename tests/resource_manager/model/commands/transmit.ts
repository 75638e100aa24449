/**
 * SCardTransmit.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickHandle } from "./command.ts";

/** An APDU is sent. */
export class TransmitCommand extends ManagerCommand {
  readonly #index: number;

  /** Makes the command; `index` counts the connections, and wraps. */
  constructor(index: number) {
    super();
    this.#index = index;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const handle = pickHandle(bench, this.#index);
    return handle && { kind: "transmit", handle: handle.number };
  }
}
