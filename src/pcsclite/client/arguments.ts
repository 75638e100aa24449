/**
 * Arguments that are checked before the service sees them, so that its codes mean one thing.
 *
 * @module
 */

import {
  MAX_COMMAND_BYTES,
  MIN_COMMAND_BYTES,
  SCARD_EJECT_CARD,
  SCARD_SHARE_DIRECT,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
  type ShareMode,
} from "../../resource_manager/mod.ts";
import {
  MAX_ATTRIBUTE_BYTES,
  MAX_READER_NAME_BYTES,
  windowsControlCode,
  wireControlCodeOf,
} from "../wire/mod.ts";
import { failure } from "./errors.ts";

const SHARE_MODES: ReadonlyMap<ShareMode, number> = new Map([
  ["exclusive", SCARD_SHARE_EXCLUSIVE],
  ["shared", SCARD_SHARE_SHARED],
  ["direct", SCARD_SHARE_DIRECT],
]);

/** First control code of vendors; those below are requests of Windows to its drivers. */
const FIRST_VENDOR_FUNCTION = 2048;

/**
 * SCARD_SHARE_*.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE
 */
export function shareModeNumber(mode: ShareMode, attempt: string): number {
  const number = SHARE_MODES.get(mode);
  if (number !== undefined) return number;
  const found = `share mode ${JSON.stringify(mode)}`;
  const expected = `"shared", "exclusive" or "direct"`;
  throw failure("SCARD_E_INVALID_VALUE", attempt, found, expected);
}

/**
 * SCARD_LEAVE_CARD and what follows it.
 *
 * @param last the highest that is allowed
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE
 */
export function assertDisposition(
  disposition: number,
  attempt: string,
  last: number = SCARD_EJECT_CARD,
): void {
  if (
    Number.isInteger(disposition) && disposition >= 0 && disposition <= last
  ) return;
  const found = `disposition ${disposition}`;
  throw failure("SCARD_E_INVALID_VALUE", attempt, found, `0 to ${last}`);
}

/**
 * A name that fits the wire.
 *
 * @throws {ResourceManagerError} SCARD_E_UNKNOWN_READER: no reader can have such a name
 */
export function assertReaderName(name: string, attempt: string): void {
  const { length } = new TextEncoder().encode(name);
  const isName = length > 0 && length < MAX_READER_NAME_BYTES &&
    !name.includes("\0");
  if (isName) return;
  const found = `the name has ${length} bytes, or a NUL`;
  const expected = `1 to ${MAX_READER_NAME_BYTES - 1} without NUL`;
  throw failure("SCARD_E_UNKNOWN_READER", attempt, found, expected);
}

/**
 * An APDU is one by its length.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function assertCommand(bytes: number, attempt: string): void {
  if (bytes >= MIN_COMMAND_BYTES && bytes <= MAX_COMMAND_BYTES) return;
  const found = `the APDU has ${bytes} bytes`;
  const expected = `${MIN_COMMAND_BYTES} to ${MAX_COMMAND_BYTES}`;
  throw failure("SCARD_E_INVALID_PARAMETER", attempt, found, expected);
}

/**
 * Bytes fit a field or payload.
 *
 * @throws {ResourceManagerError} SCARD_E_INSUFFICIENT_BUFFER
 */
export function assertRoom(
  bytes: number,
  attempt: string,
  most: number = MAX_ATTRIBUTE_BYTES,
): void {
  if (bytes <= most) return;
  const found = `${bytes} bytes`;
  throw failure(
    "SCARD_E_INSUFFICIENT_BUFFER",
    attempt,
    found,
    `${most} at most`,
  );
}

/**
 * A control code for drivers of pcsc-lite: vendors' codes and CM_IOCTL_GET_FEATURE_REQUEST
 * are translated from the form of Windows. Requests of Windows to its own drivers are not:
 * their numbers mean other things here.
 */
export function driverControlCode(code: number): number {
  return code >= windowsControlCode(FIRST_VENDOR_FUNCTION)
    ? wireControlCodeOf(code)
    : code;
}
