/**
 * What the answer of a reader device means to an application.
 *
 * @module
 */

import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_BUFFER_TOO_SMALL,
  STATUS_CANCELLED,
  STATUS_CRC_ERROR,
  STATUS_DELETE_PENDING,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_POWER_FAILURE,
  STATUS_DEVICE_POWERED_OFF,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INTERNAL_ERROR,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_IO_DEVICE_ERROR,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_UNRECOGNIZED_MEDIA,
  statusName,
} from "../smclib/mod.ts";
import { ResourceManagerError } from "./errors.ts";
import type { ScardName } from "./scard_codes.ts";

/** What the device was asked for. */
export type DeviceOperation =
  | "power"
  | "protocol"
  | "transmit"
  | "control"
  | "attribute"
  | "state";

type StatusTable = ReadonlyMap<number, ScardName>;

const ANY_OPERATION: StatusTable = new Map<number, ScardName>([
  [STATUS_NO_MEDIA, "SCARD_E_NO_SMARTCARD"],
  [STATUS_IO_TIMEOUT, "SCARD_W_UNRESPONSIVE_CARD"],
  [STATUS_UNRECOGNIZED_MEDIA, "SCARD_W_UNSUPPORTED_CARD"],
  [STATUS_DEVICE_PROTOCOL_ERROR, "SCARD_F_COMM_ERROR"],
  [STATUS_IO_DEVICE_ERROR, "SCARD_F_COMM_ERROR"],
  [STATUS_CRC_ERROR, "SCARD_F_COMM_ERROR"],
  [STATUS_DEVICE_REMOVED, "SCARD_E_READER_UNAVAILABLE"],
  [STATUS_DELETE_PENDING, "SCARD_E_READER_UNAVAILABLE"],
  [STATUS_DEVICE_POWER_FAILURE, "SCARD_E_READER_UNAVAILABLE"],
  [STATUS_DEVICE_POWERED_OFF, "SCARD_E_READER_UNAVAILABLE"],
  [STATUS_DEVICE_BUSY, "SCARD_E_NOT_READY"],
  [STATUS_INVALID_DEVICE_STATE, "SCARD_E_NOT_READY"],
  [STATUS_NOT_SUPPORTED, "SCARD_E_UNSUPPORTED_FEATURE"],
  [STATUS_INVALID_DEVICE_REQUEST, "SCARD_E_UNSUPPORTED_FEATURE"],
  [STATUS_INVALID_PARAMETER, "SCARD_E_INVALID_PARAMETER"],
  [STATUS_INVALID_PARAMETER_1, "SCARD_E_INVALID_PARAMETER"],
  [STATUS_INVALID_PARAMETER_2, "SCARD_E_INVALID_PARAMETER"],
  [STATUS_BUFFER_TOO_SMALL, "SCARD_E_INSUFFICIENT_BUFFER"],
  [STATUS_BUFFER_OVERFLOW, "SCARD_E_INSUFFICIENT_BUFFER"],
  [STATUS_INSUFFICIENT_RESOURCES, "SCARD_E_NO_MEMORY"],
  [STATUS_INTERNAL_ERROR, "SCARD_F_INTERNAL_ERROR"],
  [STATUS_CANCELLED, "SCARD_E_CANCELLED"],
]);

const EXCEPTIONS: Readonly<Partial<Record<DeviceOperation, StatusTable>>> = {
  // A card without a usable ATR and a mute card are the same to an application.
  power: new Map<number, ScardName>([
    [STATUS_UNRECOGNIZED_MEDIA, "SCARD_W_UNRESPONSIVE_CARD"],
    [STATUS_DEVICE_PROTOCOL_ERROR, "SCARD_W_UNRESPONSIVE_CARD"],
  ]),
  protocol: new Map<number, ScardName>([
    [STATUS_NOT_SUPPORTED, "SCARD_E_PROTO_MISMATCH"],
    [STATUS_INVALID_DEVICE_REQUEST, "SCARD_E_PROTO_MISMATCH"],
    [STATUS_INVALID_DEVICE_STATE, "SCARD_E_PROTO_MISMATCH"],
    [STATUS_DEVICE_PROTOCOL_ERROR, "SCARD_W_UNRESPONSIVE_CARD"],
  ]),
};

/** The SCARD_* code for an NTSTATUS that ended an operation. */
export function scardNameOfStatus(
  status: number,
  operation: DeviceOperation,
): ScardName {
  return EXCEPTIONS[operation]?.get(status) ?? ANY_OPERATION.get(status) ??
    "SCARD_F_UNKNOWN_ERROR";
}

/**
 * The error for an NTSTATUS.
 *
 * @param attempt what was attempted, for example `reset the card in "Reader 0"`
 * @param cause what the device threw, if it threw
 */
export function deviceError(
  status: number,
  operation: DeviceOperation,
  attempt: string,
  cause?: unknown,
): ResourceManagerError {
  return new ResourceManagerError(
    scardNameOfStatus(status, operation),
    `Cannot ${attempt}: the reader answered ${
      statusName(status)
    }, expected STATUS_SUCCESS`,
    { status, cause },
  );
}
