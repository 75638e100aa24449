/**
 * Groups of readers.
 *
 * @module
 */

import { misuse, quote } from "./misuse.ts";
import { caseKey, checkName, isName } from "./names.ts";
import type { Store } from "./store.ts";

/** The group of every reader; never stored, never listed. */
export const SCARD_ALL_READERS = "SCard$AllReaders";
/** The group that every reader joins when it is introduced; may be altered. */
export const SCARD_DEFAULT_READERS = "SCard$DefaultReaders";
/** A group of old: stands for every reader. */
export const SCARD_LOCAL_READERS = "SCard$LocalReaders";
/** A group of old: stands for every reader. */
export const SCARD_SYSTEM_READERS = "SCard$SystemReaders";

/** What a caller may do with a system group; ordinary groups have no row. */
interface SystemGroup {
  /** As it is written. */
  readonly name: string;
  /** Readers may be added and removed. */
  readonly alterable: boolean;
  /** It stands for every reader. */
  readonly everyReader: boolean;
}

// None of them can be forgotten.
const SYSTEM_GROUPS: ReadonlyMap<string, SystemGroup> = new Map(
  [
    { name: SCARD_ALL_READERS, alterable: false, everyReader: true },
    { name: SCARD_DEFAULT_READERS, alterable: true, everyReader: false },
    { name: SCARD_LOCAL_READERS, alterable: false, everyReader: true },
    { name: SCARD_SYSTEM_READERS, alterable: false, everyReader: true },
  ].map((group) => [caseKey(group.name), group]),
);

/** The part of the groups that the readers need. */
export interface DefaultMembership {
  /** Makes the reader of that number a member of SCard$DefaultReaders. */
  join(reader: number): void;
}

/** The tables of groups and members. */
export class ReaderGroups implements DefaultMembership {
  #store: Store;

  /** Works on an open store. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Groups with at least one reader, by name. */
  all(): string[] {
    return this.#store.all("SELECT name FROM reader_group ORDER BY key")
      .map(({ name }) => String(name));
  }

  /** Groups of the reader of that number, by name. */
  ofReader(reader: number): string[] {
    return this.#store.all(
      `SELECT g.name FROM reader_group g JOIN membership m
        ON m.reader_group = g.key WHERE m.reader = ? ORDER BY g.key`,
      reader,
    ).map(({ name }) => String(name));
  }

  /** Whether one of these names stands for every reader. */
  includesAll(groups: readonly string[]): boolean {
    return groups.some((name) =>
      SYSTEM_GROUPS.get(caseKey(name))?.everyReader === true
    );
  }

  /** Numbers of the readers in any of these groups. */
  membersOf(groups: readonly string[]): Set<number> {
    const members = new Set<number>();
    for (const name of groups.filter(isName)) {
      const rows = this.#store.all(
        "SELECT reader FROM membership WHERE reader_group = ?",
        caseKey(name),
      );
      for (const { reader } of rows) members.add(Number(reader));
    }
    return members;
  }

  /** Makes the reader of that number a member of SCard$DefaultReaders. */
  join(reader: number): void {
    this.#put(reader, SCARD_DEFAULT_READERS);
  }

  /**
   * Checks a group that is to be declared (SCardIntroduceReaderGroup). Nothing is
   * stored: a group is there as long as it has readers.
   */
  introduce(group: string): void {
    checkAlterable(group, "introduce a reader group");
  }

  /** Takes all members out (SCardForgetReaderGroup); an unknown group has none. */
  forget(group: string): void {
    const attempt = "forget a reader group";
    checkAlterable(group, attempt);
    if (SYSTEM_GROUPS.has(caseKey(group))) {
      throw systemGroup(group, attempt, "be forgotten");
    }
    this.#store.run(
      "DELETE FROM membership WHERE reader_group = ?",
      caseKey(group),
    );
  }

  /** Makes a reader a member (SCardAddReaderToGroup). */
  add(reader: number, group: string): void {
    checkAlterable(group, "add a reader to a group");
    this.#put(reader, group);
  }

  /** Ends a membership, if there is one (SCardRemoveReaderFromGroup). */
  remove(reader: number, group: string): void {
    checkAlterable(group, "remove a reader from a group");
    this.#store.run(
      "DELETE FROM membership WHERE reader = ? AND reader_group = ?",
      reader,
      caseKey(group),
    );
  }

  /** Ends all memberships of the reader of that number. */
  leaveAll(reader: number): void {
    this.#store.run("DELETE FROM membership WHERE reader = ?", reader);
  }

  #put(reader: number, group: string): void {
    const key = caseKey(group);
    this.#store.atomically(() => {
      this.#store.run(
        "INSERT INTO reader_group (key, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
        key,
        SYSTEM_GROUPS.get(key)?.name ?? group,
      );
      this.#store.run(
        `INSERT INTO membership (reader, reader_group) VALUES (?, ?)
          ON CONFLICT DO NOTHING`,
        reader,
        key,
      );
    });
  }
}

/**
 * Checks the name of a group whose members are to change.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE when it is no name, or that of a
 * group that the system alone manages
 */
function checkAlterable(group: string, attempt: string): void {
  checkName(group, "group name", attempt);
  if (SYSTEM_GROUPS.get(caseKey(group))?.alterable === false) {
    throw systemGroup(group, attempt, "be altered");
  }
}

function systemGroup(group: string, attempt: string, what: string): Error {
  return misuse(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `${quote(group)} belongs to the system and cannot ${what}`,
    "another group",
  );
}
