/**
 * What an answer to a power request says about the card.
 *
 * @module
 */

import {
  ntSuccess,
  SCARD_POWER_DOWN,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
} from "../smclib/mod.ts";
import type { CardPhaseEvent } from "./card_table.ts";

/** Answers to a request that never reached the card. */
const REFUSALS: ReadonlySet<number> = new Set([
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_NOT_SUPPORTED,
]);

/**
 * The row of the card's table that an answer to IOCTL_SMARTCARD_POWER belongs to.
 *
 * @param action SCARD_COLD_RESET, SCARD_WARM_RESET or SCARD_POWER_DOWN
 * @param status the final NTSTATUS
 */
export function powerEvent(action: number, status: number): CardPhaseEvent {
  if (status === STATUS_NO_MEDIA) return "missed";
  if (REFUSALS.has(status)) return "refused";
  if (action === SCARD_POWER_DOWN) {
    return ntSuccess(status) ? "power off" : "power failed";
  }
  return ntSuccess(status) ? "answered" : "mute";
}
