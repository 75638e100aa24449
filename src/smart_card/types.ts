/**
 * Enumerations and dictionaries of the Web Smart Card API.
 *
 * @module
 */

import type { SmartCardConnection } from "./connection.ts";

/** Transmission protocol. */
export type SmartCardProtocol = "raw" | "t0" | "t1";

/** How a connection shares its reader. */
export type SmartCardAccessMode = "shared" | "exclusive" | "direct";

/** What happens to the card at the end of a connection or transaction. */
export type SmartCardDisposition = "leave" | "reset" | "unpower" | "eject";

/** What a connection starts with, in `reconnect`; an extension of this library. */
export type SmartCardInitialization = "leave" | "reset" | "unpower";

/** State of the card of a connection. */
export type SmartCardConnectionState =
  | "absent"
  | "present"
  | "swallowed"
  | "powered"
  | "negotiable"
  | "t0"
  | "t1"
  | "raw";

/** What the caller believes about a reader. */
export interface SmartCardReaderStateFlagsIn {
  /** Nothing is known: answer at once. */
  unaware?: boolean;
  /** Do not look at this reader. */
  ignore?: boolean;
  /** The reader cannot be used. */
  unavailable?: boolean;
  /** No card. */
  empty?: boolean;
  /** A card. */
  present?: boolean;
  /** Held exclusively. */
  exclusive?: boolean;
  /** Connections exist. */
  inuse?: boolean;
  /** The card does not answer. */
  mute?: boolean;
  /** The card has no power. */
  unpowered?: boolean;
}

/** What is known about a reader. */
export interface SmartCardReaderStateFlagsOut {
  /** The reader was not looked at, or should not be. */
  ignore: boolean;
  /** Differs from what the caller believed. */
  changed: boolean;
  /** The reader cannot be used. */
  unavailable: boolean;
  /** No reader has this name. */
  unknown: boolean;
  /** No card. */
  empty: boolean;
  /** A card. */
  present: boolean;
  /** Held exclusively. */
  exclusive: boolean;
  /** Connections exist. */
  inuse: boolean;
  /** The card does not answer. */
  mute: boolean;
  /** The card has no power. */
  unpowered: boolean;
}

/** One reader to look at. */
export interface SmartCardReaderStateIn {
  /** Its name. */
  readerName: string;
  /** What the caller believes. */
  currentState: SmartCardReaderStateFlagsIn;
  /** `eventCount` of an earlier answer. */
  currentCount?: number;
}

/** What is known about one reader. */
export interface SmartCardReaderStateOut {
  /** As asked. */
  readerName: string;
  /** Flags. */
  eventState: SmartCardReaderStateFlagsOut;
  /** Insertions and removals, modulo 65 536. */
  eventCount: number;
  /** ATR of the card, when there is one that answers. */
  answerToReset?: ArrayBuffer;
}

/** Result of `SmartCardContext.connect`. */
export interface SmartCardConnectResult {
  /** The connection. */
  connection: SmartCardConnection;
  /** Protocol that was negotiated, if any. */
  activeProtocol?: SmartCardProtocol;
}

/** Result of `SmartCardConnection.status`. */
export interface SmartCardConnectionStatus {
  /** The reader. */
  readerName: string;
  /** State of its card. */
  state: SmartCardConnectionState;
  /** ATR of the card, when there is one that answers. */
  answerToReset?: ArrayBuffer;
}

/** Calls a wait off; an extension of this library where the draft has none. */
export interface SmartCardSignalOptions {
  /** The call rejects with its reason. */
  signal?: AbortSignal;
}

/** Ends a call before it is done; an extension of this library where the draft has none. */
export interface SmartCardWaitOptions extends SmartCardSignalOptions {
  /**
   * Milliseconds; then the call rejects with UnknownError, caused by SCARD_E_TIMEOUT.
   * Default: no limit.
   */
  timeout?: number;
}

/** Options of `SmartCardContext.connect`. */
export interface SmartCardConnectOptions extends SmartCardWaitOptions {
  /** Protocols that are welcome; none leaves the card without protocol (direct access only). */
  preferredProtocols?: SmartCardProtocol[];
}

/** Options of `SmartCardConnection.reconnect`. */
export interface SmartCardReconnectOptions extends SmartCardConnectOptions {
  /** What happens to the card first; default leave. */
  initialization?: SmartCardInitialization;
}

/** Options of `SmartCardConnection.transmit`. */
export interface SmartCardTransmitOptions extends SmartCardWaitOptions {
  /** Default: the active protocol. */
  protocol?: SmartCardProtocol;
}

/** Options of `SmartCardContext.getStatusChange`. */
export type SmartCardGetStatusChangeOptions = SmartCardWaitOptions;

/** Runs inside a transaction; the disposition it returns ends it, `"reset"` if it returns none. */
export type SmartCardTransactionCallback = () => Promise<
  SmartCardDisposition | null | undefined | void
>;
