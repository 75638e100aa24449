/**
 * The callbacks of a reader that moves single characters: all of them but the
 * tracking, over any {@linkcode CardLink}. A driver for such a reader is a link and
 * the events of its slot.
 *
 * @module
 */

export {
  type CardLink,
  type LinkSettings,
  systemTimer,
  type Timer,
} from "./card_link.ts";
export { atrLengthSoFar, UNCONVERTED_INVERSE_TS } from "./atr_length.ts";
export { type ContactSlot, contactSlot } from "./contact_slot.ts";
export type {
  BlockFault,
  BlockPlace,
  ByteFault,
  BytePlace,
  FaultDirection,
  FaultEnd,
  FaultStrike,
  FaultWhich,
  LinkFault,
} from "./faults.ts";
export {
  type LineCounts,
  type LinePosition,
  LinkCounts,
} from "./faults_counts.ts";
export {
  type FaultyLink,
  faultyLink,
  type FaultyLinkOptions,
} from "./faults_link.ts";
export { parseLinkFaults } from "./faults_parse.ts";
export { installContactCallbacks } from "./install.ts";
