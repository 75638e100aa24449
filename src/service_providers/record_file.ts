/**
 * Reading and writing records (ISO/IEC 7816-4 11.4).
 *
 * @module
 */

import type { CardChannel } from "./card_channel.ts";
import { commandName, MAX_SHORT_NE } from "./command_apdu.ts";
import type { RecordPlace } from "./iso7816_fields.ts";
import { CardAnswerError, SW_OK } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";
import { CardStatusError } from "./status_error.ts";

/** Largest record number. */
export const MAX_RECORDS = 254;

const SW_END_OF_RECORD = 0x6282;
const SW_RECORD_NOT_FOUND = 0x6a83;

/** Reads and writes records of the current EF of a channel. */
export class RecordFile {
  #channel: CardChannel;

  /** For the card of a channel. */
  constructor(channel: CardChannel) {
    this.#channel = channel;
  }

  /**
   * One record; null when there is none.
   *
   * @param recordBytes its length, where it is known
   * @throws {CardStatusError}
   * @throws {CardAnswerError} when the card gives more than it was asked for
   */
  async read(
    place: RecordPlace,
    recordBytes: number | undefined,
    options: SendOptions = {},
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const ne = Math.max(MAX_SHORT_NE, recordBytes ?? 0);
    const command = this.#channel.commands.readRecord(place, ne);
    const { data, sw } = await this.#channel.exchange(command, options);
    if (sw === SW_RECORD_NOT_FOUND) return null;
    if (sw !== SW_OK && sw !== SW_END_OF_RECORD) {
      throw new CardStatusError(commandName(command), sw);
    }
    if (data.length <= ne) return data.slice();
    throw new CardAnswerError(
      `Cannot read a record: ${data.length} bytes came, expected ${ne} at most`,
    );
  }

  /** All records by number, 1 first. */
  async readAll(
    recordBytes: number | undefined,
    options: SendOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const records: Uint8Array<ArrayBuffer>[] = [];
    for (let number = 1; number <= MAX_RECORDS; number++) {
      const record = await this.read({ number }, recordBytes, options);
      if (record === null) break;
      records.push(record);
    }
    return records;
  }

  /** Replaces a record. @throws {CardStatusError} */
  async update(
    place: RecordPlace,
    data: Uint8Array,
    options: SendOptions = {},
  ): Promise<void> {
    const { commands } = this.#channel;
    await this.#channel.request(commands.updateRecord(place, data), options);
  }

  /** Adds a record: the last of a linear file, number 1 of a cyclic one. @throws {CardStatusError} */
  async append(data: Uint8Array, options: SendOptions = {}): Promise<void> {
    const { commands } = this.#channel;
    await this.#channel.request(commands.appendRecord(data), options);
  }
}
