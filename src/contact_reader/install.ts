/**
 * Fills the callback table.
 *
 * @module
 */

import {
  RDF_CARD_POWER,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  type SmartcardExtension,
} from "../smclib/mod.ts";
import type { ContactSlot } from "./contact_slot.ts";
import { cardPower } from "./power.ts";
import { setProtocol } from "./protocol_selection.ts";
import { transmit } from "./transmit.ts";

/**
 * Fills RDF_CARD_POWER, RDF_SET_PROTOCOL and RDF_TRANSMIT of `ext` for the card in
 * `slot`: both resets with the ATR, PPS with its fallback, T=0 and T=1 character by
 * character, both conventions. RDF_CARD_TRACKING stays the driver's, who knows how its
 * slot tells of cards: at each insertion and removal it counts `slot.generation` up,
 * sets `currentState` and calls `SmartcardCompleteCardTracking`, all in one step.
 */
export function installContactCallbacks(
  ext: SmartcardExtension,
  slot: ContactSlot,
): void {
  ext.readerFunction[RDF_CARD_POWER] = (ext) => cardPower(ext, slot);
  ext.readerFunction[RDF_SET_PROTOCOL] = (ext) => setProtocol(ext, slot);
  ext.readerFunction[RDF_TRANSMIT] = (ext) => transmit(ext, slot);
}
