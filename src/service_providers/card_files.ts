/**
 * Files of a card by path: what ISCardFileAccess offers.
 *
 * @module
 */

import {
  applicationEntries,
  type CardApplicationEntry,
} from "./application_directory.ts";
import { BinaryFile } from "./binary_file.ts";
import type { CardChannel } from "./card_channel.ts";
import { CardFile, type FileHost } from "./card_file.ts";
import type { CommandApdu } from "./command_apdu.ts";
import {
  type FilePath,
  formatPath,
  MASTER_FILE,
  parentOf,
  parsePath,
} from "./file_path.ts";
import type { FileProperties } from "./file_properties.ts";
import { FileSelector } from "./file_selector.ts";
import { fileTemplate, type NewFile } from "./file_template.ts";
import {
  activateFile,
  createFile,
  deactivateFile,
  deleteFile,
} from "./management_commands.ts";
import { RecordFile } from "./record_file.ts";
import type { SendOptions } from "./sender.ts";

const EF_DIR = "/2F00";

/**
 * Files of a card. Paths are as `/5000/5001` from the master file, `5001` or `../5002` from
 * the current directory, and `aid:A000000001/5001` from an application. Each method runs in a
 * transaction of its own unless the service is locked, and rejects with CardStatusError when
 * the card refuses; a signal or timeout in the options ends the waiting for each answer.
 */
export class CardFiles {
  readonly #host: FileHost;
  #current: FilePath = MASTER_FILE;

  /** Over the channel of a service. */
  constructor(channel: CardChannel) {
    this.#host = {
      channel,
      selector: new FileSelector(channel),
      binary: new BinaryFile(channel),
      records: new RecordFile(channel),
    };
  }

  /** Where relative paths start, at first `/`. */
  getCurrentDirectory(): string {
    return formatPath(this.#current);
  }

  /**
   * Makes another directory the start of relative paths, and selects it.
   *
   * @throws {TypeError} when the file is no directory
   */
  async changeDirectory(
    path: string,
    options?: SendOptions,
  ): Promise<FileProperties> {
    const target = parsePath(path, this.#current);
    const properties = await this.#select(target, options);
    const { kind } = properties;
    if (kind !== undefined && kind !== "directory") {
      throw new TypeError(
        `Cannot change to ${
          formatPath(target)
        }: a ${kind} file found, expected a directory`,
      );
    }
    this.#current = target;
    return properties;
  }

  /** What the card tells about a file. */
  async getProperties(
    path: string,
    options?: SendOptions,
  ): Promise<FileProperties> {
    return await this.#select(parsePath(path, this.#current), options);
  }

  /**
   * Opens an elementary file, at its start.
   *
   * @throws {TypeError} when it is a directory
   */
  async open(path: string, options?: SendOptions): Promise<CardFile> {
    const target = parsePath(path, this.#current);
    const properties = await this.#select(target, options);
    if (properties.kind === "directory") {
      throw new TypeError(
        `Cannot open ${
          formatPath(target)
        }: a directory found, expected an elementary file`,
      );
    }
    return new CardFile(this.#host, target, properties);
  }

  /** A whole transparent file. */
  async readFile(
    path: string,
    options?: SendOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#inOneGo(
      path,
      options,
      (file) => file.readAll(options),
    );
  }

  /** All records of a record file, number 1 first. */
  async readRecords(
    path: string,
    options?: SendOptions,
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    return await this.#inOneGo(
      path,
      options,
      (file) => file.readRecords(options),
    );
  }

  /** Replaces bytes of a transparent file; it does not grow. @param offset bytes from its start */
  async updateFile(
    path: string,
    bytes: Uint8Array,
    offset: number = 0,
    options?: SendOptions,
  ): Promise<void> {
    await this.#inOneGo(path, options, async (file) => {
      file.seek(offset);
      await file.write(bytes, options);
    });
  }

  /** The applications that EF.DIR of the master file names. */
  async listApplications(
    options?: SendOptions,
  ): Promise<CardApplicationEntry[]> {
    return await this.#inOneGo(EF_DIR, options, async (file) => {
      const parts = file.properties.kind === "transparent"
        ? [await file.readAll(options)]
        : await file.readRecords(options);
      return parts.flatMap((part) => applicationEntries(part));
    });
  }

  /** Creates a file in the current directory. */
  async create(file: NewFile, options?: SendOptions): Promise<void> {
    const template = fileTemplate(file);
    await this.#command(
      this.#current,
      (cla) => createFile(cla, template),
      options,
    );
  }

  /** Deletes a file, which may not be the current directory or above it. */
  async delete(path: string, options?: SendOptions): Promise<void> {
    const target = parsePath(path, this.#current);
    const place = formatPath(target);
    const isAbove = `${formatPath(this.#current)}/`.startsWith(
      place.endsWith("/") ? place : `${place}/`,
    );
    if (isAbove) {
      throw new TypeError(
        `Cannot delete ${place}: the current directory is in it, expected another one`,
      );
    }
    await this.#command(target, deleteFile, options);
  }

  /** Puts a file out of use. */
  async invalidate(path: string, options?: SendOptions): Promise<void> {
    const target = parsePath(path, this.#current);
    await this.#command(target, deactivateFile, options);
  }

  /** Puts a file that was invalidated into use again. */
  async rehabilitate(path: string, options?: SendOptions): Promise<void> {
    const target = parsePath(path, this.#current);
    await this.#command(target, activateFile, options);
  }

  /** The directory that a file is in, as a path. */
  parentOf(path: string): string {
    return formatPath(parentOf(parsePath(path, this.#current)));
  }

  async #select(
    target: FilePath,
    options?: SendOptions,
  ): Promise<FileProperties> {
    const { channel, selector } = this.#host;
    return await channel.lock(() => selector.select(target, options), options);
  }

  async #inOneGo<R>(
    path: string,
    options: SendOptions | undefined,
    work: (file: CardFile) => Promise<R>,
  ): Promise<R> {
    return await this.#host.channel.lock(
      async () => await work(await this.open(path, options)),
      options,
    );
  }

  /** A command on the file itself, after which another one may be current. */
  async #command(
    target: FilePath,
    build: (cla: number) => CommandApdu,
    options?: SendOptions,
  ): Promise<void> {
    const { channel, selector } = this.#host;
    await channel.lock(async () => {
      await selector.ensure(target, options);
      try {
        const { defaultClassId } = channel.commands;
        await channel.request(build(defaultClassId), options);
      } finally {
        selector.forget();
      }
    }, options);
  }
}
