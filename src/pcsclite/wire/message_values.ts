/**
 * The messages of pcsc-lite's protocol as values (winscard_msg.h). Request and answer of a
 * command have the same layout; the answer repeats the request and fills in what was asked for.
 *
 * @module
 */

/** What every answer ends with. */
export interface Answered {
  /** SCARD_* code, as pcsc-lite numbers them. */
  rv: number;
}

/** Before the body of each request (rxHeader). */
export interface HeaderMessage {
  /** Bytes of the body, without payload. */
  size: number;
  /** One of `COMMANDS`. */
  command: number;
}

/** VERSION: which protocol is spoken (version_struct). */
export interface VersionMessage extends Answered {
  /** Always 4. */
  major: number;
  /** 2 to 6 so far. */
  minor: number;
}

/** ESTABLISH_CONTEXT (establish_struct). */
export interface EstablishMessage extends Answered {
  /** SCARD_SCOPE_*, 0 to 3. */
  dwScope: number;
  /** Answer: the context. */
  hContext: number;
}

/** RELEASE_CONTEXT (release_struct) and CANCEL (cancel_struct). */
export interface ContextMessage extends Answered {
  /** The context. */
  hContext: number;
}

/** CONNECT (connect_struct). */
export interface ConnectMessage extends Answered {
  /** The context. */
  hContext: number;
  /** Name of the reader. */
  szReader: string;
  /** SCARD_SHARE_*. */
  dwShareMode: number;
  /** Mask of protocols. */
  dwPreferredProtocols: number;
  /** Answer: the connection. */
  hCard: number;
  /** Answer: protocol in force, 0 for none. */
  dwActiveProtocol: number;
}

/** RECONNECT (reconnect_struct). */
export interface ReconnectMessage extends Answered {
  /** The connection. */
  hCard: number;
  /** SCARD_SHARE_*. */
  dwShareMode: number;
  /** Mask of protocols. */
  dwPreferredProtocols: number;
  /** SCARD_LEAVE_CARD, SCARD_RESET_CARD or SCARD_UNPOWER_CARD. */
  dwInitialization: number;
  /** Answer: protocol in force, 0 for none. */
  dwActiveProtocol: number;
}

/** DISCONNECT (disconnect_struct) and END_TRANSACTION (end_struct). */
export interface DispositionMessage extends Answered {
  /** The connection. */
  hCard: number;
  /** SCARD_LEAVE_CARD to SCARD_EJECT_CARD. */
  dwDisposition: number;
}

/** BEGIN_TRANSACTION (begin_struct) and STATUS (status_struct). */
export interface CardMessage extends Answered {
  /** The connection. */
  hCard: number;
}

/** TRANSMIT (transmit_struct); the APDU follows, and with `rv` 0 its answer. */
export interface TransmitMessage extends Answered {
  /** The connection. */
  hCard: number;
  /** Protocol of the request's header. */
  ioSendPciProtocol: number;
  /** Length of that header as the client's API has it. */
  ioSendPciLength: number;
  /** Bytes of the APDU. */
  cbSendLength: number;
  /** Protocol of the answer's header; 0x1000 when the client does not want it. */
  ioRecvPciProtocol: number;
  /** Length of that header. */
  ioRecvPciLength: number;
  /** Request: room for the answer; answer: its bytes. */
  pcbRecvLength: number;
}

/** CONTROL (control_struct); input follows, and with `rv` 0 the output. */
export interface ControlMessage extends Answered {
  /** The connection. */
  hCard: number;
  /** Code of the driver. */
  dwControlCode: number;
  /** Bytes of input. */
  cbSendLength: number;
  /** Room for output. */
  cbRecvLength: number;
  /** Answer: bytes of output. */
  dwBytesReturned: number;
}

/** GET_ATTRIB and SET_ATTRIB (getset_struct). */
export interface AttributeMessage extends Answered {
  /** The connection. */
  hCard: number;
  /** SCARD_ATTR_*. */
  dwAttrId: number;
  /** The value, in front of zeros. */
  pbAttr: Uint8Array<ArrayBuffer>;
  /** Request: room, or bytes of the value to set; answer: bytes of the value. */
  cbAttrLen: number;
}

/** WAIT and STOP of 4:3, the answer to STOP, and the signal of an event (wait_reader_state_change). */
export interface WaitMessage extends Answered {
  /** Not used. */
  timeOut: number;
}

/** Answer of GET_READER_EVENTS (get_reader_events). */
export interface ReaderEventsMessage extends Answered {
  /** Arrivals and removals of readers, from 1 on; never 0. */
  readerEvents: number;
}

/** Answer of GET_READERS_STATE_SIZE. */
export interface StateSizeMessage {
  /** Entries that GET_READERS_STATE_ARRAY answers. */
  readers: number;
}
