/**
 * Keeps a card's state in a file. For Deno: this module stands apart from the cards'
 * others, which run anywhere.
 *
 * @module
 */

import type { OpenPgpStore } from "./openpgp/mod.ts";
import type { PivStore } from "./piv/mod.ts";

/** Only the owner reads and writes: keys and passwords are in it as they are. */
const OWNER_ONLY = 0o600;

/**
 * A file that is replaced as a whole: the new state is written beside it, brought to the
 * disk, and renamed. After a crash at any point the file holds the last state that was
 * confirmed, or the one that was being saved. One card a file.
 */
export class FileCardStore implements OpenPgpStore, PivStore {
  readonly #path: string;

  /** Names the file; it need not exist, its folder must. */
  constructor(path: string) {
    this.#path = path;
  }

  /** What is in the file; null when there is none. @throws {Deno.errors.PermissionDenied} and others of its kind when it cannot be read */
  load(): Uint8Array | null {
    try {
      return Deno.readFileSync(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Replaces the file. @throws {Error} when the disk refuses; the file is as it was then */
  save(state: Uint8Array): void {
    const beside = `${this.#path}.new`;
    {
      using file = Deno.openSync(beside, {
        write: true,
        create: true,
        truncate: true,
        mode: OWNER_ONLY,
      });
      for (let at = 0; at < state.length;) {
        at += file.writeSync(state.subarray(at));
      }
      file.syncSync();
    }
    Deno.renameSync(beside, this.#path);
    this.#syncFolder();
  }

  /** The new name is on the disk only when its folder is. Windows cannot open folders, and needs no such thing. */
  #syncFolder(): void {
    if (Deno.build.os === "windows") return;
    const end = this.#path.lastIndexOf("/");
    const folder = end < 0 ? "." : this.#path.slice(0, end + 1);
    using file = Deno.openSync(folder, { read: true });
    file.syncSync();
  }
}
