/**
 * A connection of one context to one reader (SCARDHANDLE).
 *
 * @module
 */

import { chain, hex32, type MaybePromise, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  ntSuccess,
  SCARD_IO_REQUEST_LENGTH,
} from "../smclib/mod.ts";
import { disconnect, reconnect } from "./connection_end.ts";
import {
  MAX_COMMAND_BYTES,
  MIN_COMMAND_BYTES,
  SCARD_LEAVE_CARD,
} from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import { Handle } from "./handle.ts";
import { getAttribute, setAttribute } from "./reader_attributes.ts";
import { type ConnectionStatus, control, status } from "./reader_controls.ts";
import { SYSTEM_BUFFER_BYTES } from "./reader_io.ts";
import type { ShareMode } from "./sharing.ts";
import { beginTransaction, endTransaction } from "./transactions.ts";

/** Waiting that can be called off. */
export interface WaitOptions {
  /** Rejects the call with its reason; work at the reader that has begun goes on, work that has not never begins. */
  signal?: AbortSignal;
}

/** Options of {@linkcode Connection.transmit}. */
export interface TransmitOptions extends WaitOptions {
  /** SCARD_PROTOCOL_* bit of the header; the active protocol if left out. */
  protocol?: number;
}

/** Options of {@linkcode Connection.reconnect}. */
export interface ReconnectOptions extends WaitOptions {
  /** The new share mode. */
  shareMode: ShareMode;
  /** SCARD_PROTOCOL_* bits that are welcome. */
  protocols: number;
  /** SCARD_LEAVE_CARD (default), SCARD_RESET_CARD or SCARD_UNPOWER_CARD. */
  initialization?: number;
}

/** Made by `ResourceContext.connect`. Methods throw or reject with {@linkcode ResourceManagerError}. */
export class Connection extends Handle {
  /**
   * Sends one APDU; the bytes are copied before this returns.
   *
   * @param apdu 4 to 65 544 bytes
   * @param options abort before sending keeps the APDU from the card; after sending it only
   * discards the answer, and the exchange ends in its own time
   * @returns the answer with SW1 SW2, in a buffer of its own; without waiting when the reader answers at once
   */
  transmit(
    apdu: Uint8Array,
    options: TransmitOptions = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { length } = apdu;
    if (length < MIN_COMMAND_BYTES || length > MAX_COMMAND_BYTES) {
      throw new ResourceManagerError(
        "SCARD_E_INVALID_PARAMETER",
        `Cannot transmit to "${this.reader.name}": the APDU has ${length} bytes, expected ${MIN_COMMAND_BYTES} to ${MAX_COMMAND_BYTES}`,
      );
    }
    const { io, lock } = this.reader;
    const protocol = options.protocol ?? this.activeProtocol;
    const atOnce = io.idle && lock.isFreeFor(this);
    const command = atOnce ? apdu : apdu.slice();
    return this.perform(
      "transmit to",
      () => this.#exchange(command, protocol),
      options.signal,
    );
  }

  #exchange(
    command: Uint8Array,
    protocol: number,
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { io } = this.reader;
    if (protocol === 0 || protocol !== this.activeProtocol) {
      throw new ResourceManagerError(
        "SCARD_E_PROTO_MISMATCH",
        `Cannot transmit to "${this.reader.name}": protocol ${
          hex32(protocol)
        } asked for, expected the active one, ${hex32(this.activeProtocol)}`,
      );
    }
    writeU32le(io.systemBuffer, 0, protocol);
    writeU32le(io.systemBuffer, 4, SCARD_IO_REQUEST_LENGTH);
    io.systemBuffer.set(command, SCARD_IO_REQUEST_LENGTH);
    const status = io.request(
      IOCTL_SMARTCARD_TRANSMIT,
      SCARD_IO_REQUEST_LENGTH + command.length,
      SYSTEM_BUFFER_BYTES,
    );
    return chain(status, (final) => this.#answer(final));
  }

  #answer(status: number): MaybePromise<Uint8Array<ArrayBuffer>> {
    const { io } = this.reader;
    if (!ntSuccess(status)) return this.fail(status, "transmit", "transmit to");
    if (io.information < SCARD_IO_REQUEST_LENGTH) {
      throw new ResourceManagerError(
        "SCARD_F_COMM_ERROR",
        `Cannot transmit to "${this.reader.name}": the reader delivered ${io.information} bytes, expected a header of ${SCARD_IO_REQUEST_LENGTH} and an answer`,
      );
    }
    this.reader.transmitCount++;
    return io.systemBuffer.slice(SCARD_IO_REQUEST_LENGTH, io.information);
  }

  /**
   * Begins a transaction, or one more; waits its turn, first come, first served.
   *
   * @param options abort leaves the queue
   */
  beginTransaction(options: WaitOptions = {}): MaybePromise<void> {
    return beginTransaction(this, options.signal);
  }

  /**
   * Ends the transaction begun last.
   *
   * @param disposition SCARD_LEAVE_CARD ... SCARD_EJECT_CARD
   */
  endTransaction(disposition: number = SCARD_LEAVE_CARD): MaybePromise<void> {
    return endTransaction(this, disposition);
  }

  /**
   * State of the card, as the reader sees it now.
   *
   * @param options abort calls the waiting off
   */
  status(options: WaitOptions = {}): MaybePromise<ConnectionStatus> {
    return status(this, options.signal);
  }

  /**
   * Sends any IOCTL to the reader; works without a card.
   *
   * @param code IOCTL code, for example `CM_IOCTL_GET_FEATURE_REQUEST`; not a tracking request
   * @param input copied before this returns
   * @param options `outputLength`: capacity in bytes; abort cancels the request
   * @returns what the reader delivered
   */
  control(
    code: number,
    input: Uint8Array,
    options: WaitOptions & { outputLength?: number } = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    return control(this, code, input, options);
  }

  /**
   * Reads an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   */
  getAttribute(
    tag: number,
    options: WaitOptions = {},
  ): MaybePromise<Uint8Array<ArrayBuffer>> {
    return getAttribute(this, tag, options.signal);
  }

  /**
   * Sets an attribute of reader or card.
   *
   * @param tag SCARD_ATTR_*
   * @param value copied before this returns
   */
  setAttribute(
    tag: number,
    value: Uint8Array,
    options: WaitOptions = {},
  ): MaybePromise<void> {
    return setAttribute(this, tag, value, options.signal);
  }

  /**
   * Binds the connection to the card as it is now: clears a reset or removal, changes share mode or protocol.
   *
   * @returns SCARD_PROTOCOL_* bit in force, 0 for none
   */
  reconnect(options: ReconnectOptions): Promise<number> {
    return reconnect(this, options);
  }

  /**
   * Ends the connection, and its transactions. A card that cannot be disposed of is no error.
   *
   * @param options a disposition other than SCARD_LEAVE_CARD waits for others'
   * transactions; abort before the reader was asked leaves the connection open
   */
  disconnect(
    disposition: number = SCARD_LEAVE_CARD,
    options: WaitOptions = {},
  ): MaybePromise<void> {
    return disconnect(this, disposition, options.signal);
  }
}
