/**
 * A reader driver without hardware: character level, T=0 and T=1.
 *
 * @module
 */

export {
  type CardLink,
  systemTimer,
  type Timer,
} from "../../contact_reader/mod.ts";
export { Contacts, type InsertableCard } from "./contacts.ts";
export { VirtualReader, type VirtualReaderOptions } from "./reader.ts";
export { type LinkEvent, traceLink } from "./trace.ts";
