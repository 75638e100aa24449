/**
 * Finding a card that supports interfaces, or waiting for one: SCardListCards,
 * SCardGetStatusChange and SCardLocateCards.
 *
 * @module
 */

import type { Timers } from "../resource_manager/mod.ts";
import type { ReaderEvent, SmartCardContext } from "../smart_card/mod.ts";
import type { CardDirectory, CardTypeEntry } from "./card_type_entry.ts";
import type { Guid } from "./guid.ts";
import type { InterfaceToken } from "./interface_token.ts";
import { withLimits } from "./within.ts";

/** How long to wait for a card unless it is said otherwise, in milliseconds. */
export const DEFAULT_LOCATE_TIMEOUT_MS = 60_000;

/** Which card, where, and how long to wait for it. */
export interface LocateOptions {
  /** Card types; a `CardDatabase` will do. */
  readonly database: CardDirectory;
  /** Whose readers. */
  readonly context: Pick<SmartCardContext, "readerEvents">;
  /** Interfaces that it must support, all of them; default none in particular. */
  readonly interfaces?: readonly InterfaceToken<unknown>[];
  /** Names of card types; default any that the database knows. */
  readonly names?: readonly string[];
  /** Groups of readers; default all readers. */
  readonly groups?: readonly string[];
  /** The wait rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the wait rejects with TimeoutError; default 60 000, Infinity for no limit. */
  readonly timeout?: number;
  /** The clock; default that of the runtime. */
  readonly timers?: Timers;
}

/** A card that was found. */
export interface LocatedCard {
  /** Where it is. */
  readonly readerName: string;
  /** Its ATR. */
  readonly atr: Uint8Array;
  /** Its type: the first that matches, one with a primary provider before others. */
  readonly card: CardTypeEntry;
  /** Insertions and removals of the reader so far. */
  readonly eventCount: number;
}

/**
 * The first card that fits: one that is there already, or the next that is inserted.
 *
 * @throws {DOMException} TimeoutError; AbortError when the context is released meanwhile
 * @throws what the database throws for a name that it does not know
 */
export async function locate(options: LocateOptions): Promise<LocatedCard> {
  return await locateFirst(options, (located) => Promise.resolve(located));
}

/**
 * Offers cards that fit to `accept`, those that are there first, until it returns
 * something else than null.
 *
 * @param accept is given the signal for both limits of the wait, whose reason it may throw
 */
export async function locateFirst<R>(
  options: LocateOptions,
  accept: (located: LocatedCard, signal: AbortSignal) => Promise<R | null>,
): Promise<R> {
  const fits = cardMatcher(options);
  const { context, signal, timeout = DEFAULT_LOCATE_TIMEOUT_MS, timers } =
    options;
  return await withLimits("find a card", { signal, timeout }, async (limit) => {
    limit.throwIfAborted();
    for await (const event of context.readerEvents({ signal: limit })) {
      const located = fits(event);
      if (located === null) continue;
      const result = await accept(located, limit);
      if (result !== null) return result;
    }
    throw new DOMException(
      "Cannot find a card: the context was released while waiting, expected an open one",
      "AbortError",
    );
  }, timers);
}

/** Looks at events: null unless a card came in that fits. */
function cardMatcher(
  { database, interfaces = [], names, groups }: LocateOptions,
): (event: ReaderEvent) => LocatedCard | null {
  const wanted: Guid[] = interfaces.map(({ guid }) => guid);
  // The database may compare names in its own way: these are its own.
  const allowed = names &&
    new Set(names.map((name) => database.getCardType(name).name));
  return ({ type, reader, atr, eventCount }) => {
    if (type !== "card-inserted" || atr === undefined) return null;
    if (!isInGroups(database, groups, reader)) return null;
    const types = database.listCards({ atr, interfaces: wanted })
      .filter((name) => allowed === undefined || allowed.has(name))
      .map((name) => database.getCardType(name));
    const card = types.find(({ primaryProvider }) => primaryProvider) ??
      types[0];
    if (card === undefined) return null;
    return { readerName: reader, atr, card, eventCount };
  };
}

function isInGroups(
  database: CardDirectory,
  groups: readonly string[] | undefined,
  reader: string,
): boolean {
  if (groups === undefined || groups.length === 0) return true;
  if (database.listReaders === undefined) {
    throw new TypeError(
      "Cannot find a card: the database has no listReaders, expected one that knows reader groups",
    );
  }
  try {
    return database.listReaders(groups).includes(reader);
  } catch (error) {
    if ((error as Error).name === "SCARD_E_NO_READERS_AVAILABLE") return false;
    throw error;
  }
}
