/**
 * SCardEstablishContext.
 *
 * @module
 */

import type { Bench } from "../bench.ts";
import type { Operation } from "../operations.ts";
import { ManagerCommand } from "./command.ts";

/** Contexts at a time. */
const MOST = 3;

/** A client comes. */
export class EstablishCommand extends ManagerCommand {
  operation({ witness }: Readonly<Bench>): Operation | null {
    return witness.contexts.size < MOST ? { kind: "establish" } : null;
  }
}
