/**
 * What a card remembers from one command to the next.
 *
 * @module
 */

import { copyBytes, NO_BYTES } from "../../bytes.ts";
import { BytePool } from "../byte_pool.ts";
import type { CardMemory } from "./card_builder.ts";
import type { AccessData } from "./card_data.ts";
import type { Directory, ElementaryCardFile } from "./files.ts";
import { fail, SW } from "./status_words.ts";

/** What a reset forgets: the current files and the PINs verified. Makes the responses, too. */
export class CardSession {
  /** Files and PINs. */
  readonly memory: CardMemory;
  /** Fills challenges. */
  readonly random: (length: number) => Uint8Array;
  readonly #responses = new BytePool();
  readonly #verified = new Set<number>();
  #directory: Directory;
  #file: ElementaryCardFile | null = null;
  /** Number of the current record, 0 when there is none. */
  record = 0;

  /** The MF is current. */
  constructor(memory: CardMemory, random: (length: number) => Uint8Array) {
    this.memory = memory;
    this.random = random;
    this.#directory = memory.root;
  }

  /** The current DF. */
  get directory(): Directory {
    return this.#directory;
  }

  /** Makes a DF current; no EF is current then. */
  selectDirectory(directory: Directory): void {
    this.#directory = directory;
    this.#file = null;
    this.record = 0;
  }

  /** Makes an EF of a DF current, and that DF too. */
  selectFile(file: ElementaryCardFile, directory: Directory): void {
    this.#directory = directory;
    this.#file = file;
    this.record = 0;
  }

  /**
   * The EF that a short identifier means, which becomes current; 0 means the
   * current EF.
   */
  resolveFile(shortId: number): ElementaryCardFile {
    if (shortId === 0) return this.#file ?? fail(SW.NO_CURRENT_FILE);
    for (const file of this.#directory.children) {
      if (file.kind !== "directory" && file.shortId === shortId) {
        this.selectFile(file, this.#directory);
        return file;
      }
    }
    return fail(SW.FILE_NOT_FOUND);
  }

  /** Lets pass whoever may, ends the command with 6982 otherwise. */
  require(access: AccessData): void {
    if (access === "always") return;
    if (access === "never" || !this.#verified.has(access.pin)) {
      fail(SW.SECURITY_STATUS_NOT_SATISFIED);
    }
  }

  /** Whether a PIN is verified. */
  isVerified(pin: number): boolean {
    return this.#verified.has(pin);
  }

  /** Notes whether a PIN is verified. */
  setVerified(pin: number, verified: boolean): void {
    if (verified) this.#verified.add(pin);
    else this.#verified.delete(pin);
  }

  /** A response without data. */
  respond(status: number = SW.OK): Uint8Array {
    return this.respondWith(NO_BYTES, 0, 0, status);
  }

  /** A response with the data `source[start..end)`. */
  respondWith(
    source: Uint8Array,
    start: number = 0,
    end: number = source.length,
    status: number = SW.OK,
  ): Uint8Array {
    const length = end - start;
    const response = this.#responses.take(length + 2);
    copyBytes(source, start, end, response, 0);
    response[length] = status >> 8;
    response[length + 1] = status & 0xff;
    return response;
  }
}
