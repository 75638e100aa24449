/**
 * Changes of the database: names of readers, groups, card types.
 *
 * @module
 */

import type { Guid } from "../card_database/mod.ts";
import { answer, type ScardAnswer } from "./answer.ts";
import { checkDword, checkText, checkTexts } from "./checks.ts";
import type { WinscardState } from "./options.ts";

/** Functions that change the database; codes as the methods of `CardDatabase` throw them. */
export interface DatabaseFunctions {
  /**
   * Gives a reader a further name.
   *
   * @param reader the new name
   * @param device system name of a reader (`SCReader0`), or a name that it has already
   */
  SCardIntroduceReader(
    hContext: number,
    reader: string,
    device: string,
  ): Promise<ScardAnswer>;
  /** Takes a name of a reader out of the database and out of every group. */
  SCardForgetReader(hContext: number, reader: string): Promise<ScardAnswer>;
  /** Declares a group; nothing is stored until a reader is added. */
  SCardIntroduceReaderGroup(
    hContext: number | null,
    group: string,
  ): Promise<ScardAnswer>;
  /** Takes all readers out of a group, which vanishes; system groups cannot. */
  SCardForgetReaderGroup(hContext: number, group: string): Promise<ScardAnswer>;
  /** Puts a reader into a group, which is made when missing. */
  SCardAddReaderToGroup(
    hContext: number,
    reader: string,
    group: string,
  ): Promise<ScardAnswer>;
  /** Takes a reader out of a group, which vanishes with its last one. */
  SCardRemoveReaderFromGroup(
    hContext: number,
    reader: string,
    group: string,
  ): Promise<ScardAnswer>;
  /**
   * Makes a card type known: a card is of it when `(its ATR & mask) == atr`.
   *
   * @param primaryProvider GUID of the primary service provider, or null
   * @param interfaces GUIDs of the interfaces that it supports
   * @param atr masked already
   * @param mask as long as `atr`; null: every bit counts
   * @param atrLength bytes that count; 0: as many as the ATR says itself; default all
   */
  SCardIntroduceCardType(
    hContext: number,
    card: string,
    primaryProvider: Guid | null,
    interfaces: readonly Guid[] | null,
    atr: Uint8Array,
    mask?: Uint8Array | null,
    atrLength?: number,
  ): Promise<ScardAnswer>;
  /**
   * Names a provider of a card type.
   *
   * @param providerId SCARD_PROVIDER_*, or a vendor's number
   */
  SCardSetCardTypeProviderName(
    hContext: number | null,
    card: string,
    providerId: number,
    provider: string,
  ): Promise<ScardAnswer>;
  /** Takes a card type out of the database. */
  SCardForgetCardType(hContext: number, card: string): Promise<ScardAnswer>;
}

/** Makes the functions that change the database. */
export function databaseFunctions(state: WinscardState): DatabaseFunctions {
  const { handles, database, names } = state;
  /** Runs a change that needs a context. */
  const change = (hContext: unknown, attempt: string, work: () => void) =>
    answer({}, () => {
      handles.context(hContext, attempt);
      names.sync();
      work();
      return {};
    });
  /** Runs a change for the system, or for a context. */
  const systemChange = (
    hContext: unknown,
    attempt: string,
    work: () => void,
  ) =>
    answer({}, () => {
      handles.checkContextOrNone(hContext, attempt);
      work();
      return {};
    });
  return {
    SCardIntroduceReader: (hContext, reader, device) =>
      change(
        hContext,
        "introduce a reader",
        () =>
          names.introduce(
            reader,
            checkText(device, "device", "introduce a reader"),
          ),
      ),

    SCardForgetReader: (hContext, reader) =>
      change(
        hContext,
        "forget a reader",
        () => database.forgetReader(reader),
      ),

    SCardIntroduceReaderGroup: (hContext, group) =>
      systemChange(
        hContext,
        "introduce a reader group",
        () => database.introduceReaderGroup(group),
      ),

    SCardForgetReaderGroup: (hContext, group) =>
      change(
        hContext,
        "forget a reader group",
        () => database.forgetReaderGroup(group),
      ),

    SCardAddReaderToGroup: (hContext, reader, group) =>
      change(
        hContext,
        "add a reader to a group",
        () => database.addReaderToGroup(reader, group),
      ),

    SCardRemoveReaderFromGroup: (hContext, reader, group) =>
      change(
        hContext,
        "remove a reader from a group",
        () => database.removeReaderFromGroup(reader, group),
      ),

    SCardIntroduceCardType: (
      hContext,
      card,
      primaryProvider,
      interfaces,
      atr,
      mask = null,
      atrLength = undefined,
    ) =>
      change(
        hContext,
        "introduce a card type",
        () =>
          database.introduceCardType({
            name: card,
            primaryProvider,
            interfaces:
              checkTexts(interfaces, "GUID", "introduce a card type") ??
                [],
            atr,
            mask,
            atrLength,
          }),
      ),

    SCardSetCardTypeProviderName: (hContext, card, providerId, provider) =>
      systemChange(
        hContext,
        "name a provider",
        () =>
          database.setCardTypeProviderName(
            card,
            checkDword(providerId, "provider number", "name a provider"),
            provider,
          ),
      ),

    SCardForgetCardType: (hContext, card) =>
      change(
        hContext,
        "forget a card type",
        () => database.forgetCardType(card),
      ),
  };
}
