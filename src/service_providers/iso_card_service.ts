/**
 * The service of a card that speaks ISO/IEC 7816-4.
 *
 * @module
 */

import type { SmartCardConnection } from "../smart_card/mod.ts";
import { CardAuthentication } from "./card_authentication.ts";
import type { CardChannel } from "./card_channel.ts";
import { CardFiles } from "./card_files.ts";
import { CardholderVerification } from "./cardholder_verification.ts";
import type { LockOptions } from "./card_lock.ts";
import type { CardService, ReattachOptions } from "./card_service.ts";
import type { CardTypeEntry } from "./card_type_entry.ts";
import { type CommandApdu, parseCommand } from "./command_apdu.ts";
import type { Guid } from "./guid.ts";
import type { InterfaceToken } from "./interface_token.ts";
import { CardAuth, CHVerification, FileAccess, ISO7816 } from "./interfaces.ts";
import type { PinFormat } from "./pin_format.ts";
import type { ResponseApdu } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";

/** Makes the implementation of an interface. */
type Implementation = (channel: CardChannel, pinFormat?: PinFormat) => unknown;

/** By GUID. */
const IMPLEMENTATIONS: ReadonlyMap<Guid, Implementation> = new Map<
  Guid,
  Implementation
>([
  [ISO7816.guid, (channel) => channel.commands],
  [CardAuth.guid, (channel) => new CardAuthentication(channel)],
  [FileAccess.guid, (channel) => new CardFiles(channel)],
  [
    CHVerification.guid,
    (channel, format) => new CardholderVerification(channel, format),
  ],
]);

/** GUIDs of the interfaces that an {@linkcode IsoCardService} can have. */
export const ISO_INTERFACES: readonly Guid[] = [...IMPLEMENTATIONS.keys()];

/** What an {@linkcode IsoCardService} is made of. */
export interface IsoCardParts {
  /** The connection, the service's from now on. */
  readonly connection: SmartCardConnection;
  /** The card type. */
  readonly card: CardTypeEntry;
  /** A channel over the connection. */
  readonly channel: CardChannel;
  /** GUIDs of the interfaces to have, of {@linkcode ISO_INTERFACES}. */
  readonly interfaces: readonly Guid[];
  /** Format of secrets. */
  readonly pinFormat?: PinFormat;
}

/** A card with some of the interfaces of this library. */
export class IsoCardService implements CardService {
  /** The connection, which the service has taken over. */
  readonly connection: SmartCardConnection;
  /** The card type it was attached as. */
  readonly card: CardTypeEntry;
  readonly #channel: CardChannel;
  readonly #interfaces: ReadonlyMap<Guid, unknown>;

  /** Made by a provider; see {@linkcode isoServiceProvider}. */
  constructor(parts: IsoCardParts) {
    const { connection, card, channel, interfaces, pinFormat } = parts;
    this.connection = connection;
    this.card = card;
    this.#channel = channel;
    this.#interfaces = new Map(
      interfaces.map((
        guid,
      ) => [guid, IMPLEMENTATIONS.get(guid)?.(channel, pinFormat)]),
    );
  }

  /** The ATR of the card. */
  get atr(): Uint8Array {
    return this.#channel.atr;
  }

  /** The implementation of an interface, always the same one; undefined when there is none. */
  getInterface<Contract>(
    token: InterfaceToken<Contract>,
  ): Contract | undefined {
    return this.#interfaces.get(token.guid) as Contract | undefined;
  }

  /** Runs `work` in a transaction; locks inside join it. */
  lock<R>(work: () => Promise<R>, options?: LockOptions): Promise<R> {
    return this.#channel.lock(work, options);
  }

  /**
   * Sends a command, by what the provider was told: 61xx and 6Cxx are followed, long data
   * chained. Commands go one at a time, in their order.
   *
   * @throws {RangeError} when it is no command
   * @throws {CardAnswerError} when the answer is none, or has no end
   */
  async send(
    command: CommandApdu | Uint8Array,
    options?: SendOptions,
  ): Promise<ResponseApdu> {
    const value = command instanceof Uint8Array
      ? parseCommand(command.slice())
      : command;
    // Who knows what it selects.
    this.#channel.forgetSelection();
    const { data, sw } = await this.#channel.exchange(value, options);
    this.#channel.forgetSelection();
    return { data: data.slice(), sw };
  }

  /** Binds the service to the card as it is; by default any protocol, shared. */
  reattach(options?: ReattachOptions): Promise<void> {
    return this.#channel.reattach(options);
  }

  /** Gives the connection back with `"leave"`, and never fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}
