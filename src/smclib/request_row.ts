/**
 * The shape of a row of the request table, and the rule for the card's state.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { SmartcardExtension } from "./extension.ts";
import {
  STATUS_INVALID_DEVICE_STATE,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "./status.ts";
import { SCARD_ABSENT, SCARD_NEGOTIABLE, SCARD_UNKNOWN } from "./winsmcrd.ts";

/** One check: STATUS_SUCCESS, or why the request is refused. */
export type Check = (ext: SmartcardExtension) => number;

/**
 * How one control code is served. The members stand in the order of the checks, the first failure decides,
 * and nothing changes before all have passed.
 */
export interface RequestRow {
  /** Least input in bytes, else STATUS_INVALID_PARAMETER. */
  readonly inputBytes: number;
  /** Whether the values in the input are known, or null. */
  readonly values: Check | null;
  /** Least output capacity in bytes, else STATUS_BUFFER_TOO_SMALL; a function where it depends on the input. */
  readonly capacityBytes: number | ((ext: SmartcardExtension) => number);
  /** Slot that has to be filled, else STATUS_NOT_SUPPORTED; null when the library serves alone. */
  readonly slot: number | null;
  /** What the card has to be like, or null. */
  readonly card: Check | null;
  /** Serves the request; null calls the slot and nothing else. */
  readonly serve: ((ext: SmartcardExtension) => MaybePromise<number>) | null;
  /** Rounds off a request that was served, also one that was pending; may change its status. */
  readonly finish: ((ext: SmartcardExtension, status: number) => number) | null;
  /** Whether the outcome is what GET_LAST_ERROR reports. */
  readonly isRemembered: boolean;
}

/** A row where nothing is demanded but what `row` says. */
export function requestRow(row: Partial<RequestRow>): RequestRow {
  return {
    inputBytes: 0,
    values: null,
    capacityBytes: 0,
    slot: null,
    card: null,
    serve: null,
    finish: null,
    isRemembered: true,
    ...row,
  };
}

/** A card is needed: UNKNOWN is STATUS_INVALID_DEVICE_STATE, ABSENT is STATUS_NO_MEDIA. */
export function needsCard(ext: SmartcardExtension): number {
  const state = ext.readerCapabilities.currentState;
  if (state === SCARD_UNKNOWN) return STATUS_INVALID_DEVICE_STATE;
  return state === SCARD_ABSENT ? STATUS_NO_MEDIA : STATUS_SUCCESS;
}

/** A card after reset is needed: like {@linkcode needsCard}, and STATUS_INVALID_DEVICE_STATE before the reset. */
export function needsResetCard(ext: SmartcardExtension): number {
  return ext.readerCapabilities.currentState >= SCARD_NEGOTIABLE
    ? STATUS_SUCCESS
    : needsCard(ext) || STATUS_INVALID_DEVICE_STATE;
}
