/**
 * The readers that the database knows: names of devices.
 *
 * @module
 */

import type { DefaultMembership } from "./reader_groups.ts";
import { misuse, quote } from "./misuse.ts";
import {
  assertText,
  caseKey,
  checkName,
  checkReaderName,
  isName,
} from "./names.ts";
import type { Row, Store } from "./store.ts";

/** A reader as it is kept: one name of one device. */
export interface ReaderEntry {
  /** The name; case is kept and not compared. */
  readonly name: string;
  /** The device that bears it, as its driver's floor calls it; case is compared. */
  readonly device: string;
  /** Whether the name came with the device, and not by `introduceReader`. */
  readonly automatic: boolean;
}

const COLUMNS = "id, key, name, device, automatic";

/** A reader with its number in the table. */
export interface ReaderRow extends ReaderEntry {
  /** Number in the table `reader`. */
  readonly id: number;
}

/** The table of readers. */
export class Readers {
  #store: Store;
  #defaults: DefaultMembership;

  /**
   * Works on an open store.
   *
   * @param defaults the group that readers join when they are introduced
   */
  constructor(store: Store, defaults: DefaultMembership) {
    this.#store = store;
    this.#defaults = defaults;
  }

  /** All readers, in order of introduction. */
  all(): ReaderRow[] {
    return this.#store.all(`SELECT ${COLUMNS} FROM reader ORDER BY id`)
      .map(toReader);
  }

  /** The reader of that name. */
  find(name: string): ReaderRow | undefined {
    if (!isName(name)) return undefined;
    const row = this.#store.get(
      `SELECT ${COLUMNS} FROM reader WHERE key = ?`,
      caseKey(name),
    );
    return row && toReader(row);
  }

  /** The readers that stand for a device, in order of introduction. */
  ofDevice(device: string): ReaderRow[] {
    if (!isName(device)) return [];
    return this.#store.all(
      `SELECT ${COLUMNS} FROM reader WHERE device = ? ORDER BY id`,
      device,
    ).map(toReader);
  }

  /**
   * The reader of that name, which must be there.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER
   */
  get(name: string, attempt: string): ReaderRow {
    assertText(name, "reader name", attempt);
    const reader = this.find(name);
    if (reader !== undefined) return reader;
    throw misuse(
      "SCARD_E_UNKNOWN_READER",
      attempt,
      `no reader has the name ${quote(name)}`,
      "one that was introduced",
    );
  }

  /**
   * A new name (SCardIntroduceReader).
   *
   * @param of name of a device, or of a reader, which means its device
   */
  introduce(name: string, of: string): void {
    const attempt = "introduce a reader";
    checkReaderName(name, attempt);
    checkName(of, "device name", attempt);
    this.#store.atomically(() => {
      const device = this.find(of)?.device ?? of;
      this.put({ name, device, automatic: false });
    });
  }

  /**
   * The names of a device that has come; `name` becomes one if it has none yet.
   *
   * @returns in order of introduction
   */
  introduceDevice(name: string, device: string): string[] {
    const attempt = "introduce the reader of a device";
    checkReaderName(name, attempt);
    checkName(device, "device name", attempt);
    const known = this.ofDevice(device);
    if (known.length > 0) return known.map((reader) => reader.name);
    return this.#store.atomically(() => {
      const namesake = this.find(name);
      if (namesake?.automatic) {
        // The same reader at another place: it is called what it was called.
        this.#store.run(
          "UPDATE reader SET device = ? WHERE device = ?",
          device,
          namesake.device,
        );
      } else if (this.ofDevice(device).length === 0) {
        this.put({ name, device, automatic: true });
      }
      return this.ofDevice(device).map((reader) => reader.name);
    });
  }

  /**
   * Puts a reader in as it is; it joins SCard$DefaultReaders.
   *
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER
   */
  put({ name, device, automatic }: ReaderEntry): number {
    const namesake = this.find(name);
    if (namesake !== undefined) {
      throw misuse(
        "SCARD_E_DUPLICATE_READER",
        `introduce reader ${quote(name)}`,
        `the name stands for device ${quote(namesake.device)}`,
        "a new name",
      );
    }
    const { lastId } = this.#store.run(
      "INSERT INTO reader (key, name, device, automatic) VALUES (?, ?, ?, ?)",
      caseKey(name),
      name,
      device,
      automatic ? 1 : 0,
    );
    this.#defaults.join(lastId);
    return lastId;
  }

  /** Takes a name out of the database and out of every group (SCardForgetReader). */
  forget(name: string): void {
    this.#store.atomically(() => {
      const { id } = this.get(name, "forget a reader");
      this.#store.run("DELETE FROM reader WHERE id = ?", id);
    });
  }
}

function toReader(row: Row): ReaderRow {
  return {
    id: Number(row.id),
    name: String(row.name),
    device: String(row.device),
    automatic: row.automatic === 1,
  };
}
