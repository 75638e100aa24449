/**
 * An open file: a path, and a position in it.
 *
 * @module
 */

import type { BinaryFile } from "./binary_file.ts";
import type { CardChannel } from "./card_channel.ts";
import { type FilePath, formatPath } from "./file_path.ts";
import type { FileProperties } from "./file_properties.ts";
import type { FileSelector } from "./file_selector.ts";
import { MAX_RECORDS, type RecordFile } from "./record_file.ts";
import { CardAnswerError } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";

/** Most bytes of a file whose size the card does not tell. */
export const MAX_UNKNOWN_FILE_BYTES = 0x10_0000;
/** The size in two bytes of a file that is larger than that. */
const SIZE_OVERFLOW = 0xffff;

/** What open files of one card share. */
export interface FileHost {
  /** Where commands go. */
  readonly channel: CardChannel;
  /** Makes files current. */
  readonly selector: FileSelector;
  /** Reads and writes the current transparent file. */
  readonly binary: BinaryFile;
  /** Reads and writes records of the current file. */
  readonly records: RecordFile;
}

/**
 * An elementary file, as ISCardFileAccess opens it. Every method selects the file if need be,
 * in a transaction of its own unless the service is locked; a signal or timeout in the
 * options ends the waiting for each answer.
 */
export class CardFile implements Disposable {
  /** The path from its start: `/5000/5001`. */
  readonly path: string;
  /** What the card told when the file was opened. */
  readonly properties: FileProperties;
  readonly #host: FileHost;
  readonly #path: FilePath;
  #position = 0;
  #isOpen = true;

  /** Made by `CardFiles.open`. */
  constructor(host: FileHost, path: FilePath, properties: FileProperties) {
    this.#host = host;
    this.#path = path;
    this.path = formatPath(path);
    this.properties = properties;
  }

  /** Bytes from the start; in a record file records before the next one. */
  get position(): number {
    return this.#position;
  }

  /** Whether the file has records. */
  get hasRecords(): boolean {
    const { kind } = this.properties;
    return kind !== undefined && kind !== "transparent" && kind !== "directory";
  }

  /**
   * Moves the position.
   *
   * @param offset bytes or records, negative backwards
   * @throws {RangeError} when it would be before the start, or the end is not known
   */
  seek(
    offset: number,
    from: "start" | "current" | "end" = "start",
  ): number {
    const { sizeBytes, recordCount } = this.properties;
    const size = this.hasRecords ? recordCount : sizeBytes;
    const origins = { start: 0, current: this.#position, end: size };
    const position = (origins[from] ?? NaN) + offset;
    if (!Number.isInteger(position) || position < 0) {
      throw new RangeError(
        `Cannot seek in ${this.path}: ${offset} from the ${from}${
          from === "end" ? `, which is at ${size}` : ""
        }, expected a place not before the start`,
      );
    }
    return this.#position = position;
  }

  /**
   * Bytes from the position on, fewer at the end of the file, none behind it; of a record
   * file the next record, empty behind the last. Moves the position.
   *
   * @param count most bytes; a record is read as a whole
   */
  async read(
    count: number,
    options?: SendOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#use(options, async () => {
      if (this.hasRecords) return await this.#nextRecord(options);
      const most = Math.min(count, this.#size - this.#position);
      return await this.#host.binary.read(this.#position, most, options);
    });
    const isRecord = this.hasRecords && bytes.length > 0;
    this.#position += this.hasRecords ? Number(isRecord) : bytes.length;
    return bytes;
  }

  async #nextRecord(options?: SendOptions): Promise<Uint8Array<ArrayBuffer>> {
    const number = this.#position + 1;
    const { recordBytes } = this.properties;
    const record = number > MAX_RECORDS
      ? null
      : await this.#host.records.read({ number }, recordBytes, options);
    return record ?? new Uint8Array(0);
  }

  /** Replaces bytes from the position on, or the record there. Moves the position behind them. */
  async write(bytes: Uint8Array, options?: SendOptions): Promise<void> {
    const position = this.#position;
    await this.#use(options, async () => {
      if (!this.hasRecords) {
        return await this.#host.binary.write(position, bytes, options);
      }
      const place = { number: position + 1 };
      await this.#host.records.update(place, bytes, options);
    });
    this.#position += this.hasRecords ? 1 : bytes.length;
  }

  /**
   * The whole transparent file, wherever the position is.
   *
   * @throws {CardAnswerError} when a file of unknown size is longer than
   * {@linkcode MAX_UNKNOWN_FILE_BYTES}
   */
  async readAll(options?: SendOptions): Promise<Uint8Array<ArrayBuffer>> {
    const isKnown = this.#size !== Infinity;
    const most = isKnown ? this.#size : MAX_UNKNOWN_FILE_BYTES + 1;
    const bytes = await this.#use(
      options,
      () => this.#host.binary.read(0, most, options),
    );
    if (isKnown || bytes.length < most) return bytes;
    throw new CardAnswerError(
      `Cannot read ${this.path}: there is no end after ${MAX_UNKNOWN_FILE_BYTES} bytes, expected one before`,
    );
  }

  /** All records by number, 1 first. */
  async readRecords(
    options?: SendOptions,
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const { recordBytes } = this.properties;
    return await this.#use(
      options,
      () => this.#host.records.readAll(recordBytes, options),
    );
  }

  /** One record by number, 1..254; null when there is none. */
  async readRecord(
    number: number,
    options?: SendOptions,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const { recordBytes } = this.properties;
    return await this.#use(
      options,
      () => this.#host.records.read({ number }, recordBytes, options),
    );
  }

  /** Replaces a record by number, 1..254. */
  async updateRecord(
    number: number,
    data: Uint8Array,
    options?: SendOptions,
  ): Promise<void> {
    await this.#use(
      options,
      () => this.#host.records.update({ number }, data, options),
    );
  }

  /** Adds a record: the last of a linear file, number 1 of a cyclic one. */
  async appendRecord(data: Uint8Array, options?: SendOptions): Promise<void> {
    await this.#use(
      options,
      () => this.#host.records.append(data, options),
    );
  }

  /** Ends the use of this object; nothing happens on the card. */
  close(): void {
    this.#isOpen = false;
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Bytes of a transparent file; Infinity when the card does not tell. */
  get #size(): number {
    const { sizeBytes = SIZE_OVERFLOW } = this.properties;
    return sizeBytes === SIZE_OVERFLOW ? Infinity : sizeBytes;
  }

  /** Runs `work` with the file current. */
  async #use<R>(
    options: SendOptions | undefined,
    work: () => Promise<R>,
  ): Promise<R> {
    if (!this.#isOpen) {
      throw new DOMException(
        `Cannot use ${this.path}: the file was closed, expected an open one`,
        "InvalidStateError",
      );
    }
    const { channel, selector } = this.#host;
    return await channel.lock(async () => {
      await selector.ensure(this.#path, options);
      return await work();
    }, options);
  }
}
