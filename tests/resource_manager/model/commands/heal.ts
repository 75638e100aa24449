/**
 * A device that failed works again.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** The device works again, which the next connect finds out. */
export class HealCommand extends ManagerCommand {
  operation({ witness }: Readonly<Bench>): Operation | null {
    const { device } = witness;
    return device?.dead === true ? { kind: "heal" } : null;
  }
}
