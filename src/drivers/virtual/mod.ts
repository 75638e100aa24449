/**
 * A reader driver without hardware: character level, T=0 and T=1.
 *
 * @module
 */

export {
  type CardLink,
  Contacts,
  type InsertableCard,
  systemTimer,
  type Timer,
} from "./link.ts";
export { VirtualReader, type VirtualReaderOptions } from "./reader.ts";
export { type LinkEvent, traceLink } from "./trace.ts";
