/**
 * What Wireshark's SIM dissector can make of commands that are not for SIMs.
 *
 * @module
 */

import type { CommandForm } from "./apdu_reading.ts";

/**
 * How a command and its answer are best shown: "whole" in one packet, "apart" in two,
 * or "raw": the command as mere bytes, since the dissector would take its data for
 * something else and call the packet malformed.
 */
export type Dissection = "whole" | "apart" | "raw";

const INS_AUTHENTICATE = 0x88;
const INS_ENVELOPE = 0xc2;
const INS_FETCH = 0x12;
/** TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, GET IDENTITY: instructions of toolkits, in proprietary classes. */
const TOOLKIT: ReadonlySet<number> = new Set([0x10, INS_FETCH, 0x14, 0x78]);
/** Instructions of which the dissector knows that P3 counts what comes back: READ BINARY, READ RECORD, GET CHALLENGE, GET RESPONSE, GET DATA, FETCH. */
const READS: ReadonlySet<number> = new Set([
  0xb0,
  0xb2,
  0x84,
  0xc0,
  0xca,
  INS_FETCH,
]);
const FIRST_PROPRIETARY_CLASS = 0x80;
/** AUTHENTICATE of a USIM has RAND and AUTN, each behind its length (3GPP TS 31.102). */
const RAND_BYTES = 16;
const RAND_AT = 0;
const AUTN_AT = 1 + RAND_BYTES;
const STATUS_BYTES = 2;

function isUsimAuthenticate(command: Uint8Array, form: CommandForm): boolean {
  const { dataAt, nc } = form;
  return nc === 2 * (1 + RAND_BYTES) &&
    command[dataAt + RAND_AT] === RAND_BYTES &&
    command[dataAt + AUTN_AT] === RAND_BYTES;
}

/** How to show `command`, whose form is `form`, with an answer of so many bytes. */
export function dissectionOf(
  command: Uint8Array,
  form: CommandForm | null,
  responseBytes: number,
): Dissection {
  if (form === null) return "raw";
  const [cla, ins] = command;
  if (ins === INS_AUTHENTICATE && !isUsimAuthenticate(command, form)) {
    return "raw";
  }
  if (TOOLKIT.has(ins) && cla < FIRST_PROPRIETARY_CLASS) return "raw";
  if (form.isExtended) return ins === INS_ENVELOPE ? "raw" : "whole";
  if (form.nc > 0) return "whole";
  // The dissector takes P3 bytes for data where fewer, or none, came.
  const dataBytes = Math.max(responseBytes - STATUS_BYTES, 0);
  const p3 = command.length === 4 ? 0 : command[4];
  const isShort = p3 > dataBytes || ins === INS_FETCH && dataBytes === 0;
  if (!isShort) return "whole";
  return READS.has(ins) ? "apart" : "raw";
}
