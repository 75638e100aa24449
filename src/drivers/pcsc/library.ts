/**
 * The functions of the PC/SC library that the driver calls, as plain TypeScript: what a
 * binding of the real one offers, and what a stand-in for it has to.
 *
 * @module
 */

/** SCARDCONTEXT or SCARDHANDLE: a number that only the library can read. */
export type PcscHandle = bigint;

/** One SCARD_READERSTATE; `SCardGetStatusChange` writes its last two members. */
export interface PcscReaderState {
  /** Name of the reader. */
  readonly reader: string;
  /** What the caller believes, SCARD_STATE_* and a counter in the high word; 0: nothing. */
  currentState: number;
  /** What is the case. */
  eventState: number;
  /** Answer to reset of the card that is in, else empty. */
  atr: Uint8Array<ArrayBuffer>;
}

/** A new context. */
export interface PcscContextResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** The context, when the code is SCARD_S_SUCCESS. */
  readonly context: PcscHandle;
}

/** Names of readers. */
export interface PcscReadersResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** The names; none unless the code is SCARD_S_SUCCESS. */
  readonly readers: string[];
}

/** A connection that was made, or made anew. */
export interface PcscConnectResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** The connection, when the code is SCARD_S_SUCCESS. */
  readonly card: PcscHandle;
  /** SCARD_PROTOCOL_T0 or _T1; 0 when none is in force. */
  readonly protocol: number;
}

/** What SCardStatus tells. */
export interface PcscStatusResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** Name of the reader. */
  readonly reader: string;
  /** pcsc-lite's bits of SCardStatus, a counter in the high word. */
  readonly state: number;
  /** SCARD_PROTOCOL_T0 or _T1; 0 when none is in force. */
  readonly protocol: number;
  /** Answer to reset; empty without one. */
  readonly atr: Uint8Array<ArrayBuffer>;
}

/** Bytes that came into the caller's buffer. */
export interface PcscLengthResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** Bytes written; 0 unless the code is SCARD_S_SUCCESS. */
  readonly length: number;
}

/** The value of an attribute. */
export interface PcscAttributeResult {
  /** Return code, unsigned. */
  readonly code: number;
  /** The value; empty unless the code is SCARD_S_SUCCESS. */
  readonly value: Uint8Array<ArrayBuffer>;
}

/**
 * The PC/SC library. No function throws for what the service answers: it tells its
 * return code. None blocks the event loop, however long the service takes. Calls of one
 * context must follow each other, `SCardCancel` excepted.
 *
 * Buffers belong to the library until the promise has settled.
 */
export interface PcscLibrary {
  /** Connects to the service. */
  SCardEstablishContext(scope: number): Promise<PcscContextResult>;
  /** Ends a context, and every connection that was made in it. */
  SCardReleaseContext(context: PcscHandle): Promise<number>;
  /** Whether the context is known to the library. */
  SCardIsValidContext(context: PcscHandle): Promise<number>;
  /** Readers that are there; `SCARD_E_NO_READERS_AVAILABLE` without any. */
  SCardListReaders(context: PcscHandle): Promise<PcscReadersResult>;
  /**
   * Waits until a reader is not what its `currentState` says.
   *
   * @param timeoutMs milliseconds; 0 looks once
   * @param states updated in place
   */
  SCardGetStatusChange(
    context: PcscHandle,
    timeoutMs: number,
    states: readonly PcscReaderState[],
  ): Promise<number>;
  /** Ends the wait of another call; without effect when that does not wait yet. */
  SCardCancel(context: PcscHandle): Promise<number>;
  /** Connects to a reader. @param protocols mask; 0 is for direct connections */
  SCardConnect(
    context: PcscHandle,
    reader: string,
    shareMode: number,
    protocols: number,
  ): Promise<PcscConnectResult>;
  /** Changes or renews a connection. @param initialization SCARD_LEAVE_CARD, _RESET_CARD or _UNPOWER_CARD */
  SCardReconnect(
    card: PcscHandle,
    shareMode: number,
    protocols: number,
    initialization: number,
  ): Promise<PcscConnectResult>;
  /** Ends a connection. @param disposition SCARD_LEAVE_CARD, _RESET_CARD, _UNPOWER_CARD or _EJECT_CARD */
  SCardDisconnect(card: PcscHandle, disposition: number): Promise<number>;
  /** State, protocol and ATR of a connection's card. */
  SCardStatus(card: PcscHandle): Promise<PcscStatusResult>;
  /** Exchanges one APDU. @param reply takes the answer */
  SCardTransmit(
    card: PcscHandle,
    protocol: number,
    command: Uint8Array<ArrayBuffer>,
    reply: Uint8Array<ArrayBuffer>,
  ): Promise<PcscLengthResult>;
  /** Sends a control code to the reader's driver. @param output takes the answer */
  SCardControl(
    card: PcscHandle,
    controlCode: number,
    input: Uint8Array<ArrayBuffer>,
    output: Uint8Array<ArrayBuffer>,
  ): Promise<PcscLengthResult>;
  /** Reads an attribute of the reader. @param attribute SCARD_ATTR_* tag */
  SCardGetAttrib(
    card: PcscHandle,
    attribute: number,
  ): Promise<PcscAttributeResult>;
  /** Writes an attribute of the reader. @param attribute SCARD_ATTR_* tag */
  SCardSetAttrib(
    card: PcscHandle,
    attribute: number,
    value: Uint8Array<ArrayBuffer>,
  ): Promise<number>;
  /**
   * Gives the library back, once the last call has returned. No call may follow but
   * SCardReleaseContext for the contexts that are left, whose calls have come late.
   */
  close(): void;
}
