/**
 * The card application of ISO/IEC 7816-4 files.
 *
 * @module
 */
import { type CardCommand, parseCardCommand } from "../apdu.ts";
import {
  type CardApplication,
  type CommandCase,
  isoCommandCase,
} from "../application.ts";
import { readBinary, updateBinary } from "./binary_commands.ts";
import { buildCard, type CardMemory } from "./card_builder.ts";
import type { CardData } from "./card_data.ts";
import { DEFAULT_CARD } from "./default_card.ts";
import { appendRecord, readRecord, updateRecord } from "./record_commands.ts";
import {
  changeReferenceData,
  getChallenge,
  resetRetryCounter,
  verify,
} from "./security_commands.ts";
import { select } from "./select.ts";
import { CardSession } from "./session.ts";
import { fail, StatusWordError, SW } from "./status_words.ts";

type Handler = (session: CardSession, command: CardCommand) => Uint8Array;

/** By INS. */
const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [0x20, verify],
  [0x24, changeReferenceData],
  [0x2c, resetRetryCounter],
  [0x84, getChallenge],
  [0xa4, select],
  [0xb0, readBinary],
  [0xb2, readRecord],
  // GET RESPONSE belongs to T=0; above it there is never anything to get.
  [0xc0, (session) => session.respond(SW.CONDITIONS_OF_USE_NOT_SATISFIED)],
  [0xd6, updateBinary],
  [0xdc, updateRecord],
  [0xe2, appendRecord],
]);

/** How the application is set up. */
export interface FileSystemOptions {
  /** Source of challenges; default `crypto.getRandomValues`. */
  readonly random?: (length: number) => Uint8Array;
}

/** Files, PINs and the commands on them, at the level of APDUs. */
export class FileSystemApplication implements CardApplication {
  readonly #memory: CardMemory;
  readonly #random: (length: number) => Uint8Array;
  #session: CardSession;

  /**
   * Builds the card's files.
   *
   * @param data the card; default {@linkcode DEFAULT_CARD}
   * @param options see {@linkcode FileSystemOptions}
   * @throws {TypeError | RangeError} naming the place in `data` that is wrong
   */
  constructor(data: CardData = DEFAULT_CARD, options: FileSystemOptions = {}) {
    this.#memory = buildCard(data);
    this.#random = options.random ??
      ((length) => crypto.getRandomValues(new Uint8Array(length)));
    this.#session = new CardSession(this.#memory, this.#random);
  }

  /** The MF is current and no PIN is verified; contents and counters stay. */
  reset(): void {
    this.#session = new CardSession(this.#memory, this.#random);
  }

  /** Runs a C-APDU; whatever it is, the answer ends with a status. */
  process(command: Uint8Array): Uint8Array {
    const session = this.#session;
    const parsed = parseCardCommand(command);
    if (parsed === null) return session.respond(SW.WRONG_LENGTH);
    try {
      checkClass(parsed.cla);
      const handler = HANDLERS.get(parsed.ins) ??
        fail(SW.INSTRUCTION_NOT_SUPPORTED);
      return handler(session, parsed);
    } catch (error) {
      if (error instanceof StatusWordError) {
        return session.respond(error.status);
      }
      throw error;
    }
  }

  /** The case of ISO/IEC 7816-4 for the instruction. */
  commandCase(header: Uint8Array): CommandCase {
    return isoCommandCase(header);
  }
}

/** Only the plain interindustry class on channel 0 (ISO/IEC 7816-4 5.4.1). */
function checkClass(cla: number): void {
  if ((cla & 0xe0) !== 0) fail(SW.CLASS_NOT_SUPPORTED);
  if ((cla & 0x10) !== 0) fail(SW.COMMAND_CHAINING_NOT_SUPPORTED);
  if ((cla & 0x0c) !== 0) fail(SW.SECURE_MESSAGING_NOT_SUPPORTED);
  if ((cla & 0x03) !== 0) fail(SW.LOGICAL_CHANNEL_NOT_SUPPORTED);
}
