/**
 * Numbers of the PC/SC service: return codes, share modes, dispositions and reader flags
 * (winscard.h and pcsclite.h agree on all of them).
 *
 * @module
 */

import { hex32 } from "../../bytes.ts";

/** Return codes, unsigned, by their names without `SCARD_`. */
export const PcscCode = {
  S_SUCCESS: 0x00000000,
  F_INTERNAL_ERROR: 0x80100001,
  E_CANCELLED: 0x80100002,
  E_INVALID_HANDLE: 0x80100003,
  E_INVALID_PARAMETER: 0x80100004,
  E_NO_MEMORY: 0x80100006,
  F_WAITED_TOO_LONG: 0x80100007,
  E_INSUFFICIENT_BUFFER: 0x80100008,
  E_UNKNOWN_READER: 0x80100009,
  E_TIMEOUT: 0x8010000A,
  E_SHARING_VIOLATION: 0x8010000B,
  E_NO_SMARTCARD: 0x8010000C,
  E_PROTO_MISMATCH: 0x8010000F,
  E_NOT_READY: 0x80100010,
  E_INVALID_VALUE: 0x80100011,
  E_SYSTEM_CANCELLED: 0x80100012,
  F_COMM_ERROR: 0x80100013,
  F_UNKNOWN_ERROR: 0x80100014,
  E_INVALID_ATR: 0x80100015,
  E_NOT_TRANSACTED: 0x80100016,
  E_READER_UNAVAILABLE: 0x80100017,
  P_SHUTDOWN: 0x80100018,
  E_READER_UNSUPPORTED: 0x8010001A,
  E_CARD_UNSUPPORTED: 0x8010001C,
  E_NO_SERVICE: 0x8010001D,
  E_SERVICE_STOPPED: 0x8010001E,
  /** pcsc-lite's number of an unsupported feature; Windows calls it E_UNEXPECTED. */
  E_UNEXPECTED: 0x8010001F,
  /** Windows' number of an unsupported feature. */
  E_UNSUPPORTED_FEATURE: 0x80100022,
  E_NO_READERS_AVAILABLE: 0x8010002E,
  W_UNSUPPORTED_CARD: 0x80100065,
  W_UNRESPONSIVE_CARD: 0x80100066,
  W_UNPOWERED_CARD: 0x80100067,
  W_RESET_CARD: 0x80100068,
  W_REMOVED_CARD: 0x80100069,
  W_SECURITY_VIOLATION: 0x8010006A,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PcscCode).map(([name, code]) => [code, `SCARD_${name}`]),
);

/** The official name of a return code, or its value as `0x80100099` when it has none here. */
export function pcscCodeName(code: number): string {
  return NAMES.get(code >>> 0) ?? hex32(code);
}

/** The service could not do what was asked of it. */
export class PcscError extends Error {
  /** The return code, unsigned. */
  readonly code: number;

  /**
   * An error with a return code.
   *
   * @param code the return code
   * @param attempt what was attempted, for example `list readers`
   * @param call the function that failed
   */
  constructor(code: number, attempt: string, call: string) {
    super(
      `Cannot ${attempt}: ${call} ended with ${
        pcscCodeName(code)
      }, expected SCARD_S_SUCCESS`,
    );
    this.name = "PcscError";
    this.code = code >>> 0;
  }
}

/** SCARD_SCOPE_SYSTEM. */
export const PCSC_SCOPE_SYSTEM = 2;

/** SCARD_SHARE_*: who else may be connected. */
export const PcscShare = { EXCLUSIVE: 1, SHARED: 2, DIRECT: 3 } as const;

/** SCARD_*_CARD: what becomes of the card at the end, or at the beginning, of a connection. */
export const PcscDisposition = {
  LEAVE: 0,
  /** Warm reset. */
  RESET: 1,
  /** Off; by SCardReconnect also on again, a cold reset. */
  UNPOWER: 2,
  EJECT: 3,
} as const;

/** SCARD_STATE_*: the low word of what SCardGetStatusChange tells; the high word counts insertions and removals. */
export const PcscState = {
  UNAWARE: 0x0000,
  CHANGED: 0x0002,
  UNKNOWN: 0x0004,
  UNAVAILABLE: 0x0008,
  EMPTY: 0x0010,
  PRESENT: 0x0020,
  EXCLUSIVE: 0x0080,
  INUSE: 0x0100,
} as const;

/** Pseudo reader of SCardGetStatusChange that changes when a reader arrives or leaves. */
export const PCSC_PNP_NOTIFICATION = "\\\\?PnP?\\Notification";

/** Longest command and longest answer that pcsc-lite carries, in bytes (MAX_BUFFER_SIZE_EXTENDED). */
export const PCSC_MAXIMUM_BYTES = 65548;
