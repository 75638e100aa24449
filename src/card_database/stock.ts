/**
 * A stock of card types that are widely used, from public knowledge. It is a help to
 * name what is in a reader, not a proof of it: ATRs are shared by cards that differ in
 * what is on them, and `source` says how sure each is.
 *
 * @module
 */

import type { CardDatabase } from "./database.ts";
import { type CardType, toCardType } from "./card_type.ts";
import type { Guid } from "./guid.ts";
import {
  patternMask,
  type StockRow,
  type StockSource,
} from "./stock_patterns.ts";
import { STOCK_IDENTITY } from "./stock_identity.ts";
import { STOCK_MEMORY_CARDS, STOCK_OTHERS } from "./stock_others.ts";
import { STOCK_TOKENS } from "./stock_tokens.ts";
import { STORAGE_CARD_NAMES, storageCardMask } from "./storage_cards.ts";

/** GUID of ISCardISO7816: the card understands commands of ISO/IEC 7816-4. */
export const INTERFACE_ISO7816: Guid = "{53B6AA68-3F56-11D0-916B-00AA00C18068}";

/** A card type of the stock. */
export interface StockCardType extends CardType {
  /** How far its ATR is to be trusted. */
  readonly source: StockSource;
}

/**
 * The stock: tokens, identity cards, SIM and bank cards, platforms, and the contactless
 * storage cards of PC/SC part 3. Cards that understand APDUs support
 * {@linkcode INTERFACE_ISO7816}, memory and storage cards no interface. No two types
 * match the same ATR.
 */
export function stockCardTypes(): StockCardType[] {
  const iso = [...STOCK_TOKENS, ...STOCK_IDENTITY, ...STOCK_OTHERS];
  return [
    ...iso.map((row) => fromRow(row, [INTERFACE_ISO7816])),
    ...STOCK_MEMORY_CARDS.map((row) => fromRow(row, [])),
    ...Array.from(STORAGE_CARD_NAMES, ([number, name]): StockCardType => ({
      ...toCardType({
        ...storageCardMask(number),
        name: `${name}, storage card`,
      }),
      source: "standard",
    })),
  ];
}

/**
 * Introduces the card types of the stock whose names are not taken, all or none.
 *
 * @returns how many were introduced
 * @throws {ResourceManagerError} as `CardDatabase.introduceCardType`
 */
export function introduceStock(database: CardDatabase): number {
  return database.atomically(() => {
    const missing = stockCardTypes().filter(({ name }) =>
      database.findCardType(name) === undefined
    );
    for (const type of missing) database.introduceCardType(type);
    return missing.length;
  });
}

function fromRow(
  [name, pattern, source]: StockRow,
  interfaces: Guid[],
): StockCardType {
  return {
    ...toCardType({ name, ...patternMask(pattern), interfaces }),
    source,
  };
}
