/**
 * Between the names of readers that the database keeps and the readers that are there.
 *
 * @module
 */

import type { CardDatabase } from "../card_database/mod.ts";
import {
  PNP_NOTIFICATION,
  type Reader,
  type ResourceManager,
  ResourceManagerError,
} from "../resource_manager/mod.ts";
import { refusal } from "./answer.ts";
import { checkText, describe } from "./checks.ts";

/** Before a name that must not reach a reader: no reader's name has a NUL. */
const NOBODY = "\0";

/**
 * Readers by the names of the database. A reader that has come is introduced there, its
 * own name is that of its device.
 */
export class ReaderNames {
  #manager: ResourceManager;
  #database: CardDatabase;
  #introduced = new WeakSet<Reader>();
  /** Readers that the database may not or cannot keep: by their own names alone. */
  #unkept = new WeakSet<Reader>();

  /** Names of `database` for the readers of `manager`. */
  constructor(manager: ResourceManager, database: CardDatabase) {
    this.#manager = manager;
    this.#database = database;
  }

  /** Makes readers that have come known to the database. */
  sync(): void {
    for (const reader of this.#manager.readers) {
      if (this.#introduced.has(reader)) continue;
      try {
        this.#database.introduceDevice(reader.name, reader.name);
      } catch (error) {
        this.#notIntroduced(reader, error);
      }
      this.#introduced.add(reader);
    }
  }

  #notIntroduced(reader: Reader, error: unknown): void {
    switch (codeOf(error)) {
      case "SCARD_E_NO_ACCESS":
      case "SCARD_E_INVALID_VALUE":
        this.#unkept.add(reader);
        return;
      // Somebody gave the name to another device: this one has to be given a new one.
      case "SCARD_E_DUPLICATE_READER":
        return;
    }
    throw error;
  }

  /**
   * Names of the readers that are there and in one of the groups.
   *
   * @param groups null or none: all
   * @throws {ResourceManagerError} SCARD_E_NO_READERS_AVAILABLE
   */
  list(groups: readonly string[] | null): string[] {
    this.sync();
    const unkept = groups === null || groups.length === 0
      ? this.#manager.readers.filter((reader) =>
        reader.available && this.#unkept.has(reader)
      ).map(({ name }) => name)
      : [];
    try {
      const kept = this.#database.listReaders(
        groups,
        ({ device }) => this.#manager.findReader(device)?.available === true,
      );
      return [...kept, ...unkept];
    } catch (error) {
      if (
        unkept.length > 0 && codeOf(error) === "SCARD_E_NO_READERS_AVAILABLE"
      ) {
        return unkept;
      }
      throw error;
    }
  }

  /** All names of a reader. */
  of(reader: Reader): string[] {
    this.sync();
    const names = this.#database.readerNamesOf(reader.name);
    return this.#unkept.has(reader) ? [...names, reader.name] : names;
  }

  /**
   * The reader of that name.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER, or SCARD_E_READER_UNAVAILABLE
   * when it is known and not there
   */
  find(name: unknown, attempt: string): Reader {
    const text = checkText(name, "reader name", attempt);
    this.sync();
    const entry = this.#database.findReader(text);
    const reader = this.#manager.findReader(entry?.device ?? text);
    if (reader !== undefined && (entry || this.#unkept.has(reader))) {
      return reader;
    }
    throw refusal(
      entry ? "SCARD_E_READER_UNAVAILABLE" : "SCARD_E_UNKNOWN_READER",
      attempt,
      `${describe(text)} is ${entry ? "not there" : "unknown"}`,
      "the name of a reader that is there",
    );
  }

  /** The name by which the resource manager is asked for the state of a reader. */
  toAskFor(name: string): string {
    if (name.toLowerCase() === PNP_NOTIFICATION.toLowerCase()) return name;
    this.sync();
    const entry = this.#database.findReader(name);
    if (entry !== undefined) return entry.device;
    const reader = this.#manager.findReader(name);
    // A name that was forgotten stays so while its reader is there.
    const hidden = reader !== undefined && !this.#unkept.has(reader);
    return hidden ? NOBODY + name : name;
  }

  /**
   * Gives a reader a further name.
   *
   * @param device system name of a reader that is there, or a name that the database knows
   */
  introduce(name: string, device: string): void {
    this.sync();
    const reader = this.#database.findReader(device) === undefined
      ? this.#manager.readers.find(({ systemName }) => systemName === device)
      : undefined;
    if (reader === undefined) {
      return this.#database.introduceReader(name, device);
    }
    const [known] = this.#database.readerNamesOf(reader.name);
    if (known === undefined && this.#database.findReader(reader.name)) {
      // What the device is called would be taken for the name of another one.
      this.#database.introduceDevice(name, reader.name);
    } else {
      this.#database.introduceReader(name, known ?? reader.name);
    }
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof ResourceManagerError ? error.name : null;
}
