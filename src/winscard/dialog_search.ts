/**
 * Which cards a dialog offers.
 *
 * @module
 */

import {
  PNP_NOTIFICATION,
  type ReaderStateAnswer,
  type ReaderStateRequest,
  ResourceManagerError,
} from "../resource_manager/mod.ts";
import { checkTexts } from "./checks.ts";
import { SCARD_S_SUCCESS } from "./codes.ts";
import type { ConnectFunctions } from "./connect_functions.ts";
import type {
  CardCheck,
  CardConnect,
  CardSearch,
  DialogCard,
} from "./dialog_types.ts";
import {
  SCARD_LEAVE_CARD,
  SCARD_PROTOCOL_Tx,
  SCARD_SHARE_SHARED,
} from "./engine_constants.ts";
import type { ContextEntry } from "./handle_table.ts";
import type { WinscardState } from "./options.ts";

const ATTEMPT = "choose a card";

/** How to connect to a card that is looked at or was chosen. */
export interface CardAccess {
  /** The program's own connect, if it has one. */
  readonly connect: CardConnect | null;
  /** SCARD_SHARE_* otherwise. */
  readonly shareMode: number;
  /** SCARD_PROTOCOL_* bits otherwise. */
  readonly preferredProtocols: number;
}

/** Looks for cards, again and again. */
export class DialogSearch {
  #state: WinscardState;
  #functions: ConnectFunctions;
  #entry: ContextEntry;
  #search: CardSearch;
  #userData: unknown;
  #wantedNames: ReadonlySet<string>;
  #seen: ReaderStateAnswer[] = [];

  /**
   * Checks what is looked for.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD, SCARD_E_INVALID_PARAMETER
   */
  constructor(
    state: WinscardState,
    functions: ConnectFunctions,
    entry: ContextEntry,
    search: CardSearch,
    userData: unknown,
  ) {
    this.#state = state;
    this.#functions = functions;
    this.#entry = entry;
    this.#search = search;
    this.#userData = userData;
    checkTexts(search.groups ?? null, "group", ATTEMPT);
    checkTexts(search.interfaces ?? null, "GUID", ATTEMPT);
    const cards = checkTexts(search.cards ?? null, "card type", ATTEMPT) ?? [];
    this.#wantedNames = new Set(
      cards.map((name) => state.database.getCardType(name).name),
    );
  }

  /** The cards that fit now, reader by reader. */
  async cards(): Promise<DialogCard[]> {
    const readers = this.#readers();
    const { context } = this.#entry;
    this.#seen = context.readerStates(this.#requests(readers));
    const found: DialogCard[] = [];
    for (const [i, reader] of readers.entries()) {
      const { atr } = this.#seen[i];
      const cards = atr && this.#fitting(atr);
      if (!atr || !cards) continue;
      const card = { reader, card: cards[0] ?? "", cards, atr };
      if (await this.#passes(card)) found.push(card);
    }
    return found;
  }

  /** Waits until a reader or card comes or goes, then as {@linkcode cards}. */
  async nextCards(signal: AbortSignal): Promise<DialogCard[]> {
    const requests = this.#seen.map((
      { readerName, eventState, eventCount },
    ) => ({
      readerName,
      currentState: eventState,
      currentCount: eventCount,
    }));
    await this.#entry.context.getStatusChange(requests, { signal });
    return await this.cards();
  }

  /** Names of the readers that are looked at. */
  #readers(): string[] {
    try {
      return this.#state.names.list(this.#search.groups ?? null);
    } catch (error) {
      const none = error instanceof ResourceManagerError &&
        error.name === "SCARD_E_NO_READERS_AVAILABLE";
      if (none) return [];
      throw error;
    }
  }

  #requests(readers: readonly string[]): ReaderStateRequest[] {
    const { names } = this.#state;
    return [
      ...readers.map((reader) => names.toAskFor(reader)),
      PNP_NOTIFICATION,
    ].map((readerName) => ({ readerName, currentState: 0 }));
  }

  /** Card types that fit; null when the card does not. */
  #fitting(atr: Uint8Array): string[] | null {
    const { interfaces = null } = this.#search;
    const types = this.#state.database.listCards({ atr, interfaces });
    const wanted = this.#wantedNames;
    const fitting = wanted.size === 0
      ? types
      : types.filter((name) => wanted.has(name));
    const anyCard = wanted.size === 0 && !interfaces?.length;
    return fitting.length > 0 || anyCard ? fitting : null;
  }

  /** Whether the program wants the card, when it looks at it. */
  async #passes(card: DialogCard): Promise<boolean> {
    const { check = null } = this.#search;
    if (check === null) return true;
    const { hCard } = await connectTo(
      this.#functions,
      this.#entry.hContext,
      card,
      {
        connect: check.connect ?? null,
        shareMode: this.#search.shareMode ?? SCARD_SHARE_SHARED,
        preferredProtocols: this.#search.preferredProtocols ??
          SCARD_PROTOCOL_Tx,
      },
      this.#userData,
    );
    // Whoever cannot be connected to is not offered.
    if (hCard === 0) return false;
    try {
      return await check.check(this.#entry.hContext, hCard, this.#userData);
    } finally {
      await this.#disconnect(check, hCard);
    }
  }

  async #disconnect(check: CardCheck, hCard: number): Promise<void> {
    if (check.disconnect === undefined) {
      await this.#functions.SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    } else {
      await check.disconnect(this.#entry.hContext, hCard, this.#userData);
    }
  }
}

/** Connects to a card; `hCard` is 0 where that fails, and `code` says why. */
export async function connectTo(
  functions: ConnectFunctions,
  hContext: number,
  { reader, cards }: DialogCard,
  access: CardAccess,
  userData: unknown,
): Promise<
  { code: number; error: Error | null; hCard: number; activeProtocol: number }
> {
  if (access.connect === null) {
    const { shareMode, preferredProtocols } = access;
    return await functions.SCardConnect(
      hContext,
      reader,
      shareMode,
      preferredProtocols,
    );
  }
  const hCard = await access.connect(hContext, reader, cards, userData);
  return { code: SCARD_S_SUCCESS, error: null, hCard, activeProtocol: 0 };
}
