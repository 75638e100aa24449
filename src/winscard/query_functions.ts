/**
 * Questions to the database: which readers, groups and card types there are.
 *
 * @module
 */

import type { Guid } from "../card_database/mod.ts";
import { answer, type ScardAnswer } from "./answer.ts";
import { checkDword, checkText, checkTexts } from "./checks.ts";
import { ERROR_FILE_NOT_FOUND } from "./codes.ts";
import {
  checkMaxLength,
  fit,
  type MaxLength,
  multiStringLength,
  textLength,
} from "./lengths.ts";
import type { WinscardState } from "./options.ts";

/** Names, and how many characters they have as a multi-string. */
export interface NameList {
  /** The names; empty when there is no room for them. */
  readonly names: string[];
  /** Characters with all NULs. */
  readonly length: number;
}

/** Functions that ask the database. A context of null or 0 stands for the system's. */
export interface QueryFunctions {
  /**
   * Lists the readers that are there, by all their names.
   *
   * @param groups groups whose readers are meant; null or none: all
   * @returns `code` SCARD_E_NO_READERS_AVAILABLE when there are none
   */
  SCardListReaders(
    hContext: number | null,
    groups?: readonly string[] | null,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<NameList>>;
  /** Lists the groups that have readers, without SCard$AllReaders. */
  SCardListReaderGroups(
    hContext: number | null,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<NameList>>;
  /**
   * Lists card types that an ATR matches and that support all the interfaces. No card
   * is talked to.
   *
   * @param atr null: any
   * @param interfaces GUIDs; null or none: any
   */
  SCardListCards(
    hContext: number | null,
    atr?: Uint8Array | null,
    interfaces?: readonly Guid[] | null,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<NameList>>;
  /**
   * Lists the interfaces of a card type.
   *
   * @param maxLength room in GUIDs
   * @returns `interfaces`; `length` of it
   */
  SCardListInterfaces(
    hContext: number,
    card: string,
    maxLength?: MaxLength,
  ): Promise<
    ScardAnswer<
      { readonly interfaces: readonly Guid[]; readonly length: number }
    >
  >;
  /**
   * Finds the primary service provider of a card type.
   *
   * @returns `code` SCARD_E_ICC_INSTALLATION when it has none
   */
  SCardGetProviderId(
    hContext: number,
    card: string,
  ): Promise<ScardAnswer<{ readonly providerId: Guid }>>;
  /**
   * Finds a provider of a card type; the primary one by its GUID.
   *
   * @param providerId SCARD_PROVIDER_*, or a vendor's number
   * @returns `code` ERROR_FILE_NOT_FOUND when it has none
   */
  SCardGetCardTypeProviderName(
    hContext: number | null,
    card: string,
    providerId: number,
    maxLength?: MaxLength,
  ): Promise<
    ScardAnswer<{ readonly provider: string; readonly length: number }>
  >;
}

/** Makes the functions that ask the database. */
export function queryFunctions(state: WinscardState): QueryFunctions {
  const { handles, database, names } = state;
  const list = (
    hContext: unknown,
    maxLength: MaxLength | undefined,
    attempt: string,
    work: () => string[],
  ) =>
    answer<NameList>({ names: [], length: 0 }, () => {
      handles.checkContextOrNone(hContext, attempt);
      const room = checkMaxLength(maxLength, attempt);
      const found = work();
      const length = multiStringLength(found);
      return fit(
        { names: found, length },
        { names: [], length },
        room,
        attempt,
      );
    });
  return {
    SCardListReaders: (hContext, groups = null, maxLength = undefined) =>
      list(
        hContext,
        maxLength,
        "list readers",
        () => names.list(checkTexts(groups, "group", "list readers")),
      ),

    SCardListReaderGroups: (hContext, maxLength) =>
      list(hContext, maxLength, "list reader groups", () => {
        names.sync();
        return database.listReaderGroups();
      }),

    SCardListCards: (
      hContext,
      atr = null,
      interfaces = null,
      maxLength = undefined,
    ) =>
      list(hContext, maxLength, "list card types", () =>
        database.listCards({
          atr,
          interfaces: checkTexts(interfaces, "GUID", "list card types"),
        })),

    SCardListInterfaces: (hContext, card, maxLength) =>
      answer<{ interfaces: readonly Guid[]; length: number }>(
        { interfaces: [], length: 0 },
        () => {
          const attempt = "list the interfaces of a card type";
          handles.context(hContext, attempt);
          const room = checkMaxLength(maxLength, attempt);
          const interfaces = database.listInterfaces(
            checkText(card, "card type", attempt),
          );
          const { length } = interfaces;
          return fit(
            { interfaces, length },
            { interfaces: [], length },
            room,
            attempt,
          );
        },
      ),

    SCardGetProviderId: (hContext, card) =>
      answer({ providerId: "" }, () => {
        const attempt = "find the primary provider of a card type";
        handles.context(hContext, attempt);
        checkText(card, "card type", attempt);
        return { providerId: database.getProviderId(card) };
      }),

    SCardGetCardTypeProviderName: (hContext, card, providerId, maxLength) =>
      answer({ provider: "", length: 0 }, () => {
        const attempt = "find a provider of a card type";
        handles.checkContextOrNone(hContext, attempt);
        const room = checkMaxLength(maxLength, attempt);
        checkText(card, "card type", attempt);
        const provider = database.getCardTypeProviderName(
          card,
          checkDword(providerId, "provider number", attempt),
        );
        const length = textLength(provider);
        return fit(
          { provider, length },
          { provider: "", length },
          room,
          attempt,
        );
      }, { SCARD_E_FILE_NOT_FOUND: ERROR_FILE_NOT_FOUND }),
  };
}
