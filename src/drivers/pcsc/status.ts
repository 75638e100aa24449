/**
 * What a return code of the service means to the driver library. Rule for whoever edits
 * the tables: a code is a row; a missing row is STATUS_UNSUCCESSFUL.
 *
 * @module
 */

import {
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INTERNAL_ERROR,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_IO_DEVICE_ERROR,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
  STATUS_UNSUCCESSFUL,
} from "../../smclib/mod.ts";
import { PcscCode } from "./codes.ts";

/** What the service was asked for. */
export type PcscOperation = "power" | "protocol" | "transmit" | "control";

/** What a code says about the card, beside the request that it ended. */
export type PcscEffect = "none" | "removed" | "reset";

type StatusTable = ReadonlyMap<number, number>;

const ANY_OPERATION: StatusTable = new Map<number, number>([
  [PcscCode.S_SUCCESS, STATUS_SUCCESS],
  [PcscCode.F_INTERNAL_ERROR, STATUS_INTERNAL_ERROR],
  [PcscCode.E_CANCELLED, STATUS_CANCELLED],
  [PcscCode.E_SYSTEM_CANCELLED, STATUS_CANCELLED],
  [PcscCode.E_INVALID_PARAMETER, STATUS_INVALID_PARAMETER],
  [PcscCode.E_NO_MEMORY, STATUS_INSUFFICIENT_RESOURCES],
  [PcscCode.E_INSUFFICIENT_BUFFER, STATUS_BUFFER_TOO_SMALL],
  [PcscCode.F_WAITED_TOO_LONG, STATUS_IO_TIMEOUT],
  // The driver's own deadline.
  [PcscCode.E_TIMEOUT, STATUS_IO_TIMEOUT],
  // Somebody else has the reader, and will give it back.
  [PcscCode.E_SHARING_VIOLATION, STATUS_DEVICE_BUSY],
  [PcscCode.E_NOT_READY, STATUS_DEVICE_BUSY],
  [PcscCode.E_NO_SMARTCARD, STATUS_NO_MEDIA],
  [PcscCode.W_REMOVED_CARD, STATUS_NO_MEDIA],
  // The session has ended, the card is in and wants a reset (contract 8.0).
  [PcscCode.W_RESET_CARD, STATUS_INVALID_DEVICE_STATE],
  [PcscCode.E_PROTO_MISMATCH, STATUS_INVALID_DEVICE_STATE],
  [PcscCode.W_UNPOWERED_CARD, STATUS_INVALID_DEVICE_STATE],
  [PcscCode.W_UNRESPONSIVE_CARD, STATUS_IO_TIMEOUT],
  [PcscCode.W_UNSUPPORTED_CARD, STATUS_UNRECOGNIZED_MEDIA],
  [PcscCode.E_CARD_UNSUPPORTED, STATUS_UNRECOGNIZED_MEDIA],
  [PcscCode.E_INVALID_ATR, STATUS_UNRECOGNIZED_MEDIA],
  // pcsc-lite's answer to every failure of a reader's driver that has no better code.
  [PcscCode.E_NOT_TRANSACTED, STATUS_IO_DEVICE_ERROR],
  [PcscCode.E_UNEXPECTED, STATUS_NOT_SUPPORTED],
  [PcscCode.E_UNSUPPORTED_FEATURE, STATUS_NOT_SUPPORTED],
  [PcscCode.E_READER_UNSUPPORTED, STATUS_NOT_SUPPORTED],
  // The reader has left: so pcsc-lite calls a connection of a reader that is no more.
  [PcscCode.E_UNKNOWN_READER, STATUS_DEVICE_REMOVED],
  [PcscCode.E_READER_UNAVAILABLE, STATUS_DEVICE_REMOVED],
  [PcscCode.E_INVALID_VALUE, STATUS_DEVICE_REMOVED],
  // The service has left; a handle that was good before is one of a service before.
  [PcscCode.E_INVALID_HANDLE, STATUS_DEVICE_REMOVED],
  [PcscCode.E_NO_SERVICE, STATUS_DEVICE_REMOVED],
  [PcscCode.E_SERVICE_STOPPED, STATUS_DEVICE_REMOVED],
  [PcscCode.F_COMM_ERROR, STATUS_DEVICE_REMOVED],
  [PcscCode.P_SHUTDOWN, STATUS_DEVICE_REMOVED],
  // Polkit keeps this user away; no status of a reader says that.
  [PcscCode.W_SECURITY_VIOLATION, STATUS_UNSUCCESSFUL],
]);

const EXCEPTIONS: Readonly<Partial<Record<PcscOperation, StatusTable>>> = {
  // Connecting powers and negotiates at once: a card without a usable ATR shows in both.
  power: new Map<number, number>([
    [PcscCode.E_PROTO_MISMATCH, STATUS_UNRECOGNIZED_MEDIA],
    [PcscCode.W_UNPOWERED_CARD, STATUS_UNRECOGNIZED_MEDIA],
    [PcscCode.W_UNRESPONSIVE_CARD, STATUS_UNRECOGNIZED_MEDIA],
    [PcscCode.E_NOT_TRANSACTED, STATUS_UNRECOGNIZED_MEDIA],
  ]),
  // The card has the protocol by its ATR, but did not take part in PPS.
  protocol: new Map<number, number>([
    [PcscCode.E_PROTO_MISMATCH, STATUS_NOT_SUPPORTED],
    [PcscCode.W_UNPOWERED_CARD, STATUS_DEVICE_PROTOCOL_ERROR],
    [PcscCode.W_UNRESPONSIVE_CARD, STATUS_DEVICE_PROTOCOL_ERROR],
  ]),
  // The contract's status of a vendor code that the reader does not know (9.8).
  control: new Map<number, number>([
    [PcscCode.E_UNEXPECTED, STATUS_INVALID_DEVICE_REQUEST],
    [PcscCode.E_UNSUPPORTED_FEATURE, STATUS_INVALID_DEVICE_REQUEST],
  ]),
};

/** What a code says about the card; no row: nothing. */
const EFFECTS: ReadonlyMap<number, PcscEffect> = new Map<number, PcscEffect>([
  [PcscCode.E_NO_SMARTCARD, "removed"],
  [PcscCode.W_REMOVED_CARD, "removed"],
  [PcscCode.W_RESET_CARD, "reset"],
  [PcscCode.W_UNPOWERED_CARD, "reset"],
  [PcscCode.W_UNRESPONSIVE_CARD, "reset"],
  // Whatever was late may still happen to the card.
  [PcscCode.E_TIMEOUT, "reset"],
]);

/** The NTSTATUS for a return code that ended an operation. */
export function ntStatusOf(code: number, operation: PcscOperation): number {
  return EXCEPTIONS[operation]?.get(code) ?? ANY_OPERATION.get(code) ??
    STATUS_UNSUCCESSFUL;
}

/** What a return code says about the card: it has gone, or its session has ended. */
export function effectOf(code: number): PcscEffect {
  return EFFECTS.get(code) ?? "none";
}
