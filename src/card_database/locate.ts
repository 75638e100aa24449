/**
 * Finding cards among readers by their ATR.
 *
 * @module
 */

import {
  type ReaderStateAnswer,
  SCARD_STATE_ATRMATCH,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNKNOWN,
} from "../resource_manager/mod.ts";
import { AtrMatcher } from "./atr_matcher.ts";
import { type AtrMask, checkAtrMask } from "./atr_mask.ts";
import type { CardType } from "./card_type.ts";
import { misuse, quote } from "./misuse.ts";

/** Where card types are looked up; a `CardDatabase` is one. */
export interface CardTypeSource {
  /**
   * The card type of that name.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD
   */
  getCardType(name: string): CardType;
}

/**
 * Marks the readers whose card is one of these types (SCardLocateCards), by
 * SCARD_STATE_ATRMATCH and SCARD_STATE_PRESENT; all other bits stay.
 *
 * @param names names of card types; null, none, or an empty name: any card that answers
 * @param states not changed
 * @returns new answers in the same order
 * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD when the database lacks a name,
 * SCARD_E_UNKNOWN_READER when an answer is about a reader that nobody knows
 */
export function locateCards(
  database: CardTypeSource,
  names: readonly string[] | null,
  states: readonly ReaderStateAnswer[],
): ReaderStateAnswer[] {
  if (names === null || names.length === 0 || names.includes("")) {
    return mark(states, () => true);
  }
  const matcher = new AtrMatcher(
    names.map((name) => database.getCardType(name)),
  );
  return mark(states, (atr) => matcher.some(atr));
}

/**
 * Marks the readers whose card has one of these ATRs (SCardLocateCardsByATR), as
 * {@linkcode locateCards} does.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_ATR, SCARD_E_INVALID_VALUE or
 * SCARD_E_INVALID_PARAMETER when an ATR or mask cannot be one, SCARD_E_UNKNOWN_READER
 * when an answer is about a reader that nobody knows
 */
export function locateCardsByAtr(
  masks: readonly AtrMask[],
  states: readonly ReaderStateAnswer[],
): ReaderStateAnswer[] {
  for (const mask of masks) checkAtrMask(mask, "locate cards by ATR");
  const matcher = new AtrMatcher(masks);
  return mark(states, (atr) => matcher.some(atr));
}

function mark(
  states: readonly ReaderStateAnswer[],
  isWanted: (atr: Uint8Array) => boolean,
): ReaderStateAnswer[] {
  return states.map((state) => {
    const { readerName, atr } = state;
    if ((state.eventState & SCARD_STATE_UNKNOWN) !== 0) {
      throw misuse(
        "SCARD_E_UNKNOWN_READER",
        "locate cards",
        `no reader has the name ${quote(readerName)}`,
        "a known one",
      );
    }
    const without = state.eventState & ~SCARD_STATE_ATRMATCH;
    const eventState = atr !== null && isWanted(atr)
      ? without | SCARD_STATE_ATRMATCH | SCARD_STATE_PRESENT
      : without;
    return { ...state, eventState };
  });
}
