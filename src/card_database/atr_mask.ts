/**
 * ATRs that a card's ATR is compared with, as SCARD_ATRMASK has them.
 *
 * @module
 */

import { describe, misuse } from "./misuse.ts";

/** Longest ATR in a mask, in bytes (rgbAtr of SCARD_ATRMASK). */
export const MAX_ATR_MASK_BYTES = 36;

/** Which ATRs match: those of this length with `(cardAtr & mask) == atr`. */
export interface AtrMask {
  /** 1 to 36 bytes; bits outside the mask are zero. */
  readonly atr: Uint8Array;
  /** As long as `atr`; null or left out: every bit counts. */
  readonly mask?: Uint8Array | null;
}

/**
 * Whether an ATR matches, by the rule itself. Many masks are faster by `AtrMatcher`.
 */
export function matchesAtr(
  cardAtr: Uint8Array,
  { atr, mask }: AtrMask,
): boolean {
  if (cardAtr.length !== atr.length) return false;
  for (let i = 0; i < atr.length; i++) {
    const counted = mask ? cardAtr[i] & mask[i] : cardAtr[i];
    if (counted !== atr[i]) return false;
  }
  return true;
}

/**
 * Checks an ATR and its mask.
 *
 * @param attempt what the caller wanted, for the message
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER when something is not bytes,
 * SCARD_E_INVALID_ATR when the ATR is empty, too long, or has bits outside the mask,
 * SCARD_E_INVALID_VALUE when the mask has another length
 */
export function checkAtrMask(
  { atr, mask = null }: AtrMask,
  attempt: string,
): void {
  assertBytes(atr, "ATR", attempt);
  if (atr.length < 1 || atr.length > MAX_ATR_MASK_BYTES) {
    throw misuse(
      "SCARD_E_INVALID_ATR",
      attempt,
      `the ATR has ${atr.length} bytes`,
      `1 to ${MAX_ATR_MASK_BYTES}`,
    );
  }
  if (mask === null) return;
  assertBytes(mask, "mask", attempt);
  if (mask.length !== atr.length) {
    throw misuse(
      "SCARD_E_INVALID_VALUE",
      attempt,
      `the mask has ${mask.length} bytes`,
      `${atr.length} as the ATR has`,
    );
  }
  const stray = atr.findIndex((byte, i) => (byte & ~mask[i]) !== 0);
  if (stray < 0) return;
  throw misuse(
    "SCARD_E_INVALID_ATR",
    attempt,
    `byte ${stray} of the ATR has bits outside the mask`,
    "an ATR that is masked already",
  );
}

/**
 * Checks that `value` is bytes.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function assertBytes(
  value: unknown,
  what: string,
  attempt: string,
): asserts value is Uint8Array {
  if (value instanceof Uint8Array) return;
  throw misuse(
    "SCARD_E_INVALID_PARAMETER",
    attempt,
    `the ${what} is ${describe(value)}`,
    "a Uint8Array",
  );
}
