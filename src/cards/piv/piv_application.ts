/**
 * The PIV card application at the level of APDUs (NIST SP 800-73-4).
 *
 * @module
 */
import { chain, type MaybePromise } from "../../bytes.ts";
import { type CardCommand, parseCardCommand } from "../apdu.ts";
import type { CardApplication, CardWaitingTime } from "../application.ts";
import { fail, StatusWordError } from "../file_system/status_words.ts";
import { CommandChain, ResponseChain, statusBytes } from "./chaining.ts";
import { getData, putData, select } from "./data_commands.ts";
import { generalAuthenticate } from "./general_authenticate.ts";
import { generateKeyPair } from "./key_generation.ts";
import { PivMemory } from "./memory.ts";
import {
  changeReferenceData,
  resetRetryCounter,
  verify,
} from "./pin_commands.ts";
import { PivSession } from "./session.ts";
import { initialState, type PivSettings } from "./settings.ts";
import type { PivState, PivStore } from "./state.ts";
import { decodeState, encodeState } from "./state_codec.ts";
import { SW } from "./status_words.ts";

/** Runs a whole command; what it returns goes back with 9000. */
type Handler = (
  session: PivSession,
  command: CardCommand,
) => MaybePromise<Uint8Array>;

const GENERATE = 0x47;
const GET_RESPONSE = 0xc0;

/** By INS. */
const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [0x20, verify],
  [0x24, changeReferenceData],
  [0x2c, resetRetryCounter],
  [GENERATE, generateKeyPair],
  [0x87, generalAuthenticate],
  [0xa4, select],
  [0xcb, getData],
  [0xdb, putData],
]);

/** A key may take a second to make, ten times as long as a card with BWI 4 is given. */
const GENERATE_TIME: CardWaitingTime = { multiplier: 10, times: 1 };

/** How the application is set up. */
export interface PivOptions extends PivSettings {
  /** Keeps the state; default: it lasts as long as the application. */
  readonly store?: PivStore;
  /** Source of challenges and nonces; default `crypto.getRandomValues`. RSA keys come from Web Crypto all the same. */
  readonly random?: (length: number) => Uint8Array;
  /**
   * Whether what carries the commands cuts responses to Ne itself, as T=0 does. Asked at each response;
   * default: never, and GET RESPONSE is the application's.
   */
  readonly isCutBelow?: () => boolean;
}

/**
 * A PIV card for tests. It protects nothing: keys lie in memory and in the store in plain form, and
 * arithmetic takes as long as the numbers make it.
 */
export class PivApplication implements CardApplication {
  readonly #memory: PivMemory;
  readonly #random: (length: number) => Uint8Array;
  readonly #isCutBelow: () => boolean;
  #connection: Connection;
  /** Settles when the command before has ended; one at a time, also over a reset. */
  #busy: Promise<void> | null = null;

  /**
   * Takes the card out of its store, or makes a new one.
   *
   * @param options see {@linkcode PivOptions}
   * @throws {RangeError} when a setting is out of range, or what the store holds is no card
   */
  constructor(options: PivOptions = {}) {
    const store = options.store ?? null;
    const saved = store?.load() ?? null;
    this.#random = options.random ??
      ((length) => crypto.getRandomValues(new Uint8Array(length)));
    this.#isCutBelow = options.isCutBelow ?? (() => false);
    const state = saved === null
      ? initialState(options, this.#random)
      : decodeState(saved);
    this.#memory = new PivMemory(state, store);
    if (saved === null) this.#wait(store?.save(encodeState(state)));
    this.#connection = this.#connect();
  }

  /** What the card keeps, as it is now. */
  get state(): PivState {
    return this.#memory.state;
  }

  /** Nothing is verified, and chains are broken off; keys, objects and counters stay. */
  reset(): void {
    this.#connection.end();
    this.#connection = this.#connect();
  }

  /** Runs a C-APDU; whatever it is, the answer ends with a status. */
  process(command: Uint8Array): MaybePromise<Uint8Array> {
    const connection = this.#connection;
    if (this.#busy === null) return this.#wait(connection.process(command));
    return this.#wait(this.#busy.then(() => connection.process(command)));
  }

  /** Making a key takes time. */
  waitingTime(command: Uint8Array): CardWaitingTime | null {
    return command[1] === GENERATE ? GENERATE_TIME : null;
  }

  #connect(): Connection {
    const session = new PivSession(this.#memory, this.#random);
    return new Connection(session, this.#isCutBelow);
  }

  /** Lets the next command wait for this. */
  #wait<T>(running: MaybePromise<T>): MaybePromise<T> {
    if (!(running instanceof Promise)) return running;
    const ended = running.then(() => {}, () => {}).then(() => {
      if (this.#busy === ended) this.#busy = null;
    });
    this.#busy = ended;
    return running;
  }
}

/** The application from one reset to the next. */
class Connection {
  readonly #session: PivSession;
  readonly #isCutBelow: () => boolean;
  readonly #command = new CommandChain();
  readonly #response = new ResponseChain();

  constructor(session: PivSession, isCutBelow: () => boolean) {
    this.#session = session;
    this.#isCutBelow = isCutBelow;
  }

  end(): void {
    this.#session.isOver = true;
  }

  process(bytes: Uint8Array): MaybePromise<Uint8Array> {
    try {
      const answer = this.#run(bytes);
      return answer instanceof Promise ? answer.catch(statusOf) : answer;
    } catch (error) {
      return statusOf(error);
    }
  }

  #run(bytes: Uint8Array): MaybePromise<Uint8Array> {
    if (this.#session.isOver) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
    const piece = parseCardCommand(bytes);
    if (piece?.ins !== GET_RESPONSE) this.#response.clear();
    const whole = this.#wholeOf(piece);
    if (whole === null) return statusBytes(SW.OK);
    const { ins, p1, p2, ne } = whole;
    if (ins === GET_RESPONSE && this.#response.isWaiting) {
      if (p1 !== 0 || p2 !== 0) fail(SW.INCORRECT_P1_P2);
      return this.#response.next(ne);
    }
    this.#session.begin();
    if (ins === GET_RESPONSE) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
    const handler = HANDLERS.get(ins) ?? fail(SW.INSTRUCTION_NOT_SUPPORTED);
    return chain(
      handler(this.#session, whole),
      (data) =>
        this.#response.start(data, this.#isCutBelow() ? data.length : ne),
    );
  }

  /** The command when it is whole; null when more of it follows. What is no command breaks a chain. */
  #wholeOf(piece: CardCommand | null): CardCommand | null {
    try {
      if (piece === null) return fail(SW.WRONG_LENGTH);
      checkClass(piece.cla);
      return this.#command.add(piece);
    } catch (error) {
      this.#command.clear();
      this.#session.begin();
      throw error;
    }
  }
}

/** Only the interindustry class on channel 0, with chaining (SP 800-73-4 Part 2, 2.4). */
function checkClass(cla: number): void {
  if ((cla & 0xe0) !== 0) fail(SW.CLASS_NOT_SUPPORTED);
  if ((cla & 0x0c) !== 0) fail(SW.SECURE_MESSAGING_NOT_SUPPORTED);
  if ((cla & 0x03) !== 0) fail(SW.LOGICAL_CHANNEL_NOT_SUPPORTED);
}

function statusOf(error: unknown): Uint8Array {
  if (error instanceof StatusWordError) return statusBytes(error.status);
  throw error;
}
