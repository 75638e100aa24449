/**
 * The reader is pulled out.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** The reader goes. */
export class UnplugCommand extends ManagerCommand {
  operation({ witness }: Readonly<Bench>): Operation | null {
    const { reader } = witness;
    return reader !== null ? { kind: "unplug" } : null;
  }
}
