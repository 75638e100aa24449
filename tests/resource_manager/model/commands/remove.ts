/**
 * The card goes.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { canMoveCard } from "./card.ts";
import { ManagerCommand } from "./command.ts";

/** The card goes. */
export class RemoveCommand extends ManagerCommand {
  operation(bench: Readonly<Bench>): Operation | null {
    return canMoveCard(bench, true) ? { kind: "remove" } : null;
  }
}
