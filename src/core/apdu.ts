/**
 * Command APDUs (ISO/IEC 7816-3 12.1).
 *
 * @module
 */

import {
  APDU_W_DATA,
  APDU_W_NC,
  APDU_W_NE,
  RESULT,
} from "../../core-as/abi.ts";
import { toScratch } from "./edc.ts";
import { type Core, sharedCore } from "./instance.ts";

/** Case of an APDU: S short, E extended lengths. */
export type ApduCase = "1" | "2S" | "3S" | "4S" | "2E" | "3E" | "4E";

const CASES: readonly ApduCase[] = ["1", "2S", "3S", "4S", "2E", "3E", "4E"];

/** A command APDU, taken apart. */
export interface Apdu {
  /** Which fields there are. */
  case: ApduCase;
  /** Class byte. */
  cla: number;
  /** Instruction byte. */
  ins: number;
  /** First parameter. */
  p1: number;
  /** Second parameter. */
  p2: number;
  /** Length of the command data in bytes, 0 to 65 535. */
  nc: number;
  /** Maximum length of the response data in bytes, 0 to 65 536. */
  ne: number;
  /** Where the command data begin. */
  dataOffset: number;
}

/**
 * Takes a command APDU apart.
 *
 * @throws {RangeError} when the bytes are none of the seven cases
 */
export function parseApdu(
  bytes: Uint8Array,
  core: Core = sharedCore(),
): Apdu {
  toScratch(core, bytes, "APDU");
  const kind = core.exports.apdu_parse(bytes.length);
  if (kind === 0) {
    throw new RangeError(
      bytes.length < 4
        ? `Cannot parse APDU: ${bytes.length} bytes found, expected at least 4`
        : `Cannot parse APDU: ${bytes.length} bytes found, which fit neither Lc nor Le`,
    );
  }
  const result = RESULT >> 2;
  return {
    case: CASES[kind - 1],
    cla: bytes[0],
    ins: bytes[1],
    p1: bytes[2],
    p2: bytes[3],
    nc: core.words[result + APDU_W_NC],
    ne: core.words[result + APDU_W_NE],
    dataOffset: core.words[result + APDU_W_DATA],
  };
}
