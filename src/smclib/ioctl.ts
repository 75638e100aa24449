/**
 * Control codes of smart card readers: winsmcrd.h (`IOCTL_SMARTCARD_*`) and smcdbg.h (`IOCTL_SMCLIB_*`).
 *
 * @module
 */

import { hex32 } from "../bytes.ts";

/** Device type of smart card readers in a control code. */
export const FILE_DEVICE_SMARTCARD = 0x31;

/** SCARD_CTL_CODE: the control code of a function number (METHOD_BUFFERED, any access). */
export function SCARD_CTL_CODE(functionNumber: number): number {
  return ((FILE_DEVICE_SMARTCARD << 16) + 4 * functionNumber) >>> 0;
}

/** Powers, resets or switches off the card (`RDF_CARD_POWER`). */
export const IOCTL_SMARTCARD_POWER = 0x00310004;
/** Reads a `SCARD_ATTR_*` value. */
export const IOCTL_SMARTCARD_GET_ATTRIBUTE = 0x00310008;
/** Writes a `SCARD_ATTR_*` value. */
export const IOCTL_SMARTCARD_SET_ATTRIBUTE = 0x0031000C;
/** Keeps the card (`RDF_CARD_CONFISCATE`). */
export const IOCTL_SMARTCARD_CONFISCATE = 0x00310010;
/** Exchanges a command and its answer with the card (`RDF_TRANSMIT`). */
export const IOCTL_SMARTCARD_TRANSMIT = 0x00310014;
/** Ejects the card (`RDF_CARD_EJECT`). */
export const IOCTL_SMARTCARD_EJECT = 0x00310018;
/** Draws the card in (`RDF_READER_SWALLOW`). */
export const IOCTL_SMARTCARD_SWALLOW = 0x0031001C;
/** Obsolete: always STATUS_INVALID_DEVICE_REQUEST. */
export const IOCTL_SMARTCARD_READ = 0x00310020;
/** Obsolete: always STATUS_INVALID_DEVICE_REQUEST. */
export const IOCTL_SMARTCARD_WRITE = 0x00310024;
/** Ends when a card is in the reader (`RDF_CARD_TRACKING`). */
export const IOCTL_SMARTCARD_IS_PRESENT = 0x00310028;
/** Ends when no card is in the reader (`RDF_CARD_TRACKING`). */
export const IOCTL_SMARTCARD_IS_ABSENT = 0x0031002C;
/** Chooses the transmission protocol (`RDF_SET_PROTOCOL`). */
export const IOCTL_SMARTCARD_SET_PROTOCOL = 0x00310030;
/** Reads the reader state, a ULONG. */
export const IOCTL_SMARTCARD_GET_STATE = 0x00310038;
/** Reads the status of the last request, a ULONG. */
export const IOCTL_SMARTCARD_GET_LAST_ERROR = 0x0031003C;
/** Performance counters: never documented, always STATUS_NOT_SUPPORTED. */
export const IOCTL_SMARTCARD_GET_PERF_CNTR = 0x00310040;
/** First code of the vendor range (function 2048), served by `RDF_IOCTL_VENDOR`; it has no upper end here. */
export const IOCTL_SMARTCARD_VENDOR_FIRST = 0x00312000;
/** Asks a reader for its PC/SC part 10 features; lies in the vendor range. */
export const CM_IOCTL_GET_FEATURE_REQUEST = 0x00313520;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_SEND_DEBUG_REQUEST = 0x00310190;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_PROCESS_T1_REQUEST = 0x00310194;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_GET_T1_REQUEST = 0x00310198;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_GET_T1_REPLY = 0x0031019C;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_PROCESS_T1_REPLY = 0x003101A0;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_IGNORE_T1_REPLY = 0x003101A4;
/** Smart card debugger of 1999: buffers and meaning were never published. */
export const IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL = 0x003101A8;

const NAMES: ReadonlyMap<number, string> = new Map([
  [IOCTL_SMARTCARD_POWER, "IOCTL_SMARTCARD_POWER"],
  [IOCTL_SMARTCARD_GET_ATTRIBUTE, "IOCTL_SMARTCARD_GET_ATTRIBUTE"],
  [IOCTL_SMARTCARD_SET_ATTRIBUTE, "IOCTL_SMARTCARD_SET_ATTRIBUTE"],
  [IOCTL_SMARTCARD_CONFISCATE, "IOCTL_SMARTCARD_CONFISCATE"],
  [IOCTL_SMARTCARD_TRANSMIT, "IOCTL_SMARTCARD_TRANSMIT"],
  [IOCTL_SMARTCARD_EJECT, "IOCTL_SMARTCARD_EJECT"],
  [IOCTL_SMARTCARD_SWALLOW, "IOCTL_SMARTCARD_SWALLOW"],
  [IOCTL_SMARTCARD_READ, "IOCTL_SMARTCARD_READ"],
  [IOCTL_SMARTCARD_WRITE, "IOCTL_SMARTCARD_WRITE"],
  [IOCTL_SMARTCARD_IS_PRESENT, "IOCTL_SMARTCARD_IS_PRESENT"],
  [IOCTL_SMARTCARD_IS_ABSENT, "IOCTL_SMARTCARD_IS_ABSENT"],
  [IOCTL_SMARTCARD_SET_PROTOCOL, "IOCTL_SMARTCARD_SET_PROTOCOL"],
  [IOCTL_SMARTCARD_GET_STATE, "IOCTL_SMARTCARD_GET_STATE"],
  [IOCTL_SMARTCARD_GET_LAST_ERROR, "IOCTL_SMARTCARD_GET_LAST_ERROR"],
  [IOCTL_SMARTCARD_GET_PERF_CNTR, "IOCTL_SMARTCARD_GET_PERF_CNTR"],
  [CM_IOCTL_GET_FEATURE_REQUEST, "CM_IOCTL_GET_FEATURE_REQUEST"],
  [IOCTL_SMCLIB_SEND_DEBUG_REQUEST, "IOCTL_SMCLIB_SEND_DEBUG_REQUEST"],
  [IOCTL_SMCLIB_PROCESS_T1_REQUEST, "IOCTL_SMCLIB_PROCESS_T1_REQUEST"],
  [IOCTL_SMCLIB_GET_T1_REQUEST, "IOCTL_SMCLIB_GET_T1_REQUEST"],
  [IOCTL_SMCLIB_GET_T1_REPLY, "IOCTL_SMCLIB_GET_T1_REPLY"],
  [IOCTL_SMCLIB_PROCESS_T1_REPLY, "IOCTL_SMCLIB_PROCESS_T1_REPLY"],
  [IOCTL_SMCLIB_IGNORE_T1_REPLY, "IOCTL_SMCLIB_IGNORE_T1_REPLY"],
  [IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL, "IOCTL_SMCLIB_NOTIFY_DEVICE_REMOVAL"],
]);

/** The symbol of a control code, or its value as `0x00312004` when it has none here. */
export function ioctlName(code: number): string {
  return NAMES.get(code >>> 0) ??
    hex32(code);
}
