/**
 * The layouts of the messages of pcsc-lite's protocol (winscard_msg.h), with their lengths.
 *
 * @module
 */

import { MAX_ATTRIBUTE_BYTES, MAX_READER_NAME_BYTES } from "./limits.ts";
import type {
  AttributeMessage,
  CardMessage,
  ConnectMessage,
  ContextMessage,
  ControlMessage,
  DispositionMessage,
  EstablishMessage,
  HeaderMessage,
  ReaderEventsMessage,
  ReconnectMessage,
  StateSizeMessage,
  TransmitMessage,
  VersionMessage,
  WaitMessage,
} from "./message_values.ts";
import { block, I32, Struct, text, U32 } from "./struct.ts";

/** 8 bytes. */
export const HEADER: Struct<HeaderMessage> = new Struct("header", {
  size: U32,
  command: U32,
});
/** 12 bytes. */
export const VERSION: Struct<VersionMessage> = new Struct("VERSION", {
  major: U32,
  minor: U32,
  rv: U32,
});
/** 12 bytes. */
export const ESTABLISH: Struct<EstablishMessage> = new Struct("ESTABLISH", {
  dwScope: U32,
  hContext: U32,
  rv: U32,
});
/** 8 bytes. */
export const RELEASE: Struct<ContextMessage> = new Struct("RELEASE", {
  hContext: U32,
  rv: U32,
});
/** 152 bytes. */
export const CONNECT: Struct<ConnectMessage> = new Struct("CONNECT", {
  hContext: U32,
  szReader: text(MAX_READER_NAME_BYTES),
  dwShareMode: U32,
  dwPreferredProtocols: U32,
  hCard: I32,
  dwActiveProtocol: U32,
  rv: U32,
});
/** 24 bytes. */
export const RECONNECT: Struct<ReconnectMessage> = new Struct("RECONNECT", {
  hCard: I32,
  dwShareMode: U32,
  dwPreferredProtocols: U32,
  dwInitialization: U32,
  dwActiveProtocol: U32,
  rv: U32,
});
/** 12 bytes. */
export const DISCONNECT: Struct<DispositionMessage> = new Struct("DISCONNECT", {
  hCard: I32,
  dwDisposition: U32,
  rv: U32,
});
/** 8 bytes. */
export const BEGIN: Struct<CardMessage> = new Struct("BEGIN", {
  hCard: I32,
  rv: U32,
});
/** 12 bytes. */
export const END: Struct<DispositionMessage> = new Struct("END", {
  hCard: I32,
  dwDisposition: U32,
  rv: U32,
});
/** 32 bytes. */
export const TRANSMIT: Struct<TransmitMessage> = new Struct("TRANSMIT", {
  hCard: I32,
  ioSendPciProtocol: U32,
  ioSendPciLength: U32,
  cbSendLength: U32,
  ioRecvPciProtocol: U32,
  ioRecvPciLength: U32,
  pcbRecvLength: U32,
  rv: U32,
});
/** 24 bytes. */
export const CONTROL: Struct<ControlMessage> = new Struct("CONTROL", {
  hCard: I32,
  dwControlCode: U32,
  cbSendLength: U32,
  cbRecvLength: U32,
  dwBytesReturned: U32,
  rv: U32,
});
/** 8 bytes. */
export const STATUS: Struct<CardMessage> = new Struct("STATUS", {
  hCard: I32,
  rv: U32,
});
/** 8 bytes. */
export const CANCEL: Struct<ContextMessage> = new Struct("CANCEL", {
  hContext: U32,
  rv: U32,
});
/** 280 bytes. */
export const ATTRIBUTE: Struct<AttributeMessage> = new Struct("ATTRIBUTE", {
  hCard: I32,
  dwAttrId: U32,
  pbAttr: block(MAX_ATTRIBUTE_BYTES),
  cbAttrLen: U32,
  rv: U32,
});
/** 8 bytes. */
export const WAIT: Struct<WaitMessage> = new Struct("WAIT", {
  timeOut: U32,
  rv: U32,
});
/** 8 bytes. */
export const READER_EVENTS: Struct<ReaderEventsMessage> = new Struct(
  "READER_EVENTS",
  { readerEvents: U32, rv: U32 },
);
/** 4 bytes. */
export const STATE_SIZE: Struct<StateSizeMessage> = new Struct("STATE_SIZE", {
  readers: I32,
});
