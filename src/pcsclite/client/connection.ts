/**
 * A connection to a card through the service (SCARDHANDLE).
 *
 * @module
 */

import {
  type ConnectionBackend,
  type ConnectionStatus,
  type ReconnectOptions,
  SCARD_LEAVE_CARD,
  type ShareMode,
  type TransmitOptions,
  type WaitOptions,
} from "../../resource_manager/mod.ts";
import {
  COMMANDS,
  DISCONNECT,
  type DispositionMessage,
  END,
} from "../wire/mod.ts";
import { assertDisposition } from "./arguments.ts";
import {
  control,
  getAttribute,
  reconnect,
  setAttribute,
  status,
  transmit,
} from "./card_commands.ts";
import type { CardReply } from "./card_request.ts";
import type { Connected } from "./connect.ts";
import type { CardLine } from "./card_line.ts";
import { cardRefusedWith, failure } from "./errors.ts";
import type { PcscLiteReader } from "./reader_mirror.ts";

/** What a connection begins with. */
export interface ConnectionParts extends Connected {
  /** Grows with every connection. */
  readonly id: number;
  /** Name of the reader. */
  readonly readerName: string;
  /** What is known of the reader at the moment. */
  readonly reader: () => PcscLiteReader;
  /** Told when the connection ends. */
  readonly onClosed: (connection: PcscLiteConnection) => void;
}

/**
 * Made by `PcscLiteContext.connect`. Methods reject with `ResourceManagerError`. What has
 * been sent cannot be called off: a signal then discards the answer.
 */
export class PcscLiteConnection implements ConnectionBackend {
  /** Grows in the order in which connections are made. */
  readonly id: number;
  readonly #parts: ConnectionParts;
  readonly #card: CardLine;
  #activeProtocol: number;
  #shareMode: ShareMode;
  #closed = false;

  /** Made by `PcscLiteContext.connect`. */
  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#card = parts.card;
    this.id = parts.id;
    this.#activeProtocol = parts.activeProtocol;
    this.#shareMode = parts.shareMode;
  }

  /** Where to. */
  get reader(): PcscLiteReader {
    return this.#parts.reader();
  }

  /** SCARD_PROTOCOL_* bit, 0 when none was negotiated. */
  get activeProtocol(): number {
    return this.#activeProtocol;
  }

  /** How the reader is shared. */
  get shareMode(): ShareMode {
    return this.#shareMode;
  }

  /** Whether the connection has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends one APDU; the bytes are copied before this returns. While others run a
   * transaction it waits for its end.
   *
   * @param apdu 4 to 65 544 bytes
   * @returns the answer with SW1 SW2
   */
  async transmit(
    apdu: Uint8Array,
    { protocol = this.#activeProtocol, signal }: TransmitOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const attempt = this.#open("transmit to");
    return await transmit(this.#card, attempt, apdu, protocol, signal);
  }

  /** Begins a transaction, or one more; waits its turn. A signal leaves the line. */
  async beginTransaction(options: WaitOptions = {}): Promise<void> {
    await this.#card.begin(this.#open("begin a transaction on"), options);
  }

  /**
   * Ends the transaction begun last. As with libpcsclite, a disposition that resets the card
   * makes this connection reconnect, too.
   *
   * @param disposition SCARD_LEAVE_CARD ... SCARD_EJECT_CARD
   */
  async endTransaction(disposition: number = SCARD_LEAVE_CARD): Promise<void> {
    const attempt = this.#open("end a transaction on");
    assertDisposition(disposition, attempt);
    const question = this.#card.question({
      command: COMMANDS.END_TRANSACTION,
      struct: END,
      body: { dwDisposition: disposition },
    });
    await this.#card.ask(attempt, question);
  }

  /** State of the card. While others run a transaction it waits for its end. */
  async status({ signal }: WaitOptions = {}): Promise<ConnectionStatus> {
    const attempt = this.#open("read the status of");
    const { readerName } = this.#parts;
    return await status(this.#card, attempt, readerName, signal);
  }

  /**
   * Sends a control request to the reader's driver; works without a card.
   *
   * @param code a code of the driver, or one of Windows' for vendors and for CM_IOCTL_GET_FEATURE_REQUEST
   * @param input 65 548 bytes at most, copied before this returns
   * @param options `outputLength`: capacity in bytes, as many at most
   * @returns what the driver delivered
   */
  async control(
    code: number,
    input: Uint8Array,
    options: WaitOptions & { outputLength?: number } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const attempt = this.#open("control");
    return await control(this.#card, attempt, code, input, options);
  }

  /**
   * Reads an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   * @returns 264 bytes at most
   */
  async getAttribute(
    tag: number,
    { signal }: WaitOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const attempt = this.#open("read an attribute of");
    return await getAttribute(this.#card, attempt, tag, signal);
  }

  /**
   * Sets an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   * @param value 264 bytes at most, copied before this returns
   */
  async setAttribute(
    tag: number,
    value: Uint8Array,
    { signal }: WaitOptions = {},
  ): Promise<void> {
    const attempt = this.#open("set an attribute of");
    await setAttribute(this.#card, attempt, tag, value, signal);
  }

  /**
   * Binds the connection to the card as it is now. Others' transactions are waited for,
   * except for exclusive use, which others' connections forbid anyway.
   *
   * @returns SCARD_PROTOCOL_* bit in force, 0 for none
   */
  async reconnect(options: ReconnectOptions): Promise<number> {
    const attempt = this.#open("reconnect to");
    this.#activeProtocol = await reconnect(this.#card, attempt, options);
    this.#shareMode = options.shareMode;
    return this.#activeProtocol;
  }

  /**
   * Ends the connection, and its transactions.
   *
   * @param disposition other than SCARD_LEAVE_CARD it waits for others' transactions
   * @param options a signal that fires before the request was sent leaves the connection open
   */
  async disconnect(
    disposition: number = SCARD_LEAVE_CARD,
    { signal }: WaitOptions = {},
  ): Promise<void> {
    const attempt = this.#open("disconnect from");
    assertDisposition(disposition, attempt);
    const question = this.#card.question({
      command: COMMANDS.DISCONNECT,
      struct: DISCONNECT,
      body: { dwDisposition: disposition },
    });
    const late = ({ answer }: CardReply<DispositionMessage>) => {
      if (answer.rv === 0) this.end();
    };
    const { answer } = await question({ signal, late });
    if (answer.rv !== 0) throw cardRefusedWith(answer.rv, attempt);
    this.end();
  }

  /** Gives the reader back and leaves the card as it is; never fails. */
  close(): void {
    if (this.#closed) return;
    this.end();
    this.#card.forget();
  }

  /** The service has forgotten the connection; called by its context. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.onClosed(this);
  }

  /**
   * @returns what is attempted, for messages
   * @throws {ResourceManagerError} SCARD_E_INVALID_HANDLE when the connection was closed
   */
  #open(verb: string): string {
    const attempt = `${verb} ${JSON.stringify(this.#parts.readerName)}`;
    if (!this.#closed) return attempt;
    const found = "the connection was closed";
    throw failure("SCARD_E_INVALID_HANDLE", attempt, found, "an open one");
  }
}
