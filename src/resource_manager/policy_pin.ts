/**
 * PIN commands only from contexts that are named.
 *
 * @module
 */

import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_SWALLOW,
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_PROTOCOL_RAW,
} from "../smclib/mod.ts";
import type { Policy, PolicyQuestion } from "./policy.ts";

/**
 * Instructions that try, set or unblock a PIN or another secret, with or without
 * BER-TLV data (ISO/IEC 7816-4): VERIFY, CHANGE REFERENCE DATA, DISABLE and ENABLE
 * VERIFICATION REQUIREMENT, RESET RETRY COUNTER.
 */
const PIN_INSTRUCTIONS: ReadonlySet<number> = new Set([
  0x20,
  0x21,
  0x24,
  0x25,
  0x26,
  0x27,
  0x28,
  0x29,
  0x2C,
  0x2D,
]);

/** ENVELOPE carries another command, whole or in parts, as T=0 does with long ones (ISO/IEC 7816-3 12.2). */
const ENVELOPE_INSTRUCTIONS: ReadonlySet<number> = new Set([0xC2, 0xC3]);

/** The feature request as pcsc-lite writes it. */
const PCSC_LITE_FEATURE_REQUEST = 0x42000D48;

/** Codes that carry no command, or whose command is judged as one. */
const KNOWN_CODES: ReadonlySet<number> = new Set([
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_PERF_CNTR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_SWALLOW,
  IOCTL_SMARTCARD_TRANSMIT,
  PCSC_LITE_FEATURE_REQUEST,
]);

/** Options of {@linkcode pinCommandsFrom}. */
export interface PinCommandsOptions {
  /** Control codes of vendors that everybody may use, for they reach no card. */
  controlCodes?: readonly number[];
}

/**
 * Only contexts of these names may send PIN commands, whatever the class byte, chained
 * or not, as APDU or as T=0 TPDU. The others may send neither what could carry one
 * unseen: ENVELOPE, raw connections, nor control codes of vendors (a reader's own PIN
 * entry, escapes). A command that a card understands as a PIN command by a number of
 * its own is not known here.
 *
 * @param contextNames exact names
 */
export function pinCommandsFrom(
  contextNames: readonly string[],
  options: PinCommandsOptions = {},
): Policy {
  const named = new Set(contextNames);
  const codes = new Set(KNOWN_CODES);
  for (const code of options.controlCodes ?? []) codes.add(code >>> 0);
  const mayAll = ({ contextName }: PolicyQuestion) =>
    contextName !== "" && named.has(contextName);
  return {
    connect: (question) =>
      mayAll(question) || (question.protocols & SCARD_PROTOCOL_RAW) === 0 ||
      "a raw connection can carry PIN commands",
    transmit(question) {
      if (mayAll(question)) return true;
      const { ins, protocol } = question;
      if (protocol === SCARD_PROTOCOL_RAW) {
        return "raw bytes can carry PIN commands";
      }
      if (PIN_INSTRUCTIONS.has(ins)) return "a PIN command";
      return !ENVELOPE_INSTRUCTIONS.has(ins) ||
        "ENVELOPE can carry PIN commands";
    },
    control: (question) =>
      mayAll(question) || codes.has(question.code) ||
      "a vendor's code can carry PIN commands",
  };
}
