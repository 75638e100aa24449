/**
 * The smart card database: readers and their names, reader groups, card types and
 * their providers, and how inserted cards are found by ATR. Needs `node:sqlite`.
 *
 * @module
 */

export { type AtrMask, matchesAtr, MAX_ATR_MASK_BYTES } from "./atr_mask.ts";
export { AtrMatcher } from "./atr_matcher.ts";
export {
  type CardType,
  type CardTypeIntroduction,
  SCARD_PROVIDER_CARD_MODULE,
  SCARD_PROVIDER_CSP,
  SCARD_PROVIDER_KSP,
  SCARD_PROVIDER_PRIMARY,
} from "./card_type.ts";
export { type CardQuery, CardTypeDatabase } from "./card_type_database.ts";
export { CardDatabase } from "./database.ts";
export {
  type CardDatabaseDocument,
  type CardTypeDocument,
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type ProviderDocument,
  type ReaderDocument,
} from "./document.ts";
export type { Guid } from "./guid.ts";
export {
  type CardTypeSource,
  locateCards,
  locateCardsByAtr,
} from "./locate.ts";
export { MAX_NAME_LENGTH } from "./names.ts";
export { ReaderDatabase } from "./reader_database.ts";
export {
  SCARD_ALL_READERS,
  SCARD_DEFAULT_READERS,
  SCARD_LOCAL_READERS,
  SCARD_SYSTEM_READERS,
} from "./reader_groups.ts";
export type { ReaderEntry } from "./readers.ts";
export { DEFAULT_BUSY_TIMEOUT_MS, type StoreOptions } from "./store.ts";
export {
  INTERFACE_ISO7816,
  introduceStock,
  type StockCardType,
  stockCardTypes,
} from "./stock.ts";
export type { StockSource } from "./stock_patterns.ts";
export {
  STORAGE_CARD_NAMES,
  storageCardAtr,
  storageCardMask,
} from "./storage_cards.ts";
