/**
 * The OpenPGP card application: from commands to answers.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import { type CardCommand, parseCardCommand } from "../apdu.ts";
import {
  type CardApplication,
  type CardWaitingTime,
  type CommandCase,
  isoCommandCase,
} from "../application.ts";
import { fail, StatusWordError } from "../file_system/status_words.ts";
import {
  activateFile,
  getChallenge,
  getData,
  getNextData,
  select,
  selectData,
  terminateDf,
} from "./data_commands.ts";
import {
  generateAsymmetricKeyPair,
  internalAuthenticate,
  manageSecurityEnvironment,
  performSecurityOperation,
} from "./key_commands.ts";
import { OpenPgpMemory } from "./memory.ts";
import { response } from "./messages.ts";
import {
  changeReferenceData,
  resetRetryCounter,
  verify,
} from "./password_commands.ts";
import { putData, putDataOdd } from "./put_data.ts";
import { OpenPgpSession } from "./session.ts";
import type { OpenPgpCardSettings } from "./state.ts";
import { SW } from "./status_words.ts";
import { MemoryOpenPgpStore, type OpenPgpStore } from "./store.ts";

/** What an OpenPGP card is made of. */
export interface OpenPgpOptions extends OpenPgpCardSettings {
  /** Keeps the state; default: it ends with the process. */
  readonly store?: OpenPgpStore;
  /** Makes challenges, and the numbers of ECDSA; default `crypto.getRandomValues`. */
  readonly random?: (length: number) => Uint8Array;
  /**
   * Whether what carries the commands cuts long responses by itself, asked with each of
   * them; T=0 does. Default: never, the card waits for GET RESPONSE.
   */
  readonly isCutBelow?: () => boolean;
}

type Handler = (
  session: OpenPgpSession,
  command: CardCommand,
) => MaybePromise<Uint8Array>;

const INS_SELECT = 0xa4;
const INS_ACTIVATE_FILE = 0x44;
const INS_GET_RESPONSE = 0xc0;
const INS_GET_NEXT_DATA = 0xcc;
const INS_GENERATE = 0x47;
const P1_GENERATE = 0x80;

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [INS_SELECT, select],
  [INS_ACTIVATE_FILE, activateFile],
  [0x20, verify],
  [0x22, manageSecurityEnvironment],
  [0x24, changeReferenceData],
  [0x2a, performSecurityOperation],
  [0x2c, resetRetryCounter],
  [INS_GENERATE, generateAsymmetricKeyPair],
  [0x84, getChallenge],
  [0x88, internalAuthenticate],
  [0xa5, selectData],
  [0xca, getData],
  [INS_GET_NEXT_DATA, getNextData],
  [0xda, putData],
  [0xdb, putDataOdd],
  [0xe6, terminateDf],
]);

/** What a terminated card still does. */
const WHEN_TERMINATED = [INS_SELECT, INS_ACTIVATE_FILE];

/** The making of an RSA key takes seconds: a block waiting time of 40 times the usual. */
const GENERATION_TIME: CardWaitingTime = { multiplier: 40, times: 1 };

/**
 * A card after the OpenPGP smart card application specification 3.4, selected from the
 * reset on. Keys are made by Web Crypto: RSA of 2048 and 3072 bits, P-256, Ed25519, X25519.
 *
 * It is for tests and protects nothing: keys and passwords lie open in memory and in the
 * store, and the time of computations tells about them.
 */
export class OpenPgpApplication implements CardApplication {
  readonly #memory: OpenPgpMemory;
  readonly #random: (length: number) => Uint8Array;
  readonly #isCutBelow: () => boolean;
  #session: OpenPgpSession;
  /** Settles with the command under way; commands run one after the other. */
  #running: Promise<Uint8Array> | null = null;

  /**
   * Loads the card's state, or begins a new card: PW1 `123456`, PW3 `12345678`.
   *
   * @throws {RangeError} when the stored state or an option is impossible
   */
  constructor(options: OpenPgpOptions = {}) {
    const store = options.store ?? new MemoryOpenPgpStore();
    this.#memory = new OpenPgpMemory(store, options);
    this.#random = options.random ??
      ((length) => crypto.getRandomValues(new Uint8Array(length)));
    this.#isCutBelow = options.isCutBelow ?? (() => false);
    this.#session = new OpenPgpSession(this.#memory, this.#random);
  }

