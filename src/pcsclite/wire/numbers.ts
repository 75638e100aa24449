/**
 * Where pcsc-lite's numbers differ from those of Windows, which the resource manager
 * and everything below it use.
 *
 * @module
 */

import {
  SCARD_CODES,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_Tx,
  type ScardName,
  scardName,
} from "../../resource_manager/mod.ts";

/** SCARD_PROTOCOL_RAW as pcsc-lite has it. */
export const WIRE_PROTOCOL_RAW = 0x0004;
/** Any protocol (SCARD_PROTOCOL_ANY_OLD); in the header of an answer: none is wanted. */
export const WIRE_PROTOCOL_ANY_OLD = 0x1000;
/** SCARD_E_UNSUPPORTED_FEATURE as pcsc-lite has it: the number of SCARD_E_UNEXPECTED. */
export const WIRE_UNSUPPORTED_FEATURE: number = SCARD_CODES.SCARD_E_UNEXPECTED;

/** The wire's number of a code. */
export function wireCode(name: ScardName): number {
  return name === "SCARD_E_UNSUPPORTED_FEATURE"
    ? WIRE_UNSUPPORTED_FEATURE
    : SCARD_CODES[name];
}

/** The code of a number of the wire; SCARD_F_UNKNOWN_ERROR when it is none. */
export function scardNameOfWire(rv: number): ScardName {
  return rv === WIRE_UNSUPPORTED_FEATURE
    ? "SCARD_E_UNSUPPORTED_FEATURE"
    : scardName(rv) ?? "SCARD_F_UNKNOWN_ERROR";
}

/** A mask of protocols as the resource manager has it, as the wire has it. */
export function wireProtocols(mask: number): number {
  const raw = (mask & SCARD_PROTOCOL_RAW) === 0 ? 0 : WIRE_PROTOCOL_RAW;
  return (mask & SCARD_PROTOCOL_Tx) | raw;
}

/** A mask of the wire as the resource manager has it; bits that neither knows are dropped. */
export function protocolsOfWire(mask: number): number {
  const raw = (mask & WIRE_PROTOCOL_RAW) === 0 ? 0 : SCARD_PROTOCOL_RAW;
  return (mask & SCARD_PROTOCOL_Tx) | raw;
}

const WIRE_CONTROL_CODES = 0x4200_0000;
const WINDOWS_CONTROL_CODES = 0x0031_0000;
// Below, the two number different functions.
const FIRST_VENDOR_FUNCTION = 2048;
const LAST_VENDOR_FUNCTION = 4095;

/** SCARD_CTL_CODE(n) of pcsc-lite. */
export function wireControlCode(n: number): number {
  return WIRE_CONTROL_CODES + n;
}

/** SCARD_CTL_CODE(n) of Windows. */
export function windowsControlCode(n: number): number {
  return WINDOWS_CONTROL_CODES + n * 4;
}

/** The wire's form of a vendor's control code of Windows; others stay as they are. */
export function wireControlCodeOf(code: number): number {
  const n = (code - WINDOWS_CONTROL_CODES) / 4;
  return Number.isInteger(n) && isVendorFunction(n) ? wireControlCode(n) : code;
}

/** The form of Windows of a vendor's control code of the wire; others stay as they are. */
export function windowsControlCodeOf(code: number): number {
  const n = code - WIRE_CONTROL_CODES;
  return isVendorFunction(n) ? windowsControlCode(n) : code;
}

function isVendorFunction(n: number): boolean {
  return n >= FIRST_VENDOR_FUNCTION && n <= LAST_VENDOR_FUNCTION;
}

/** The n of CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10). */
export const FEATURE_REQUEST = 3400;
