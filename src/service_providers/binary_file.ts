/**
 * Reading and writing transparent files of any size (ISO/IEC 7816-4 11.3).
 *
 * @module
 */

import { findObject, objectBytes, readDataObjects } from "./ber_tlv.ts";
import type { CardChannel } from "./card_channel.ts";
import { commandName, MAX_SHORT_NC, MAX_SHORT_NE } from "./command_apdu.ts";
import { MAX_P1P2_OFFSET } from "./iso7816_fields.ts";
import { CardAnswerError, SW_OK } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";
import { CardStatusError } from "./status_error.ts";

const SW_END_OF_FILE = 0x6282;
const SW_WRONG_LENGTH = 0x6700;
const SW_WRONG_OFFSET = 0x6b00;
const TAGS_OF_DATA = [0x53, 0x73];

/** Most that a wrapped read or write loses to tags and lengths, in bytes: objects 54 and 53. */
const WRAPPER_BYTES = 6 + objectBytes(0x53, 0xffff) - 0xffff;

/** One piece of a file. */
interface Piece {
  readonly bytes: Uint8Array;
  /** The card says that there is no more. */
  readonly isLast: boolean;
}

/** Reads and writes the current EF of a channel. */
export class BinaryFile {
  #channel: CardChannel;
  /** A card may refuse the sizes that it claims; then it is short ones from there on. */
  #isShort = false;

  /** For the card of a channel. */
  constructor(channel: CardChannel) {
    this.#channel = channel;
  }

  /**
   * Bytes from `offset` on, fewer at the end of the file.
   *
   * @param count how many are wanted at most
   * @throws {CardAnswerError} when the card gives more than it was asked for
   * @throws {CardStatusError}
   */
  async read(
    offset: number,
    count: number,
    options: SendOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (length < count) {
      const wanted = count - length;
      const piece = await this.#readPiece(offset + length, wanted, options);
      pieces.push(piece.bytes);
      length += piece.bytes.length;
      if (piece.isLast || piece.bytes.length === 0) break;
    }
    return concatenate(pieces, length);
  }

  async #readPiece(
    offset: number,
    wanted: number,
    options: SendOptions,
  ): Promise<Piece> {
    const isWrapped = offset > MAX_P1P2_OFFSET;
    const most = this.#isShort
      ? MAX_SHORT_NE
      : this.#channel.chunks.responseBytes;
    const ne = Math.min(most, wanted + (isWrapped ? WRAPPER_BYTES : 0));
    const command = this.#channel.commands.readBinary({ offset }, ne);
    const { data, sw } = await this.#channel.exchange(command, options);
    if (sw === SW_WRONG_LENGTH && ne > MAX_SHORT_NE) {
      this.#isShort = true;
      return await this.#readPiece(offset, wanted, options);
    }
    if (sw === SW_WRONG_OFFSET && offset > 0) {
      return { bytes: data.subarray(0, 0), isLast: true };
    }
    if (sw !== SW_OK && sw !== SW_END_OF_FILE) {
      throw new CardStatusError(commandName(command), sw);
    }
    if (data.length > ne) throw tooMuch(offset, data.length, ne);
    const bytes = isWrapped ? unwrap(data) : data;
    if (bytes.length > wanted) throw tooMuch(offset, bytes.length, wanted);
    return { bytes, isLast: sw === SW_END_OF_FILE };
  }

  /**
   * Replaces bytes from `offset` on. When it fails, those before may have been written.
   *
   * @throws {CardStatusError} 6A84 or 6B00 when the file is too short
   */
  async write(
    offset: number,
    bytes: Uint8Array,
    options: SendOptions = {},
  ): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const at = offset + done;
      const most = this.#isShort
        ? MAX_SHORT_NC
        : this.#channel.chunks.commandBytes;
      const room = at > MAX_P1P2_OFFSET ? most - WRAPPER_BYTES : most;
      const part = bytes.subarray(done, done + Math.max(1, room));
      const command = this.#channel.commands.updateBinary({ offset: at }, part);
      const { sw } = await this.#channel.exchange(command, options);
      if (sw === SW_WRONG_LENGTH && most > MAX_SHORT_NC && !this.#isShort) {
        this.#isShort = true;
        continue;
      }
      if (sw !== SW_OK) throw new CardStatusError(commandName(command), sw);
      done += part.length;
    }
  }
}

/** The answer of the odd instruction: the bytes in a data object. */
function unwrap(data: Uint8Array): Uint8Array {
  const what = "the answer to READ BINARY";
  const objects = readDataObjects(data, what);
  const bytes = findObject(objects, ...TAGS_OF_DATA);
  if (bytes !== undefined) return bytes;
  if (data.length === 0) return data;
  throw new CardAnswerError(
    `Cannot read ${what}: no data object 53 or 73 found, expected one`,
  );
}

function tooMuch(offset: number, found: number, most: number): CardAnswerError {
  return new CardAnswerError(
    `Cannot read a file at ${offset}: ${found} bytes came, expected ${most} at most`,
  );
}

function concatenate(
  pieces: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