  /** Passwords, chains and choices are forgotten; a command under way changes nothing any more. */
  reset(): void {
    this.#session.end();
    this.#session = new OpenPgpSession(this.#memory, this.#random);
    this.#running = null;
  }

  /** Runs a C-APDU; whatever it is, the answer ends with a status. */
  process(command: Uint8Array): MaybePromise<Uint8Array> {
    const session = this.#session;
    const run = () => this.#run(session, command);
    const before = this.#running;
    const result = before === null ? run() : before.then(run);
    if (result instanceof Promise) this.#await(result);
    return result;
  }

  /** The case of ISO/IEC 7816-4 for the instruction; GET NEXT DATA only sends data out. */
  commandCase(header: Uint8Array): CommandCase {
    return header[1] === INS_GET_NEXT_DATA ? 2 : isoCommandCase(header);
  }

  /** Key generation is slow. */
  waitingTime(command: Uint8Array): CardWaitingTime | null {
    const isGeneration = command[1] === INS_GENERATE &&
      command[2] === P1_GENERATE;
    return isGeneration ? GENERATION_TIME : null;
  }

  #await(result: Promise<Uint8Array>): void {
    this.#running = result;
    const done = () => {
      if (this.#running === result) this.#running = null;
    };
    result.then(done, done);
  }

  #run(
    session: OpenPgpSession,
    bytes: Uint8Array,
  ): MaybePromise<Uint8Array> {
    let ne = 0;
    let result: MaybePromise<Uint8Array>;
    try {
      session.requireOngoing();
      const command = parseCardCommand(bytes) ?? fail(SW.WRONG_LENGTH);
      checkClass(command.cla);
      if (command.ins === INS_GET_RESPONSE) return session.rest.next(command);
      session.rest.clear();
      const whole = session.chain.add(command);
      if (whole === null) return response(SW.OK);
      ne = this.#isCutBelow() ? Infinity : whole.ne;
      result = handlerOf(session, whole.ins)(session, whole);
    } catch (error) {
      return this.#end(session, refusal(error));
    }
    const deliver = (data: Uint8Array) =>
      this.#end(session, () => session.rest.deliver(data, ne));
    if (!(result instanceof Promise)) return deliver(result);
    return result.then(
      deliver,
      (error) => this.#end(session, refusal(error)),
    );
  }

  /** Nothing is told before it is kept, a wrong password's counter least of all. */
  #end(
    session: OpenPgpSession,
    answer: () => Uint8Array,
  ): MaybePromise<Uint8Array> {
    return chain(this.#memory.save(), (isSaved) => {
      if (isSaved) return answer();
      session.forgetPasswords();
      return response(SW.MEMORY_FAILURE);
    });
  }
}

function handlerOf(session: OpenPgpSession, ins: number): Handler {
  const handler = HANDLERS.get(ins) ?? fail(SW.INSTRUCTION_NOT_SUPPORTED);
  if (session.memory.state.isTerminated && !WHEN_TERMINATED.includes(ins)) {
    fail(SW.TERMINATED);
  }
  return handler;
}

/** The answer that a command ended with; what is no status is a fault of the card. */
function refusal(error: unknown): () => Uint8Array {
  if (error instanceof StatusWordError) return () => response(error.status);
  throw error;
}

/** The plain interindustry class on channel 0, chained or not (ISO/IEC 7816-4 5.4.1). */
function checkClass(cla: number): void {
  if ((cla & 0xe0) !== 0) fail(SW.CLASS_NOT_SUPPORTED);
  if ((cla & 0x0c) !== 0) fail(SW.SECURE_MESSAGING_NOT_SUPPORTED);
  if ((cla & 0x03) !== 0) fail(SW.LOGICAL_CHANNEL_NOT_SUPPORTED);
}
