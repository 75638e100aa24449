/**
 * The database as a JSON document.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import type { CardType } from "./card_type.ts";
import type { Guid } from "./guid.ts";
import type { ReaderEntry } from "./readers.ts";

/** {@linkcode CardDatabaseDocument.format} of every document. */
export const DOCUMENT_FORMAT = "deno-smartcard card database";
/** {@linkcode CardDatabaseDocument.version} that is written, and read. */
export const DOCUMENT_VERSION = 1;

/** All that a database holds. Every member is there, and no other. */
export interface CardDatabaseDocument {
  /** {@linkcode DOCUMENT_FORMAT}. */
  readonly format: typeof DOCUMENT_FORMAT;
  /** {@linkcode DOCUMENT_VERSION}. */
  readonly version: typeof DOCUMENT_VERSION;
  /** Readers in order of introduction. */
  readonly readers: readonly ReaderDocument[];
  /** Card types in order of introduction. */
  readonly cardTypes: readonly CardTypeDocument[];
}

/** A reader in a document. */
export interface ReaderDocument extends ReaderEntry {
  /** Its groups, SCard$DefaultReaders among them unless it left that one. */
  readonly groups: readonly string[];
}

/** A card type in a document. */
export interface CardTypeDocument {
  /** Its name. */
  readonly name: string;
  /** Masked ATR, 1 to 36 bytes in hexadecimal. */
  readonly atr: string;
  /** Mask in hexadecimal, or null: every bit counts. */
  readonly mask: string | null;
  /** GUID of the primary service provider, or null. */
  readonly primaryProvider: Guid | null;
  /** GUIDs of interfaces. */
  readonly interfaces: readonly Guid[];
  /** Other providers. */
  readonly providers: readonly ProviderDocument[];
}

/** A provider of a card type in a document. */
export interface ProviderDocument {
  /** 2 to 0xFFFFFFFF. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
}

/** A document of these readers and card types. */
export function toDocument(
  readers: readonly ReaderDocument[],
  cardTypes: readonly CardType[],
): CardDatabaseDocument {
  return {
    format: DOCUMENT_FORMAT,
    version: DOCUMENT_VERSION,
    readers,
    cardTypes: cardTypes.map((type) => ({
      name: type.name,
      atr: toHex(type.atr),
      mask: type.mask === null ? null : toHex(type.mask),
      primaryProvider: type.primaryProvider,
      interfaces: type.interfaces,
      providers: Array.from(type.providers, ([id, name]) => ({ id, name })),
    })),
  };
}
