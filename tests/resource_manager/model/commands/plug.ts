/**
 * A reader is plugged in.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** A reader comes, without a card. */
export class PlugCommand extends ManagerCommand {
  operation({ witness }: Readonly<Bench>): Operation | null {
    const { device } = witness;
    return device === null ? { kind: "plug" } : null;
  }
}
