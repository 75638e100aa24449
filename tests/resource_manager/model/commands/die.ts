/**
 * The device fails.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** The device fails; nothing of it works. */
export class DieCommand extends ManagerCommand {
  operation({ witness }: Readonly<Bench>): Operation | null {
    const { device, reader } = witness;
    return reader !== null && device?.dead === false ? { kind: "die" } : null;
  }
}
