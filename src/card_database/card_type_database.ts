/**
 * The part of the smart card database that knows card types.
 *
 * @module
 */

import { assertBytes } from "./atr_mask.ts";
import { AtrMatcher } from "./atr_matcher.ts";
import {
  type CardType,
  type CardTypeIntroduction,
  checkProviderId,
  SCARD_PROVIDER_PRIMARY,
  toCardType,
} from "./card_type.ts";
import { CardTypes } from "./card_types.ts";
import { type Guid, normalizeGuid, normalizeGuids } from "./guid.ts";
import type { CardTypeSource } from "./locate.ts";
import { misuse, quote } from "./misuse.ts";
import { checkName } from "./names.ts";
import { ReaderDatabase } from "./reader_database.ts";
import type { Store } from "./store.ts";

/** What {@linkcode CardTypeDatabase.listCards} looks for. */
export interface CardQuery {
  /** ATR of a card; null or left out: any. */
  readonly atr?: Uint8Array | null;
  /** GUIDs of interfaces that must all be supported; null, none or left out: any. */
  readonly interfaces?: readonly Guid[] | null;
}

/** Card types on top of readers and groups. See `CardDatabase`. */
export class CardTypeDatabase extends ReaderDatabase implements CardTypeSource {
  #store: Store;
  #cardTypes: CardTypes;
  #matcher: { revision: string; names: string[]; atrs: AtrMatcher } | null =
    null;

  /** Works on an open store. */
  constructor(store: Store) {
    super(store);
    this.#store = store;
    this.#cardTypes = new CardTypes(store);
  }

  /**
   * Makes a card type known (SCardIntroduceCardType).
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE when the name is taken or a
   * value is out of range, SCARD_E_INVALID_ATR when the ATR cannot be one or is not
   * masked, SCARD_E_INVALID_PARAMETER when something is of the wrong type
   */
  introduceCardType(introduction: CardTypeIntroduction): void {
    this.#cardTypes.put(toCardType(introduction));
  }

  /**
   * Takes a card type out (SCardForgetCardType).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD
   */
  forgetCardType(card: string): void {
    this.#cardTypes.forget(card);
  }

  /**
   * Names a provider of a card type (SCardSetCardTypeProviderName).
   *
   * @param id SCARD_PROVIDER_CSP and so on, or a vendor's number; for
   * SCARD_PROVIDER_PRIMARY the name is a GUID
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD; SCARD_E_INVALID_VALUE or
   * SCARD_E_INVALID_PARAMETER for a number or name that cannot be one
   */
  setCardTypeProviderName(card: string, id: number, name: string): void {
    const attempt = "name a provider of a card type";
    if (checkProviderId(id, attempt) === SCARD_PROVIDER_PRIMARY) {
      const provider = normalizeGuid(name, attempt);
      this.#cardTypes.setPrimaryProvider(card, provider, attempt);
    } else {
      checkName(name, "provider name", attempt);
      this.#cardTypes.setProvider(card, id, name, attempt);
    }
  }

  /** The card type of that name. */
  findCardType(card: string): CardType | undefined {
    return this.#store.consistently(() => this.#cardTypes.find(card));
  }

  /**
   * The card type of that name.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD
   */
  getCardType(card: string): CardType {
    return this.#getCardType(card, "look a card type up");
  }

  /** All card types, in order of introduction. */
  get cardTypes(): CardType[] {
    return this.#store.consistently(() => this.#cardTypes.all());
  }

  /**
   * Names of card types in order of introduction (SCardListCards): those that match
   * the ATR and support all the interfaces. Cards are not talked to.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER when the ATR is not bytes
   * or an interface is no GUID
   */
  listCards({ atr = null, interfaces = null }: CardQuery = {}): string[] {
    const attempt = "list card types";
    if (atr !== null) assertBytes(atr, "ATR", attempt);
    const wanted = normalizeGuids(interfaces ?? [], attempt);
    return this.#store.consistently(() => {
      const names = this.#namesByAtr(atr);
      if (wanted.length === 0) return names;
      return names.filter((name) => {
        const supported = this.#cardTypes.find(name)!.interfaces;
        return wanted.every((guid) => supported.includes(guid));
      });
    });
  }

  /**
   * GUIDs of the interfaces of a card type (SCardListInterfaces).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD
   */
  listInterfaces(card: string): readonly Guid[] {
    return this.#getCardType(card, "list the interfaces of a card type")
      .interfaces;
  }

  /**
   * GUID of the primary service provider of a card type (SCardGetProviderId).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD; SCARD_E_ICC_INSTALLATION when
   * the card type has no primary provider
   */
  getProviderId(card: string): Guid {
    const attempt = "find the primary provider of a card type";
    const { primaryProvider } = this.#getCardType(card, attempt);
    if (primaryProvider !== null) return primaryProvider;
    throw misuse(
      "SCARD_E_ICC_INSTALLATION",
      attempt,
      `${quote(card)} has none`,
      "a card type that was introduced with one",
    );
  }

  /**
   * Name of a provider of a card type; of SCARD_PROVIDER_PRIMARY the GUID
   * (SCardGetCardTypeProviderName).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD; SCARD_E_INVALID_VALUE when `id`
   * cannot be a number of a provider; when the card type has no such provider
   * SCARD_E_ICC_INSTALLATION for the primary one, for others SCARD_E_FILE_NOT_FOUND,
   * where Windows says ERROR_FILE_NOT_FOUND (2)
   */
  getCardTypeProviderName(card: string, id: number): string {
    const attempt = "find a provider of a card type";
    if (checkProviderId(id, attempt) === SCARD_PROVIDER_PRIMARY) {
      return this.getProviderId(card);
    }
    const name = this.#getCardType(card, attempt).providers.get(id);
    if (name !== undefined) return name;
    throw misuse(
      "SCARD_E_FILE_NOT_FOUND",
      attempt,
      `${quote(card)} has none of number ${id}`,
      "one that was named",
    );
  }

  /**
   * Puts a checked card type in, as an export has it.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE when the name is taken
   */
  protected restoreCardType(type: CardType): void {
    this.#cardTypes.put(type);
  }

  #getCardType(card: string, attempt: string): CardType {
    return this.#store.consistently(() => this.#cardTypes.get(card, attempt));
  }

  #namesByAtr(atr: Uint8Array | null): string[] {
    const { revision } = this.#store;
    if (this.#matcher?.revision !== revision) {
      const types = this.#cardTypes.all();
      const names = types.map(({ name }) => name);
      this.#matcher = { revision, names, atrs: new AtrMatcher(types) };
    }
    const { names, atrs } = this.#matcher;
    if (atr === null) return [...names];
    return atrs.matches(atr).map((position) => names[position]);
  }
}
