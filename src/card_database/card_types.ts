/**
 * The card types that the database knows.
 *
 * @module
 */

import type { CardType } from "./card_type.ts";
import type { Guid } from "./guid.ts";
import { misuse, quote } from "./misuse.ts";
import { assertText, caseKey, isName } from "./names.ts";
import type { Row, Store } from "./store.ts";

const COLUMNS = "id, name, atr, mask, primary_provider";

/** The tables of card types, their interfaces and their providers. */
export class CardTypes {
  #store: Store;

  /** Works on an open store. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** All card types, in order of introduction. */
  all(): CardType[] {
    const interfaces = this.#grouped(
      "SELECT card_type, guid FROM card_interface ORDER BY card_type, position",
    );
    const providers = this.#grouped(
      "SELECT card_type, provider, name FROM card_provider ORDER BY card_type, provider",
    );
    return this.#store.all(`SELECT ${COLUMNS} FROM card_type ORDER BY id`)
      .map((row) =>
        toCardType(
          row,
          interfaces.get(row.id) ?? [],
          providers.get(row.id) ?? [],
        )
      );
  }

  /** The card type of that name. */
  find(name: string): CardType | undefined {
    const row = this.#row(name);
    if (row === undefined) return undefined;
    return toCardType(
      row,
      this.#store.all(
        "SELECT guid FROM card_interface WHERE card_type = ? ORDER BY position",
        row.id,
      ),
      this.#store.all(
        "SELECT provider, name FROM card_provider WHERE card_type = ? ORDER BY provider",
        row.id,
      ),
    );
  }

  /**
   * The card type of that name, which must be there.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_CARD
   */
  get(name: string, attempt: string): CardType {
    assertText(name, "card type", attempt);
    const type = this.find(name);
    if (type === undefined) throw unknownCard(name, attempt);
    return type;
  }

  /**
   * Puts a checked card type in.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE when the name is taken
   */
  put(type: CardType): void {
    this.#store.atomically(() => {
      if (this.#row(type.name) !== undefined) {
        throw misuse(
          "SCARD_E_INVALID_VALUE",
          "introduce a card type",
          `${quote(type.name)} is there already`,
          "a new name, or the old card type forgotten first",
        );
      }
      const { lastId } = this.#store.run(
        `INSERT INTO card_type (key, name, atr, mask, primary_provider)
          VALUES (?, ?, ?, ?, ?)`,
        caseKey(type.name),
        type.name,
        type.atr,
        type.mask,
        type.primaryProvider,
      );
      type.interfaces.forEach((guid, position) =>
        this.#store.run(
          "INSERT INTO card_interface (card_type, position, guid) VALUES (?, ?, ?)",
          lastId,
          position,
          guid,
        )
      );
      for (const [id, name] of type.providers) {
        this.#setProvider(lastId, id, name);
      }
    });
  }

  /** Sets the primary provider. */
  setPrimaryProvider(name: string, provider: Guid, attempt: string): void {
    this.#store.atomically(() =>
      this.#store.run(
        "UPDATE card_type SET primary_provider = ? WHERE id = ?",
        provider,
        this.#id(name, attempt),
      )
    );
  }

  /** Sets the name of another provider. */
  setProvider(
    name: string,
    id: number,
    provider: string,
    attempt: string,
  ): void {
    this.#store.atomically(() =>
      this.#setProvider(this.#id(name, attempt), id, provider)
    );
  }

  /** Takes a card type out (SCardForgetCardType). */
  forget(name: string): void {
    this.#store.atomically(() =>
      this.#store.run(
        "DELETE FROM card_type WHERE id = ?",
        this.#id(name, "forget a card type"),
      )
    );
  }

  #setProvider(cardType: number, id: number, name: string): void {
    this.#store.run(
      `INSERT INTO card_provider (card_type, provider, name) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET name = excluded.name`,
      cardType,
      id,
      name,
    );
  }

  #id(name: string, attempt: string): number {
    assertText(name, "card type", attempt);
    const row = this.#row(name);
    if (row === undefined) throw unknownCard(name, attempt);
    return Number(row.id);
  }

  #row(name: string): Row | undefined {
    if (!isName(name)) return undefined;
    return this.#store.get(
      `SELECT ${COLUMNS} FROM card_type WHERE key = ?`,
      caseKey(name),
    );
  }

  #grouped(sql: string): Map<unknown, Row[]> {
    return Map.groupBy<unknown, Row>(
      this.#store.all(sql),
      (row) => row.card_type,
    );
  }
}

function toCardType(row: Row, interfaces: Row[], providers: Row[]): CardType {
  const { primary_provider: primary } = row;
  return {
    name: String(row.name),
    atr: toBytes(row.atr),
    mask: row.mask === null ? null : toBytes(row.mask),
    primaryProvider: primary === null ? null : String(primary),
    interfaces: interfaces.map(({ guid }) => String(guid)),
    providers: new Map(
      providers.map(({ provider, name }) => [Number(provider), String(name)]),
    ),
  };
}

function toBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array ? value.slice() : new Uint8Array();
}

function unknownCard(name: string, attempt: string): Error {
  return misuse(
    "SCARD_E_UNKNOWN_CARD",
    attempt,
    `no card type has the name ${quote(name)}`,
    "one that was introduced",
  );
}
