/**
 * SCardReconnect.
 *
 * @module
 */

import type { ShareMode } from "../../../../src/resource_manager/mod.ts";
import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickHandle } from "./command.ts";

/** A connection takes note of the card, and changes its mode. */
export class ReconnectCommand extends ManagerCommand {
  readonly #index: number;
  readonly #mode: ShareMode;
  readonly #protocols: number;
  readonly #initialization: number;

  /** Makes the command; `index` counts the connections, and wraps. */
  constructor(
    index: number,
    mode: ShareMode,
    protocols: number,
    initialization: number,
  ) {
    super();
    this.#index = index;
    this.#mode = mode;
    this.#protocols = protocols;
    this.#initialization = initialization;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const handle = pickHandle(bench, this.#index);
    return handle && {
      kind: "reconnect",
      handle: handle.number,
      mode: this.#mode,
      protocols: this.#protocols,
      initialization: this.#initialization,
    };
  }
}
