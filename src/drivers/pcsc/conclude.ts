/**
 * How a request ends, and what its end says about the card.
 *
 * @module
 */

import {
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_IO_DEVICE_ERROR,
  STATUS_NO_MEDIA,
  STATUS_UNRECOGNIZED_MEDIA,
} from "../../smclib/mod.ts";
import type { PcscSlot } from "./slot.ts";
import { effectOf, ntStatusOf, type PcscOperation } from "./status.ts";

/** The service looks for a card every 400 ms; until then a failure does not tell whether it has gone. */
const REMOVAL_NOTICE_MS = 1000;
const MAY_BE_REMOVAL: ReadonlySet<number> = new Set([
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_IO_DEVICE_ERROR,
  STATUS_UNRECOGNIZED_MEDIA,
]);

/**
 * What a request ends with, and what its code says about the card.
 *
 * @param generation of the slot, when the request began
 */
export function conclude(
  slot: PcscSlot,
  generation: number,
  code: number,
  operation: PcscOperation,
): number {
  if (slot.generation !== generation) {
    // What this request has connected is not the card that it was meant for.
    slot.card.drop();
    return STATUS_NO_MEDIA;
  }
  switch (effectOf(code)) {
    case "removed":
      slot.removed();
      break;
    case "reset":
      slot.voided();
      break;
  }
  return ntStatusOf(code, operation);
}

/**
 * A failure that a removal may have caused is one, if the service notices it now. Else
 * the card may still have been exchanged between two looks of the service: the session
 * ends either way.
 */
export async function unlessRemoved(
  slot: PcscSlot,
  status: number,
): Promise<number> {
  if (!MAY_BE_REMOVAL.has(status)) return status;
  if (await slot.goesWithin(REMOVAL_NOTICE_MS)) return STATUS_NO_MEDIA;
  slot.voided();
  return status;
}
