/**
 * What `createWinscard` takes, and what its functions share.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import { CardDatabase } from "../card_database/mod.ts";
import type { Reader, ResourceManager } from "../resource_manager/mod.ts";
import { CardDataCache } from "./cache.ts";
import type { CardDialog, DialogCard } from "./dialog_types.ts";
import { HandleTable } from "./handle_table.ts";
import { ReaderNames } from "./reader_names.ts";

/** What is known of a reader beyond what it says itself. */
export interface ReaderDescription {
  /** Image file (SCardGetReaderIcon). */
  readonly icon?: Uint8Array;
  /** SCARD_READER_TYPE_* (SCardGetDeviceTypeId). */
  readonly deviceTypeId?: number;
  /** Path of the plug-and-play device (SCardGetReaderDeviceInstanceId). */
  readonly deviceInstanceId?: string;
}

/** An entry for an event log (SCardAudit). */
export interface AuditRecord {
  /** SCARD_AUDIT_CHV_FAILURE or SCARD_AUDIT_CHV_SUCCESS. */
  readonly event: number;
  /** The context that reported it. */
  readonly hContext: number;
}

/** Options of `createWinscard`. */
export interface WinscardOptions {
  /** Readers and cards; made with `WINDOWS_PROFILE`, it behaves like Windows. */
  readonly manager: ResourceManager;
  /** Name of the application, for policies, metrics and messages. */
  readonly applicationName?: string;
  /**
   * Names of readers, groups, card types; default one in memory, without card types, that
   * all objects over the same manager share. Closing it is the caller's business.
   */
  readonly database?: CardDatabase;
  /** Describes a reader; what it leaves out is asked of the reader or made up. */
  readonly describeReader?: (reader: Reader) => ReaderDescription | undefined;
  /** Takes entries of the event log; default nobody does. */
  readonly audit?: (record: AuditRecord) => void;
  /**
   * Lets a user choose a card (SCardUIDlgSelectCard): resolves to one of the cards
   * offered, or to null when the user gives up.
   */
  readonly chooseCard?: (dialog: CardDialog) => MaybePromise<DialogCard | null>;
}

/** What the functions of one object share. */
export interface WinscardState {
  /** As in the options. */
  readonly options: WinscardOptions;
  /** Readers and cards. */
  readonly manager: ResourceManager;
  /** Names. */
  readonly database: CardDatabase;
  /** Names of the readers that are there. */
  readonly names: ReaderNames;
  /** Contexts and connections. */
  readonly handles: HandleTable;
  /** Data of cards. */
  readonly cache: CardDataCache;
}

const DATABASES = new WeakMap<ResourceManager, CardDatabase>();

/** What the functions of an object with these options share. */
export function createState(options: WinscardOptions): WinscardState {
  const { manager } = options;
  const database = options.database ?? commonDatabase(manager);
  return {
    options,
    manager,
    database,
    names: new ReaderNames(manager, database),
    handles: new HandleTable(manager),
    cache: CardDataCache.of(manager),
  };
}

function commonDatabase(manager: ResourceManager): CardDatabase {
  let database = DATABASES.get(manager);
  if (database === undefined) {
    DATABASES.set(manager, database = CardDatabase.open());
  }
  return database;
}
