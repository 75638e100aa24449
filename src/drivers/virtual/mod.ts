/**
 * A reader driver without hardware: character level, T=0 and T=1.
 *
 * @module
 */

export {
  type BlockFault,
  type BlockPlace,
  type ByteFault,
  type BytePlace,
  type CardLink,
  type FaultDirection,
  type FaultEnd,
  type FaultStrike,
  type FaultWhich,
  type FaultyLink,
  faultyLink,
  type FaultyLinkOptions,
  type LineCounts,
  type LinePosition,
  type LinkCounts,
  type LinkFault,
  parseLinkFaults,
  systemTimer,
  type Timer,
} from "../../contact_reader/mod.ts";
export { Contacts, type InsertableCard } from "./contacts.ts";
export type { VirtualMechanics } from "./mechanics.ts";
export type { VirtualReaderOptions } from "./options.ts";
export { VirtualReader } from "./reader.ts";
