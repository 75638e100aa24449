/**
 * Card types in memory, where no database is at hand.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { CardDirectory, CardTypeEntry } from "./card_type_entry.ts";
import { type Guid, parseGuid } from "./guid.ts";

/** A fixed list of card types. Names are compared as they are. */
export class CardTypeList implements CardDirectory {
  readonly #types: ReadonlyMap<string, CardTypeEntry>;

  /**
   * Takes card types, in the order in which they are tried.
   *
   * @throws {RangeError} when a mask has another length than its ATR, the ATR has bits outside
   * the mask, a name comes twice, or a GUID is none
   */
  constructor(types: Iterable<CardTypeEntry>) {
    const list = new Map<string, CardTypeEntry>();
    for (const type of types) {
      const entry = checkedType(type);
      if (list.has(entry.name)) {
        throw refused(entry, "another one has the name", "a new one");
      }
      list.set(entry.name, entry);
    }
    this.#types = list;
  }

  /** Names of the card types that match the ATR and support all the interfaces. */
  listCards(
    { atr, interfaces }: {
      readonly atr?: Uint8Array | null;
      readonly interfaces?: readonly Guid[] | null;
    } = {},
  ): string[] {
    const wanted = (interfaces ?? []).map(parseGuid);
    return [...this.#types.values()]
      .filter((type) => !atr || matches(atr, type))
      .filter((type) => wanted.every((guid) => type.interfaces.includes(guid)))
      .map(({ name }) => name);
  }

  /** The card type of that name. @throws {RangeError} when there is none */
  getCardType(name: string): CardTypeEntry {
    const type = this.#types.get(name);
    if (type !== undefined) return type;
    throw new RangeError(
      `Cannot look a card type up: ${
        JSON.stringify(name)
      } found, expected one that is known`,
    );
  }

  /** GUID of the primary provider of a card type. @throws {RangeError} when it has none */
  getProviderId(name: string): Guid {
    const type = this.getCardType(name);
    if (type.primaryProvider) return type.primaryProvider;
    throw new RangeError(
      `Cannot find the primary provider of ${
        JSON.stringify(name)
      }: it has none, expected one`,
    );
  }
}

function matches(cardAtr: Uint8Array, { atr, mask }: CardTypeEntry): boolean {
  return cardAtr.length === atr.length &&
    atr.every((byte, i) => (cardAtr[i] & (mask?.[i] ?? 0xff)) === byte);
}

function checkedType(type: CardTypeEntry): CardTypeEntry {
  const { atr, mask = null, primaryProvider = null } = type;
  if (mask !== null && mask.length !== atr.length) {
    throw refused(type, `the mask has ${mask.length} bytes`, `${atr.length}`);
  }
  if (mask !== null && atr.some((byte, i) => (byte & ~mask[i]) !== 0)) {
    throw refused(type, `the ATR ${toHex(atr)} is not masked`, "a masked one");
  }
  return {
    ...type,
    atr: atr.slice(),
    mask: mask && mask.slice(),
    interfaces: type.interfaces.map(parseGuid),
    primaryProvider: primaryProvider && parseGuid(primaryProvider),
  };
}

function refused(
  { name }: CardTypeEntry,
  found: string,
  expected: string,
): RangeError {
  return new RangeError(
    `Cannot list card type ${
      JSON.stringify(name)
    }: ${found}, expected ${expected}`,
  );
}
