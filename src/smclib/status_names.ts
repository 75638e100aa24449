/**
 * What an NTSTATUS is called, and the Win32 error an application gets for it.
 *
 * @module
 */

import { hex32 } from "../bytes.ts";
import * as status from "./status.ts";

/** A Win32 error code with its name. */
export interface Win32Error {
  /** Name as in winerror.h, for example `ERROR_SEM_TIMEOUT`. */
  readonly name: string;
  /** Value, for example 121. */
  readonly code: number;
}

const WIN32_ERRORS: ReadonlyMap<number, Win32Error> = new Map([
  [status.STATUS_SUCCESS, { name: "ERROR_SUCCESS", code: 0 }],
  [status.STATUS_PENDING, { name: "ERROR_IO_PENDING", code: 997 }],
  [status.STATUS_BUFFER_OVERFLOW, { name: "ERROR_MORE_DATA", code: 234 }],
  [status.STATUS_DEVICE_POWERED_OFF, { name: "ERROR_NOT_READY", code: 21 }],
  [status.STATUS_DEVICE_BUSY, { name: "ERROR_BUSY", code: 170 }],
  [status.STATUS_UNSUCCESSFUL, { name: "ERROR_GEN_FAILURE", code: 31 }],
  [status.STATUS_INVALID_PARAMETER, {
    name: "ERROR_INVALID_PARAMETER",
    code: 87,
  }],
  [status.STATUS_INVALID_DEVICE_REQUEST, {
    name: "ERROR_INVALID_FUNCTION",
    code: 1,
  }],
  [status.STATUS_UNRECOGNIZED_MEDIA, {
    name: "ERROR_UNRECOGNIZED_MEDIA",
    code: 1785,
  }],
  [status.STATUS_MORE_PROCESSING_REQUIRED, {
    name: "ERROR_MORE_DATA",
    code: 234,
  }],
  [status.STATUS_BUFFER_TOO_SMALL, {
    name: "ERROR_INSUFFICIENT_BUFFER",
    code: 122,
  }],
  [status.STATUS_CRC_ERROR, { name: "ERROR_CRC", code: 23 }],
  [status.STATUS_DELETE_PENDING, { name: "ERROR_ACCESS_DENIED", code: 5 }],
  [status.STATUS_INSUFFICIENT_RESOURCES, {
    name: "ERROR_NO_SYSTEM_RESOURCES",
    code: 1450,
  }],
  [status.STATUS_DEVICE_POWER_FAILURE, { name: "ERROR_NOT_READY", code: 21 }],
  [status.STATUS_IO_TIMEOUT, { name: "ERROR_SEM_TIMEOUT", code: 121 }],
  [status.STATUS_NOT_SUPPORTED, { name: "ERROR_NOT_SUPPORTED", code: 50 }],
  [status.STATUS_INTERNAL_ERROR, { name: "ERROR_INTERNAL_ERROR", code: 1359 }],
  [status.STATUS_INVALID_PARAMETER_1, {
    name: "ERROR_INVALID_PARAMETER",
    code: 87,
  }],
  [status.STATUS_INVALID_PARAMETER_2, {
    name: "ERROR_INVALID_PARAMETER",
    code: 87,
  }],
  [status.STATUS_CANCELLED, { name: "ERROR_OPERATION_ABORTED", code: 995 }],
  [status.STATUS_NO_MEDIA, { name: "ERROR_NO_MEDIA_IN_DRIVE", code: 1112 }],
  [status.STATUS_INVALID_DEVICE_STATE, { name: "ERROR_BAD_COMMAND", code: 22 }],
  [status.STATUS_IO_DEVICE_ERROR, { name: "ERROR_IO_DEVICE", code: 1117 }],
  [status.STATUS_DEVICE_PROTOCOL_ERROR, {
    name: "ERROR_IO_DEVICE",
    code: 1117,
  }],
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(status).map(([name, code]) => [code, name]),
);

/** NT_SUCCESS: whether the status lies in 0x00000000-0x7FFFFFFF. */
export function ntSuccess(code: number): boolean {
  return code >>> 0 <= 0x7FFFFFFF;
}

/** The symbol of an NTSTATUS, or its value as `0xC0001234` when it has none here. */
export function statusName(code: number): string {
  return NAMES.get(code >>> 0) ??
    hex32(code);
}

/**
 * The Win32 error that an application sees for an NTSTATUS.
 *
 * @returns null where none is known (`STATUS_TIMEOUT`, `STATUS_DEVICE_REMOVED`, foreign codes)
 */
export function win32Error(code: number): Win32Error | null {
  return WIN32_ERRORS.get(code >>> 0) ?? null;
}
