/**
 * Commands in several pieces, and responses too (ISO/IEC 7816-4 5.3.3 and 5.3.4).
 *
 * @module
 */
import { NO_BYTES } from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import { MAX_OBJECT_BYTES } from "./data_objects.ts";
import { SW } from "./status_words.ts";
import { join } from "./tlv.ts";

/** CLA bit that says that more of the command follows. */
const MORE = 0x10;
/** Data bytes of a chain: the largest object, and what is around it. */
const MAX_CHAIN_BYTES = MAX_OBJECT_BYTES + 64;

/** Puts the pieces of a command together. A piece of another command ends a chain that is not complete. */
export class CommandChain {
  #first: CardCommand | null = null;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** Drops what has come of a command. */
  clear(): void {
    this.#first = null;
    this.#pieces = [];
    this.#length = 0;
  }

  /**
   * Takes a piece, or a command in one.
   *
   * @returns the whole command; null when there is more to come
   */
  add(piece: CardCommand): CardCommand | null {
    const { data } = piece;
    if (this.#first !== null && !isSame(this.#first, piece)) this.clear();
    const hasMore = (piece.cla & MORE) !== 0;
    if (this.#first === null && !hasMore) return piece;
    this.#first ??= piece;
    this.#length += data.length;
    if (this.#length > MAX_CHAIN_BYTES) fail(SW.WRONG_LENGTH);
    if (data.length > 0) this.#pieces.push(data);
    if (hasMore) return null;
    const whole = { ...piece, data: join(...this.#pieces) };
    this.clear();
    return whole;
  }
}

function isSame(a: CardCommand, b: CardCommand): boolean {
  return a.ins === b.ins && a.p1 === b.p1 && a.p2 === b.p2;
}

/** Hands a response out in as many pieces as the reader asks for. */
export class ResponseChain {
  #rest: Uint8Array = NO_BYTES;

  /** Whether GET RESPONSE would find something. */
  get isWaiting(): boolean {
    return this.#rest.length > 0;
  }

  /** Forgets what was not fetched. */
  clear(): void {
    this.#rest = NO_BYTES;
  }

  /** The first piece of a response, at most `ne` bytes and 9000 or 61xx. */
  start(data: Uint8Array, ne: number): Uint8Array {
    this.#rest = data;
    return this.next(ne);
  }

  /** The next piece, at most `ne` bytes and 9000 or 61xx. */
  next(ne: number): Uint8Array {
    const piece = this.#rest.subarray(0, ne);
    this.#rest = this.#rest.subarray(piece.length);
    const { length } = this.#rest;
    if (length === 0) return join(piece, statusBytes(SW.OK));
    const more = SW.MORE_DATA | (length > 0xff ? 0 : length);
    return join(piece, statusBytes(more));
  }
}

/** SW1 SW2. */
export function statusBytes(status: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(status >> 8, status & 0xff);
}
