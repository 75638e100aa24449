/**
 * SCardConnect.
 *
 * @module
 */

import type { ShareMode } from "../../../../src/resource_manager/mod.ts";
import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand, pickContext } from "./command.ts";

/** A client connects. */
export class ConnectCommand extends ManagerCommand {
  readonly #index: number;
  readonly #mode: ShareMode;
  readonly #protocols: number;

  /** Makes the command; `index` counts the open contexts, and wraps. */
  constructor(index: number, mode: ShareMode, protocols: number) {
    super();
    this.#index = index;
    this.#mode = mode;
    this.#protocols = protocols;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    const context = pickContext(bench, this.#index);
    const mode = this.#mode;
    const protocols = this.#protocols;
    return context === null
      ? null
      : { kind: "connect", context, mode, protocols };
  }
}
