/**
 * The words of the Web Smart Card API, and the numbers of PC/SC behind them.
 *
 * @module
 */

import {
  SCARD_ABSENT,
  SCARD_EJECT_CARD,
  SCARD_LEAVE_CARD,
  SCARD_NEGOTIABLE,
  SCARD_POWERED,
  SCARD_PRESENT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_RESET_CARD,
  SCARD_SPECIFIC,
  SCARD_SWALLOWED,
  SCARD_UNPOWER_CARD,
} from "../resource_manager/mod.ts";
import type {
  SmartCardAccessMode,
  SmartCardConnectionState,
  SmartCardDisposition,
  SmartCardInitialization,
  SmartCardProtocol,
} from "./types.ts";
import { enumeration } from "./web_idl.ts";

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

const STATE_NAMES: ReadonlyMap<number, SmartCardConnectionState> = new Map([
  [SCARD_ABSENT, "absent"],
  [SCARD_PRESENT, "present"],
  [SCARD_SWALLOWED, "swallowed"],
  [SCARD_POWERED, "powered"],
  [SCARD_NEGOTIABLE, "negotiable"],
]);

/**
 * SCARD_PROTOCOL_* bit.
 *
 * @throws {TypeError} for another word
 */
export function protocolBit(value: unknown): number {
  return enumeration(PROTOCOLS, value, "protocol");
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
  return enumeration(DISPOSITIONS, value, "disposition");
}

/**
 * SCARD_LEAVE_CARD ... SCARD_UNPOWER_CARD.
 *
 * @throws {TypeError} for another word
 */
export function initializationNumber(value: unknown): number {
  return enumeration(INITIALIZATIONS, value, "initialization");
}

/**
 * One of the three access modes.
 *
 * @throws {TypeError} for another word
 */
export function accessMode(value: unknown): SmartCardAccessMode {
  return enumeration(ACCESS_MODES, value, "access mode");
}

/**
 * The word for a card state; undefined when nothing fits.
 *
 * @param state SCARD_ABSENT ... SCARD_SPECIFIC
 * @param protocol SCARD_PROTOCOL_* bit, meaningful in SCARD_SPECIFIC
 */
export function connectionStateName(
  state: number,
  protocol: number,
): SmartCardConnectionState | undefined {
  return state === SCARD_SPECIFIC
    ? protocolName(protocol)
    : STATE_NAMES.get(state);
}
