/**
 * Tokens of interfaces: a GUID at run time, a type at compile time.
 *
 * @module
 */

import { type Guid, parseGuid } from "./guid.ts";

/** Stands for the interface `Contract`, which `CardService.getInterface` gives for it. */
export interface InterfaceToken<Contract> {
  /** Identifies the interface. */
  readonly guid: Guid;
  /** For messages. */
  readonly name: string;
  /** Never there: it makes tokens of different interfaces different types. */
  readonly contract?: Contract;
}

/**
 * A token for an interface.
 *
 * @param guid in either case, braces or not
 * @param name for messages
 * @throws {TypeError | RangeError} when `guid` is none
 */
export function interfaceToken<Contract>(
  guid: string,
  name: string,
): InterfaceToken<Contract> {
  return Object.freeze({ guid: parseGuid(guid), name });
}
