/**
 * What goes into the select-card dialog and comes out of it.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import type { Guid } from "../card_database/mod.ts";
import type { MaxLength } from "./lengths.ts";

/** Functions of the program that connect to a card, look at it and disconnect (OPENCARD_SEARCH_CRITERIA). */
export interface CardCheck {
  /**
   * Whether the card that the connection leads to will do.
   *
   * @param hCard what `connect` gave
   */
  check(
    hContext: number,
    hCard: number,
    userData: unknown,
  ): MaybePromise<boolean>;
  /** Connects to a card, 0 when it cannot; default SCardConnect. */
  connect?: CardConnect;
  /** Ends the connection; default SCardDisconnect with SCARD_LEAVE_CARD. */
  disconnect?(
    hContext: number,
    hCard: number,
    userData: unknown,
  ): MaybePromise<unknown>;
}

/**
 * Connects to the card of a reader.
 *
 * @param cards names of the card types that it may be
 * @returns a handle of SCardConnect, 0 for none
 */
export type CardConnect = (
  hContext: number,
  reader: string,
  cards: readonly string[],
  userData: unknown,
) => MaybePromise<number>;

/** Which cards will do. */
export interface CardSearch {
  /** Groups of readers; null, none or left out: all readers. */
  readonly groups?: readonly string[] | null;
  /** Card types by name; null, none or left out: any. */
  readonly cards?: readonly string[] | null;
  /** Interfaces that the card type must all support; null, none or left out: any. */
  readonly interfaces?: readonly Guid[] | null;
  /** A look at the card itself; default none. */
  readonly check?: CardCheck | null;
  /** Share mode of the look; default SCARD_SHARE_SHARED. */
  readonly shareMode?: number;
  /** Protocols of the look; default SCARD_PROTOCOL_Tx. */
  readonly preferredProtocols?: number;
}

/** How the card that was chosen is connected to. */
export interface CardOpening {
  /** The program's own connect; default SCardConnect. */
  readonly connect?: CardConnect | null;
  /** SCARD_SHARE_*; 0 or left out: without `connect` no connection is made. */
  readonly shareMode?: number;
  /** Protocols; default SCARD_PROTOCOL_Tx. */
  readonly preferredProtocols?: number;
}

/** What SCardUIDlgSelectCard takes (OPENCARDNAME_EX). */
export interface OpenCardNameEx extends CardOpening {
  /** The context. */
  readonly hContext: number;
  /** SC_DLG_MINIMAL_UI (default), SC_DLG_NO_UI or SC_DLG_FORCE_UI. */
  readonly flags?: number;
  /** Title of the dialog. */
  readonly title?: string;
  /** What the user is asked for. */
  readonly searchDescription?: string;
  /** Image of the dialog, for whoever shows it. */
  readonly icon?: Uint8Array | null;
  /** Which cards will do; default all. */
  readonly search?: CardSearch;
  /** Goes to the functions of the program. */
  readonly userData?: unknown;
  /** Room for the name of the reader. */
  readonly maxReaderLength?: MaxLength;
  /** Room for the name of the card type. */
  readonly maxCardLength?: MaxLength;
}

/** What GetOpenCardName takes (OPENCARDNAME): search and opening in one. */
export interface OpenCardName
  extends Omit<OpenCardNameEx, "search" | "searchDescription" | "icon"> {
  /** Groups of readers; null, none or left out: all readers. */
  readonly groups?: readonly string[] | null;
  /** Card types by name; null, none or left out: any. */
  readonly cards?: readonly string[] | null;
  /** Interfaces that the card type must all support; null, none or left out: any. */
  readonly interfaces?: readonly Guid[] | null;
  /** A look at the card itself, before it is offered. */
  readonly check?: CardCheck["check"] | null;
  /** Ends the connection of the look; default SCardDisconnect with SCARD_LEAVE_CARD. */
  readonly disconnect?: CardCheck["disconnect"];
}

/** A card that a dialog offers. */
export interface DialogCard {
  /** Name of the reader. */
  readonly reader: string;
  /** Name of the card type; empty when the card is of none that is known. */
  readonly card: string;
  /** Names of all card types that fit. */
  readonly cards: readonly string[];
  /** Answer to reset. */
  readonly atr: Uint8Array<ArrayBuffer>;
}

/** A dialog for whoever lets the user choose. */
export interface CardDialog {
  /** The context that waits. */
  readonly hContext: number;
  /** As the program gave it, or empty. */
  readonly title: string;
  /** As the program gave it, or empty. */
  readonly searchDescription: string;
  /** As the program gave it, or null. */
  readonly icon: Uint8Array | null;
  /** Cards that fit now. */
  readonly cards: readonly DialogCard[];
  /** Fires when the dialog is no longer wanted: by SCardCancel or the end of the context. */
  readonly signal: AbortSignal;
  /**
   * Waits for a reader or card to come or go, then looks again.
   *
   * @returns the cards that fit then
   * @throws {ResourceManagerError} SCARD_E_CANCELLED when the dialog is no longer wanted
   */
  nextCards(): Promise<readonly DialogCard[]>;
}

/** What a dialog gives. */
export interface SelectedCard {
  /** Name of the reader; empty after a failure. */
  readonly reader: string;
  /** Characters of it, NUL included. */
  readonly readerLength: number;
  /** Name of the card type; empty when it has none. */
  readonly card: string;
  /** Characters of it, NUL included. */
  readonly cardLength: number;
  /** The connection, 0 when none was asked for. */
  readonly hCard: number;
  /** SCARD_PROTOCOL_* bit in force, 0 for none. */
  readonly activeProtocol: number;
}
