/**
 * Checks of arguments as Web IDL makes them, and the numbers behind the words.
 *
 * @module
 */

import {
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
} from "../resource_manager/mod.ts";
import type {
  SmartCardAccessMode,
  SmartCardDisposition,
  SmartCardInitialization,
  SmartCardProtocol,
} from "./types.ts";

const PROTOCOLS: Readonly<Record<SmartCardProtocol, number>> = {
  raw: SCARD_PROTOCOL_RAW,
  t0: SCARD_PROTOCOL_T0,
  t1: SCARD_PROTOCOL_T1,
};

const PROTOCOL_NAMES: ReadonlyMap<number, SmartCardProtocol> = new Map([
  [SCARD_PROTOCOL_RAW, "raw"],
  [SCARD_PROTOCOL_T0, "t0"],
  [SCARD_PROTOCOL_T1, "t1"],
]);

const DISPOSITIONS: Readonly<Record<SmartCardDisposition, number>> = {
  leave: SCARD_LEAVE_CARD,
  reset: SCARD_RESET_CARD,
  unpower: SCARD_UNPOWER_CARD,
  eject: SCARD_EJECT_CARD,
};

const INITIALIZATIONS: Readonly<Record<SmartCardInitialization, number>> = {
  leave: SCARD_LEAVE_CARD,
  reset: SCARD_RESET_CARD,
  unpower: SCARD_UNPOWER_CARD,
};

const ACCESS_MODES: Readonly<Record<SmartCardAccessMode, SmartCardAccessMode>> =
  { shared: "shared", exclusive: "exclusive", direct: "direct" };

function lookUp<T>(
  table: Readonly<Record<string, T>>,
  value: unknown,
  what: string,
): T {
  const key = String(value);
  if (Object.hasOwn(table, key)) return table[key];
  throw new TypeError(
    `Cannot take ${JSON.stringify(key)} as ${what}: expected one of ${
      Object.keys(table).join(", ")
    }`,
  );
}

/**
 * SCARD_PROTOCOL_* bit.
 *
 * @throws {TypeError} for another word
 */
export function protocolBit(value: unknown): number {
  return lookUp(PROTOCOLS, value, "protocol");
}

/**
 * SCARD_PROTOCOL_* bits of a sequence; undefined has none.
 *
 * @throws {TypeError}
 */
export function protocolMask(values: Iterable<unknown> | undefined): number {
  let mask = 0;
  for (const value of values ?? []) mask |= protocolBit(value);
  return mask >>> 0;
}

/** The word for a protocol bit; undefined unless it is exactly one that has a word. */
export function protocolName(bit: number): SmartCardProtocol | undefined {
  return PROTOCOL_NAMES.get(bit);
}

/**
 * SCARD_LEAVE_CARD ... SCARD_EJECT_CARD.
 *
 * @throws {TypeError} for another word
 */
export function dispositionNumber(value: unknown): number {
  return lookUp(DISPOSITIONS, value, "disposition");
}

/**
 * SCARD_LEAVE_CARD ... SCARD_UNPOWER_CARD.
 *
 * @throws {TypeError} for another word
 */
export function initializationNumber(value: unknown): number {
  return lookUp(INITIALIZATIONS, value, "initialization");
}

/**
 * One of the three access modes.
 *
 * @throws {TypeError} for another word
 */
export function accessMode(value: unknown): SmartCardAccessMode {
  return lookUp(ACCESS_MODES, value, "access mode");
}

/**
 * `[EnforceRange] unsigned long`.
 *
 * @throws {TypeError} outside 0 to 2^32-1
 */
export function enforceU32(value: unknown, what: string): number {
  const number = Math.trunc(Number(value));
  if (number >= 0 && number <= 0xFFFFFFFF) return number + 0;
  throw new TypeError(
    `Cannot take ${String(value)} as ${what}: expected 0 to 4294967295`,
  );
}

/**
 * `double` of a time in milliseconds; undefined is no limit.
 *
 * @throws {TypeError} when not finite
 */
export function enforceTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isFinite(number)) return Math.max(0, number);
  throw new TypeError(
    `Cannot take ${String(value)} as timeout: expected finite milliseconds`,
  );
}

/**
 * A view of a BufferSource.
 *
 * @throws {TypeError} for anything else
 */
export function bytesOf(value: unknown, what: string): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
    return value instanceof Uint8Array
      ? value
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError(
    `Cannot take a ${typeof value} as ${what}: expected an ArrayBuffer or a view of one`,
  );
}
