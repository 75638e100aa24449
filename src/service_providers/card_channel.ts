/**
 * The way to a card that the interfaces of one service share.
 *
 * @module
 */

import type {
  SmartCardConnection,
  SmartCardProtocol,
} from "../smart_card/mod.ts";
import type { CardCapabilities } from "./card_capabilities.ts";
import type { ReattachOptions } from "./card_service.ts";
import { CardLock, type LockOptions } from "./card_lock.ts";
import { type CommandApdu, commandName } from "./command_apdu.ts";
import { Iso7816Commands } from "./iso7816_commands.ts";
import type { ResponseApdu } from "./response_apdu.ts";
import { connectionSender, type Send, type SendOptions } from "./sender.ts";
import {
  type ChunkSizes,
  type ServiceOptions,
  type ServiceSetup,
  setUpService,
} from "./service_options.ts";
import { expectOk } from "./status_error.ts";
import { Turns } from "./turns.ts";

/** Default of `reattach`: whatever the card offers. */
const ANY_PROTOCOL: SmartCardProtocol[] = ["t0", "t1"];

/** Commands to one card, one at a time, and its transaction. */
export class CardChannel {
  /** Builds commands with the class byte of this channel. */
  readonly commands: Iso7816Commands = new Iso7816Commands();
  readonly #connection: SmartCardConnection;
  readonly #options: ServiceOptions;
  readonly #bottom: Send;
  readonly #turns = new Turns();
  readonly #lock: CardLock;
  #setup: ServiceSetup;
  #atr: Uint8Array;
  #epoch = 0;

  private constructor(
    connection: SmartCardConnection,
    options: ServiceOptions,
    atr: Uint8Array,
    setup: (bottom: Send) => ServiceSetup,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#atr = atr;
    this.#bottom = connectionSender(connection);
    this.#setup = setup(this.#bottom);
    this.#lock = new CardLock(connection, () => this.forgetSelection());
  }

  /**
   * A channel over a connection that has a protocol.
   *
   * @throws {TypeError} when it has none
   */
  static async open(
    connection: SmartCardConnection,
    options: ServiceOptions = {},
    limits: SendOptions = {},
  ): Promise<CardChannel> {
    const { atr, protocol } = await statusOf(connection, limits);
    return new CardChannel(
      connection,
      options,
      atr,
      (bottom) => setUpService(bottom, atr, protocol, options),
    );
  }

  /** The ATR of the card. */
  get atr(): Uint8Array {
    return this.#atr.slice();
  }

  /** What the ATR says. */
  get capabilities(): CardCapabilities {
    return this.#setup.capabilities;
  }

  /** Sizes of commands on files. */
  get chunks(): ChunkSizes {
    return this.#setup.chunks;
  }

  /** Changes when the file that is current on the card may be another one, without this side's knowledge. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whatever was selected may not be any more. */
  forgetSelection(): void {
    this.#epoch++;
  }

  /** Sends a command when those before it have been answered; the selection is not concerned. */
  exchange(
    command: CommandApdu,
    options: SendOptions = {},
  ): Promise<ResponseApdu> {
    return this.#turns.run(() => this.#setup.send(command, options), options);
  }

  /**
   * The response data of a command.
   *
   * @param allowed status words that are no failures besides 9000
   * @throws {CardStatusError}
   */
  async request(
    command: CommandApdu,
    options: SendOptions = {},
    allowed: readonly number[] = [],
  ): Promise<Uint8Array> {
    const response = await this.exchange(command, options);
    return expectOk(response, commandName(command), allowed);
  }

  /** Runs `work` in the transaction; see {@linkcode CardLock.run}. */
  lock<R>(work: () => Promise<R>, options?: LockOptions): Promise<R> {
    return this.#lock.run(work, options);
  }

  /**
   * Resets the card; nobody else can use it meanwhile.
   *
   * @throws {DOMException} InvalidStateError in a transaction of this channel
   */
  async reset(limits: SendOptions = {}): Promise<void> {
    await this.#lock.reset(limits);
    this.forgetSelection();
  }

  /** Binds the connection to the card as it is now. */
  async reattach(options: ReattachOptions = {}): Promise<void> {
    const {
      accessMode = "shared",
      preferredProtocols = ANY_PROTOCOL,
      ...rest
    } = options;
    await this.#connection.reconnect(accessMode, {
      preferredProtocols,
      ...rest,
    });
    this.forgetSelection();
    const { signal, timeout } = options;
    const limits = { signal, timeout };
    const { atr, protocol } = await statusOf(this.#connection, limits);
    this.#atr = atr;
    this.#setup = setUpService(this.#bottom, atr, protocol, this.#options);
  }
}

async function statusOf(connection: SmartCardConnection, limits: SendOptions) {
  const { state, answerToReset } = await connection.status(limits);
  if (state !== "t0" && state !== "t1" && state !== "raw") {
    throw new TypeError(
      `Cannot attach to a card: the connection is in state ${state}, expected t0, t1 or raw`,
    );
  }
  const atr = new Uint8Array(answerToReset ?? new ArrayBuffer(0));
  return { atr, protocol: state } as const;
}
