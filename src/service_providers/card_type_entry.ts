/**
 * What service providers need of the smart card database. `CardDatabase` of
 * `deno-smartcard/card-database` has it.
 *
 * @module
 */

import type { Guid } from "./guid.ts";

/** A card type. */
export interface CardTypeEntry {
  /** Its name. */
  readonly name: string;
  /** The ATR, masked. */
  readonly atr: Uint8Array;
  /** As long as the ATR; null or absent: every bit counts. */
  readonly mask?: Uint8Array | null;
  /** GUIDs of the interfaces that it supports. */
  readonly interfaces: readonly Guid[];
  /** GUID of the primary service provider; null or absent: it has none. */
  readonly primaryProvider?: Guid | null;
  /** Names of other providers by number: CSP 2, KSP 3, module 0x80000001, vendors' own. */
  readonly providers?: ReadonlyMap<number, string>;
}

/** Where card types are looked up. */
export interface CardDirectory {
  /** Names of the card types that match the ATR and support all the interfaces (SCardListCards). */
  listCards(
    query: {
      readonly atr?: Uint8Array | null;
      readonly interfaces?: readonly Guid[] | null;
    },
  ): readonly string[];
  /** The card type of that name. @throws when there is none (SCARD_E_UNKNOWN_CARD) */
  getCardType(name: string): CardTypeEntry;
  /** GUID of the primary service provider of a card type (SCardGetProviderId). @throws when it has none */
  getProviderId(name: string): Guid;
  /** Names of the readers of groups (SCardListReaders). @throws SCARD_E_NO_READERS_AVAILABLE when there are none */
  listReaders?(groups: readonly string[] | null): readonly string[];
}
