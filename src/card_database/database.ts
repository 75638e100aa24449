/**
 * The smart card database of the resource manager: readers, their groups, card types.
 *
 * @module
 */

import { CardTypeDatabase } from "./card_type_database.ts";
import { type CardDatabaseDocument, toDocument } from "./document.ts";
import { readDocument, within } from "./document_reader.ts";
import { Store, type StoreOptions } from "./store.ts";

/**
 * The smart card database, in memory or in a file. Names are compared without case.
 * Every change is on the disk when the method returns; every method throws
 * `ResourceManagerError`, SCARD_E_NO_SERVICE after {@linkcode CardDatabase.close}, and
 * SCARD_E_NO_ACCESS for a change where the file may not be written.
 */
export class CardDatabase extends CardTypeDatabase implements Disposable {
  #store: Store;

  private constructor(store: Store) {
    super(store);
    this.#store = store;
  }

  /**
   * Opens a database; a missing or empty file becomes one.
   *
   * @throws {RangeError} when `busyTimeoutMs` is no delay or `file` is empty
   * @throws {ResourceManagerError} SCARD_E_INVALID_TARGET when the file is no smart card
   * database, damaged, or of a newer version, SCARD_E_NO_ACCESS when it is of an older
   * version and read-only, SCARD_E_SERVER_TOO_BUSY when others hold it too long
   */
  static open(options: StoreOptions = {}): CardDatabase {
    return new CardDatabase(new Store(options));
  }

  /** Whether the database was closed. */
  get closed(): boolean {
    return !this.#store.isOpen;
  }

  /** Lets the file go. */
  close(): void {
    this.#store.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Runs `action`, whose changes are kept all together, or not at all when it throws.
   *
   * @throws {TypeError} when `action` returns a promise: it must be done when it returns
   */
  atomically<R>(action: () => R): R {
    return this.#store.atomically(action);
  }

  /** Everything that the database holds, for `JSON.stringify`. */
  exportJson(): CardDatabaseDocument {
    return this.#store.consistently(() =>
      toDocument(
        this.readers.map((reader) => ({
          ...reader,
          groups: this.readerGroupsOf(reader.name),
        })),
        this.cardTypes,
      )
    );
  }

  /**
   * Takes in what {@linkcode exportJson} gave, as a whole or, when it throws, not at all.
   *
   * @param document the document as text or parsed
   * @param options `merge`: add to what is there, instead of replacing it; names that
   * are taken then fail
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE or the code of the member at
   * fault, which the message names by its path
   */
  importJson(document: unknown, options: { merge?: boolean } = {}): void {
    const content = readDocument(document);
    this.#store.atomically(() => {
      if (!options.merge) this.#clear();
      content.readers.forEach((reader, i) =>
        within(`$.readers[${i}]`, () => this.restoreReader(reader))
      );
      content.cardTypes.forEach((type, i) =>
        within(`$.cardTypes[${i}]`, () => this.restoreCardType(type))
      );
    });
  }

  #clear(): void {
    for (const { name } of this.readers) this.forgetReader(name);
    for (const { name } of this.cardTypes) this.forgetCardType(name);
  }
}
