/**
 * What a service provider makes of a connection: a card with interfaces.
 *
 * @module
 */

import type {
  SmartCardAccessMode,
  SmartCardConnection,
  SmartCardReconnectOptions,
} from "../smart_card/mod.ts";
import type { LockOptions } from "./card_lock.ts";
import type { CardTypeEntry } from "./card_type_entry.ts";
import type { CommandApdu } from "./command_apdu.ts";
import type { Guid } from "./guid.ts";
import type { InterfaceToken } from "./interface_token.ts";
import type { ResponseApdu } from "./response_apdu.ts";
import type { SendOptions } from "./sender.ts";

/** Options of {@linkcode CardService.reattach}; by default any protocol is welcome. */
export interface ReattachOptions extends SmartCardReconnectOptions {
  /** Default `"shared"`. */
  accessMode?: SmartCardAccessMode;
}

/** An attached card (ISCard, ISCardManage). `await using` detaches it. */
export interface CardService extends AsyncDisposable {
  /** The connection, which the service has taken over. */
  readonly connection: SmartCardConnection;
  /** The card type it was attached as. */
  readonly card: CardTypeEntry;
  /** The ATR of the card. */
  readonly atr: Uint8Array;

  /** The card's implementation of an interface, always the same one; undefined when it has none. */
  getInterface<Contract>(
    token: InterfaceToken<Contract>,
  ): Contract | undefined;

  /**
   * Runs `work` while nobody else can use the card (LockSCard, UnlockSCard). Locks inside
   * a lock join it.
   *
   * @throws what `work` throws
   */
  lock<R>(work: () => Promise<R>, options?: LockOptions): Promise<R>;

  /**
   * Sends a command (Transaction), whatever the status of the answer.
   *
   * @param command a value, or its bytes
   */
  send(
    command: CommandApdu | Uint8Array,
    options?: SendOptions,
  ): Promise<ResponseApdu>;

  /** Binds the service to the card as it is after a reset by somebody else, or resets it (ReAttach). */
  reattach(options?: ReattachOptions): Promise<void>;
}

/** Limits of {@linkcode ServiceProvider.attach}. */
export interface AttachOptions {
  /** The caller does not wait longer. */
  readonly signal?: AbortSignal;
}

/** Code that knows card types, and makes services of their cards. */
export interface ServiceProvider {
  /** Identifies the implementation. */
  readonly id: Guid;
  /** GUIDs of the interfaces that its services have. */
  readonly interfaces: readonly Guid[];
  /**
   * Makes a service for a card. From then on the connection is the service's; if this
   * fails, it stays the caller's.
   */
  attach(
    connection: SmartCardConnection,
    card: CardTypeEntry,
    options?: AttachOptions,
  ): Promise<CardService>;
}
