/**
 * Status words: what ISO/IEC 7816-4 5.6 says, and which return code of PC/SC that is.
 *
 * @module
 */

import type { ScardName } from "../resource_manager/mod.ts";

interface Meaning {
  readonly text: string;
  readonly scardName?: ScardName;
}

/** By SW1 SW2. */
const EXACT: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [0x9000, { text: "normal processing", scardName: "SCARD_S_SUCCESS" }],
  [0x6281, { text: "part of the returned data may be corrupted" }],
  [0x6282, {
    text: "end of file or record reached before Ne bytes",
    scardName: "SCARD_W_EOF",
  }],
  [0x6283, { text: "selected file deactivated" }],
  [0x6284, { text: "file control information not well formatted" }],
  [0x6285, { text: "selected file in termination state" }],
  [0x6286, { text: "no input data from a sensor on the card" }],
  [0x6381, { text: "file filled up by the last write" }],
  [0x6401, { text: "immediate response required by the card" }],
  [0x6581, { text: "memory failure" }],
  [0x6881, { text: "logical channel not supported" }],
  [0x6882, { text: "secure messaging not supported" }],
  [0x6883, { text: "last command of the chain expected" }],
  [0x6884, { text: "command chaining not supported" }],
  [0x6981, { text: "command incompatible with file structure" }],
  [0x6982, {
    text: "security status not satisfied",
    scardName: "SCARD_W_SECURITY_VIOLATION",
  }],
  [0x6983, {
    text: "authentication method blocked",
    scardName: "SCARD_W_CHV_BLOCKED",
  }],
  [0x6984, { text: "reference data not usable" }],
  [0x6985, { text: "conditions of use not satisfied" }],
  [0x6986, { text: "command not allowed, no current EF" }],
  [0x6987, { text: "expected secure messaging data objects missing" }],
  [0x6988, { text: "incorrect secure messaging data objects" }],
  [0x6a80, { text: "incorrect parameters in the command data" }],
  [0x6a81, {
    text: "function not supported",
    scardName: "SCARD_E_UNSUPPORTED_FEATURE",
  }],
  [0x6a82, {
    text: "file or application not found",
    scardName: "SCARD_E_FILE_NOT_FOUND",
  }],
  [0x6a83, { text: "record not found", scardName: "SCARD_E_BAD_SEEK" }],
  [0x6a84, {
    text: "not enough memory space in the file",
    scardName: "SCARD_E_WRITE_TOO_MANY",
  }],
  [0x6a85, { text: "Nc inconsistent with TLV structure" }],
  [0x6a86, { text: "incorrect parameters P1-P2" }],
  [0x6a87, { text: "Nc inconsistent with parameters P1-P2" }],
  [0x6a88, { text: "referenced data or reference data not found" }],
  [0x6a89, { text: "file already exists" }],
  [0x6a8a, { text: "DF name already exists" }],
]);

/** By SW1, where SW1 SW2 has no line of its own. */
const GENERAL: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [0x61, { text: "normal processing, more data available" }],
  [0x62, { text: "warning, non-volatile memory unchanged" }],
  [0x63, { text: "warning, non-volatile memory may have changed" }],
  [0x64, { text: "execution error, non-volatile memory unchanged" }],
  [0x65, { text: "execution error, non-volatile memory may have changed" }],
  [0x66, { text: "security-related issue" }],
  [0x67, { text: "wrong length" }],
  [0x68, { text: "function in CLA not supported" }],
  [0x69, { text: "command not allowed" }],
  [0x6a, { text: "wrong parameters P1-P2" }],
  [0x6b, { text: "wrong parameters P1-P2", scardName: "SCARD_E_BAD_SEEK" }],
  [0x6c, { text: "wrong Le field" }],
  [0x6d, {
    text: "instruction code not supported or invalid",
    scardName: "SCARD_E_UNSUPPORTED_FEATURE",
  }],
  [0x6e, { text: "class not supported" }],
  [0x6f, { text: "no precise diagnosis" }],
]);

function meaning(sw: number): Meaning | undefined {
  const retries = retriesLeft(sw);
  if (retries !== undefined) {
    const text = `verification failed, ${retries} further ${
      retries === 1 ? "try" : "tries"
    } allowed`;
    return { text, scardName: "SCARD_W_WRONG_CHV" };
  }
  return EXACT.get(sw) ?? GENERAL.get(sw >> 8);
}

/** What a status word means; `unknown status` beyond ISO/IEC 7816-4. @param sw SW1 SW2 */
export function statusMeaning(sw: number): string {
  return meaning(sw)?.text ?? "unknown status";
}

/** The return code of PC/SC that says the same; undefined where none does. */
export function statusScardName(sw: number): ScardName | undefined {
  return meaning(sw)?.scardName;
}

/** The counter in 63Cx; undefined in any other status. */
export function retriesLeft(sw: number): number | undefined {
  return (sw & 0xfff0) === 0x63c0 ? sw & 0x0f : undefined;
}

/** SW1 SW2 as four hexadecimal digits. */
export function statusText(sw: number): string {
  return sw.toString(16).toUpperCase().padStart(4, "0");
}
