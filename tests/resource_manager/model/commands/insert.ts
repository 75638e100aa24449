/**
 * A card comes in.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { canMoveCard } from "./card.ts";
import { ManagerCommand } from "./command.ts";

/** A card comes in, one that answers or a mute one. */
export class InsertCommand extends ManagerCommand {
  readonly #mute: boolean;

  /** Makes the command. */
  constructor(mute: boolean) {
    super();
    this.#mute = mute;
  }

  operation(bench: Readonly<Bench>): Operation | null {
    return canMoveCard(bench, false)
      ? { kind: "insert", mute: this.#mute }
      : null;
  }
}
