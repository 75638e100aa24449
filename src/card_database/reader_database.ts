/**
 * The half of the smart card database that knows readers and their groups.
 *
 * @module
 */

import type { ReaderDocument } from "./document.ts";
import { misuse } from "./misuse.ts";
import { ReaderGroups } from "./reader_groups.ts";
import { type ReaderEntry, type ReaderRow, Readers } from "./readers.ts";
import type { Store } from "./store.ts";

/** Readers and reader groups; names are compared without case. See `CardDatabase`. */
export class ReaderDatabase {
  #store: Store;
  #groups: ReaderGroups;
  #readers: Readers;

  /** Works on an open store. */
  constructor(store: Store) {
    this.#store = store;
    this.#groups = new ReaderGroups(store);
    this.#readers = new Readers(store, this.#groups);
  }

  /**
   * Gives a device a (further) name, which joins SCard$DefaultReaders
   * (SCardIntroduceReader).
   *
   * @param device name of a device, or of a known reader, which means its device
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when the name is taken
   */
  introduceReader(name: string, device: string): void {
    this.#readers.introduce(name, device);
  }

  /**
   * Called for a reader that a driver has brought: gives the device its name if it has
   * none. A device that was renamed stays so, and an automatic name follows its reader
   * to another device, with the other names of it.
   *
   * @param name what the driver calls the reader
   * @param device name of the device; in a file it should be one that it has the next
   * time, too: `Reader.name` of the resource manager rather than "SCReader0"
   * @returns all names of the device, in order of introduction
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when somebody has given the
   * name to another device
   */
  introduceDevice(name: string, device: string): string[] {
    return this.#readers.introduceDevice(name, device);
  }

  /**
   * Takes a name out of the database and of all groups (SCardForgetReader).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER
   */
  forgetReader(name: string): void {
    this.#readers.forget(name);
  }

  /** The reader of that name. */
  findReader(name: string): ReaderEntry | undefined {
    const row = this.#readers.find(name);
    return row && toEntry(row);
  }

  /** All readers, in order of introduction. */
  get readers(): ReaderEntry[] {
    return this.#readers.all().map(toEntry);
  }

  /** Names of a device, in order of introduction. */
  readerNamesOf(device: string): string[] {
    return this.#readers.ofDevice(device).map(({ name }) => name);
  }

  /**
   * Names of the readers in any of these groups, each once, in order of introduction
   * (SCardListReaders). Unknown groups have no readers.
   *
   * @param groups null or none: all readers
   * @param isAttached whether a reader's device is there and can be used; default: all are
   * @throws {ResourceManagerError} SCARD_E_NO_READERS_AVAILABLE when there are none
   */
  listReaders(
    groups: readonly string[] | null = null,
    isAttached: (reader: ReaderEntry) => boolean = () => true,
  ): string[] {
    const found = this.#store.consistently(() => {
      const all = this.#readers.all();
      if (groups === null || groups.length === 0) return all;
      if (this.#groups.includesAll(groups)) return all;
      const members = this.#groups.membersOf(groups);
      return all.filter(({ id }) => members.has(id));
    });
    const attached = found.filter((reader) => isAttached(toEntry(reader)));
    if (attached.length > 0) return attached.map(({ name }) => name);
    throw misuse(
      "SCARD_E_NO_READERS_AVAILABLE",
      "list readers",
      `${found.length} are known in the groups asked for and none is attached`,
      "at least one",
    );
  }

  /**
   * Declares a group (SCardIntroduceReaderGroup). Nothing is stored until a reader is
   * added.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE for a group of the system's
   */
  introduceReaderGroup(group: string): void {
    this.#groups.introduce(group);
  }

  /**
   * Takes all readers out of a group, which thereby vanishes
   * (SCardForgetReaderGroup). The readers stay; an unknown group has none.
   *
   * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE for a group of the system's
   */
  forgetReaderGroup(group: string): void {
    this.#groups.forget(group);
  }

  /**
   * Puts a reader into a group, which is made when missing (SCardAddReaderToGroup).
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER; SCARD_E_INVALID_VALUE for a
   * group that the system manages
   */
  addReaderToGroup(reader: string, group: string): void {
    this.#store.atomically(() => {
      const { id } = this.#readers.get(reader, "add a reader to a group");
      this.#groups.add(id, group);
    });
  }

  /**
   * Takes a reader out of a group, which vanishes with its last one
   * (SCardRemoveReaderFromGroup). A reader that is no member stays none.
   *
   * @throws {ResourceManagerError} as {@linkcode addReaderToGroup}
   */
  removeReaderFromGroup(reader: string, group: string): void {
    this.#store.atomically(() => {
      const { id } = this.#readers.get(reader, "remove a reader from a group");
      this.#groups.remove(id, group);
    });
  }

  /** Groups with at least one reader, by name; never SCard$AllReaders (SCardListReaderGroups). */
  listReaderGroups(): string[] {
    return this.#groups.all();
  }

  /**
   * Groups of a reader, by name, without SCard$AllReaders.
   *
   * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER
   */
  readerGroupsOf(reader: string): string[] {
    return this.#store.consistently(() => {
      const { id } = this.#readers.get(reader, "list the groups of a reader");
      return this.#groups.ofReader(id);
    });
  }

  /**
   * Puts a reader in with exactly these groups, as an export has it.
   *
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when the name is taken;
   * SCARD_E_INVALID_VALUE for a group that the system manages
   */
  protected restoreReader({ groups, ...reader }: ReaderDocument): void {
    this.#store.atomically(() => {
      const id = this.#readers.put(reader);
      this.#groups.leaveAll(id);
      for (const group of groups) this.#groups.add(id, group);
    });
  }
}

function toEntry({ name, device, automatic }: ReaderRow): ReaderEntry {
  return { name, device, automatic };
}
