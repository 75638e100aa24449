/**
 * C-APDUs and R-APDUs in words.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { parseCommand } from "./apdu_reading.ts";
import { describeStatus } from "./status_words.ts";

/** Instructions of ISO/IEC 7816-4 and -9; those with an odd twin share its name. */
const INSTRUCTIONS: Readonly<Record<number, string>> = {
  0x04: "DEACTIVATE FILE",
  0x0c: "ERASE RECORD",
  0x0e: "ERASE BINARY",
  0x10: "PERFORM SCQL OPERATION",
  0x20: "VERIFY",
  0x22: "MANAGE SECURITY ENVIRONMENT",
  0x24: "CHANGE REFERENCE DATA",
  0x26: "DISABLE VERIFICATION REQUIREMENT",
  0x28: "ENABLE VERIFICATION REQUIREMENT",
  0x2a: "PERFORM SECURITY OPERATION",
  0x2c: "RESET RETRY COUNTER",
  0x44: "ACTIVATE FILE",
  0x46: "GENERATE ASYMMETRIC KEY PAIR",
  0x70: "MANAGE CHANNEL",
  0x82: "EXTERNAL AUTHENTICATE",
  0x84: "GET CHALLENGE",
  0x86: "GENERAL AUTHENTICATE",
  0x88: "INTERNAL AUTHENTICATE",
  0xa0: "SEARCH BINARY",
  0xa2: "SEARCH RECORD",
  0xa4: "SELECT",
  0xb0: "READ BINARY",
  0xb2: "READ RECORD",
  0xc0: "GET RESPONSE",
  0xc2: "ENVELOPE",
  0xca: "GET DATA",
  0xd0: "WRITE BINARY",
  0xd2: "WRITE RECORD",
  0xd6: "UPDATE BINARY",
  0xda: "PUT DATA",
  0xdc: "UPDATE RECORD",
  0xe0: "CREATE FILE",
  0xe2: "APPEND RECORD",
  0xe4: "DELETE FILE",
  0xe6: "TERMINATE DF",
  0xe8: "TERMINATE EF",
  0xfe: "TERMINATE CARD USAGE",
};

function byteHex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Name of an instruction, or `INS 12`. */
function instructionName(ins: number): string {
  return INSTRUCTIONS[ins] ?? INSTRUCTIONS[ins & 0xfe] ?? `INS ${byteHex(ins)}`;
}

/** CLA where it is not 00: chaining, secure messaging and channel of the interindustry classes (ISO/IEC 7816-4 5.4.1). */
function describeClass(cla: number): string {
  if (cla === 0) return "";
  if (cla >= 0x80) return ` CLA ${byteHex(cla)}`;
  const isFurther = (cla & 0x40) !== 0;
  const channel = isFurther ? 4 + (cla & 0x0f) : cla & 3;
  const isSecure = (isFurther ? cla & 0x20 : cla & 0x0c) !== 0;
  return [
    channel === 0 ? "" : ` channel ${channel}`,
    isSecure ? " secure messaging" : "",
    (cla & 0x10) === 0 ? "" : " chained",
  ].join("");
}

/** Name and parameters of a header of four bytes or more: `READ BINARY 81-00`. */
export function describeHeader(bytes: Uint8Array): string {
  const [cla, ins, p1, p2] = bytes;
  const name = `${instructionName(ins)}${describeClass(cla)}`;
  return `${name} ${byteHex(p1)}-${byteHex(p2)}`;
}

/** A C-APDU in words: `SELECT 04-0C, Lc 6`. */
export function describeCommand(bytes: Uint8Array): string {
  if (bytes.length < 4) return `malformed command of ${bytes.length} bytes`;
  const form = parseCommand(bytes);
  const header = describeHeader(bytes);
  if (form === null) return `${header}, malformed`;
  const { nc, ne, isExtended } = form;
  return [
    header,
    nc === 0 ? "" : `, Lc ${nc}`,
    ne === 0 ? "" : `, Le ${ne}`,
    isExtended ? ", extended" : "",
  ].join("");
}

/** An R-APDU in words: `6 bytes, SW 9000: done`. */
export function describeResponse(bytes: Uint8Array): string {
  if (bytes.length < 2) return `malformed answer of ${bytes.length} bytes`;
  const sw = bytes.subarray(-2);
  const data = bytes.length === 2 ? "" : `${bytes.length - 2} bytes, `;
  return `${data}SW ${toHex(sw)}: ${describeStatus(sw)}`;
}
