/**
 * Selecting files, by the ways that the card knows (ISO/IEC 7816-4 11.2.2).
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import type { CardChannel } from "./card_channel.ts";
import { commandName } from "./command_apdu.ts";
import { type FilePath, formatPath, pathBytes } from "./file_path.ts";
import { type FileProperties, readFileProperties } from "./file_properties.ts";
import type { SelectAnswer, SelectBy } from "./select_fields.ts";
import type { SendOptions } from "./sender.ts";
import { CardStatusError } from "./status_error.ts";

/** Answers to ask for, the most telling first. */
const ANSWERS: readonly SelectAnswer[] = ["fcp", "fci", "none"];

/** The card does not know this way to ask; another may work. */
const UNSUPPORTED = new Set([0x6700, 0x6a81, 0x6a86, 0x6a87, 0x6b00]);

/** The selected file is deactivated, its information badly formatted, or it is terminated: it is selected all the same. */
const WARNINGS = [0x6283, 0x6284, 0x6285];

const MASTER_FILE_ID = "3F00";

/** Selects files of one card, and remembers what worked, and what is selected. */
export class FileSelector {
  #channel: CardChannel;
  /** Position in {@linkcode ANSWERS} from which to try. */
  #answer = 0;
  #byPath: boolean;
  #selected: {
    readonly key: string;
    readonly epoch: number;
    readonly properties: FileProperties;
  } | null = null;

  /** For the card of a channel. */
  constructor(channel: CardChannel) {
    this.#channel = channel;
    this.#byPath = channel.capabilities.path ?? true;
  }

  /**
   * Makes a file current, unless it is for sure, and tells about it.
   *
   * @throws {CardStatusError} 6A82 when there is none, and others
   */
  async ensure(
    path: FilePath,
    options: SendOptions = {},
  ): Promise<FileProperties> {
    const selected = this.#selected;
    const isCurrent = selected?.key === formatPath(path) &&
      selected.epoch === this.#channel.epoch;
    if (isCurrent) return selected.properties;
    return await this.select(path, options);
  }

  /** Makes a file current, and tells about it. */
  async select(
    path: FilePath,
    options: SendOptions = {},
  ): Promise<FileProperties> {
    this.#selected = null;
    const { epoch } = this.#channel;
    const properties = await this.#walk(path, options);
    this.#selected = { key: formatPath(path), epoch, properties };
    return properties;
  }

  /** What was selected is not for sure any more. */
  forget(): void {
    this.#selected = null;
  }

  async #walk(path: FilePath, options: SendOptions): Promise<FileProperties> {
    const { application, ids } = path;
    let properties: FileProperties | null = null;
    if (application !== null) {
      properties = await this.#one("name", fromHex(application), options);
    }
    if (ids.length > 0 && this.#byPath) {
      const by = application === null ? "path-from-mf" : "path-from-df";
      try {
        return await this.#one(by, pathBytes(path), options);
      } catch (error) {
        if (!isUnsupported(error)) throw error;
        this.#byPath = false;
      }
    }
    const steps = application === null ? [MASTER_FILE_ID, ...ids] : ids;
    for (const id of steps) {
      properties = await this.#one("file-id", fromHex(id), options);
    }
    return properties!;
  }

  async #one(
    by: SelectBy,
    value: Uint8Array,
    options: SendOptions,
  ): Promise<FileProperties> {
    const { commands } = this.#channel;
    for (let at = this.#answer;; at++) {
      const command = commands.selectFile({ by, value, answer: ANSWERS[at] });
      const { data, sw } = await this.#channel.exchange(command, options);
      if (sw === 0x9000 || WARNINGS.includes(sw)) {
        this.#answer = at;
        return readFileProperties(data);
      }
      const isLast = at + 1 >= ANSWERS.length;
      if (isLast || !UNSUPPORTED.has(sw)) {
        throw new CardStatusError(commandName(command), sw);
      }
    }
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof CardStatusError && UNSUPPORTED.has(error.sw);
}
